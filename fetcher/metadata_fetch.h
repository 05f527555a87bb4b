// Packuments: from the cache when fresh, revalidated, or fetched and parsed on a worker. One
// request a name, however many ask.
//
// Loop thread only. `done` is called exactly once, never from inside fetch(); not after
// destruction.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "cache/metadata_cache.h"
#include "cache/worker_pool.h"
#include "core/base/result.h"
#include "core/model/package_metadata.h"
#include "core/model/package_name.h"
#include "fetcher/http_session.h"
#include "fetcher/loop.h"
#include "fetcher/registry_addresses.h"

namespace hod::fetcher {

enum class Freshness : std::uint8_t { normal, full_document };  // full_document: publish times too

struct MetadataPolicy {
  bool offline = false;         // the cache alone
  bool prefer_offline = false;  // the cache at any age, the network for what is missing
  bool prefer_online = false;   // the cache only after asking whether it is current
  std::int64_t now = 0;         // seconds since the epoch
};

// Opens the cache at the first question: an install by lockfile asks none.
using OpenMetadataCache = std::function<Result<cache::MetadataCache*>()>;

class MetadataFetch {
 public:
  // References must outlive it.
  MetadataFetch(Loop& loop, HttpSession& session, cache::WorkerPool& pool,
                OpenMetadataCache open_cache, const RegistryAddresses& addresses,
                MetadataPolicy policy);
  ~MetadataFetch();

  using Done = std::function<void(Result<PackageMetadata>)>;
  void fetch(const PackageName& name, Freshness freshness, Done done);

 private:
  struct State;
  std::shared_ptr<State> state_;  // jobs on workers hold weak references
};

// How long an answer stays fresh, from Cache-Control and Age, in seconds: 0 when it does not say,
// negative when it has to be asked for again each time.
std::int64_t freshness_of(const Headers& headers);

}  // namespace hod::fetcher
