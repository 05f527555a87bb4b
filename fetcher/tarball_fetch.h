// Package archives: downloaded largest first, verified and unpacked into the store on workers.
//
// Loop thread only. `done` is called exactly once, never from inside fetch(); not after
// destruction.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cache/store.h"
#include "cache/worker_pool.h"
#include "core/base/result.h"
#include "core/model/integrity.h"
#include "fetcher/http_session.h"
#include "fetcher/loop.h"
#include "fetcher/registry_addresses.h"

namespace hod::fetcher {

// Who wrote an archive's address down.
enum class AddressSource : std::uint8_t {
  registry,  // dist.tarball, or a lockfile made of it: held to the rules of registry_addresses.h
  user,      // a manifest of the project: fetched as given; name and version may be unknown
};

struct TarballRequest {
  std::string name, version;
  std::string url;      // "" = by the registry's rule: <registry>/<name>/-/<base>-<version>.tgz
  Integrity integrity;  // may be empty: then whatever comes is stored and its SHA-512 returned
  std::uint64_t size_hint = 0;                     // any measure of size that is the same for all
  AddressSource source = AddressSource::registry;  // who wrote `url`
};

class TarballFetch {
 public:
  // References must outlive it.
  TarballFetch(Loop& loop, HttpSession& session, cache::WorkerPool& pool, cache::Store& store,
               const RegistryAddresses& addresses, bool offline);
  ~TarballFetch();

  using Done = std::function<void(Result<cache::StoredPackagePtr>)>;
  void fetch(TarballRequest request, Done done);

  // What the user should know once, since the last call: archives on hosts without a login.
  std::vector<std::string> take_notices();

 private:
  struct State;
  std::shared_ptr<State> state_;  // jobs on workers hold weak references
};

}  // namespace hod::fetcher
