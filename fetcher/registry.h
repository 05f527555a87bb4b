// The registry protocol: packuments and tarballs, verified and cached. Loop thread only; heavy work
// goes to the pool. No `done` is called from inside the call that took it, and none after the
// Registry is gone.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cache/metadata_cache.h"
#include "cache/store.h"
#include "cache/worker_pool.h"
#include "core/base/result.h"
#include "core/model/package_metadata.h"
#include "core/model/package_name.h"
#include "fetcher/credentials.h"
#include "fetcher/http_client.h"
#include "fetcher/http_session.h"
#include "fetcher/loop.h"
#include "fetcher/metadata_fetch.h"
#include "fetcher/tarball_fetch.h"

namespace hod::fetcher {

struct NetworkSettings {
  std::string default_registry;               // ends with "/"
  std::map<std::string, std::string> scopes;  // "@scope" → registry
  std::vector<Credential> credentials;
  // dist.tarball addresses on this host go to the configured registry: "<host>", "always" or
  // "never"; the build's default registry's host unless set.
  std::string replace_registry_host;
  std::string proxy, https_proxy, no_proxy;
  std::vector<std::string> ca_files;         // cafile, NODE_EXTRA_CA_CERTS
  std::vector<std::string> ca_certificates;  // PEM texts
  bool strict_ssl = true;
  std::string user_agent;
  unsigned max_connections = 96;  // in all; per origin the same
  unsigned retries = 3;
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds stall_timeout{30'000};
  bool offline = false;
  bool prefer_offline = false;
  bool prefer_online = false;  // what is fresh in the cache is asked for again all the same
};

class Registry {
 public:
  // References must outlive the Registry. `now`: seconds since the epoch, for cache ages.
  Registry(Loop& loop, HttpClient& http, cache::WorkerPool& pool, OpenMetadataCache metadata,
           cache::Store& store, NetworkSettings settings, std::int64_t now);
  ~Registry();

  // From cache when fresh, revalidated by ETag, or fetched: abbreviated where the registry has it.
  // One request a name. Errors: package_not_found, unauthorized, forbidden, registry_answer,
  // network_*, offline_missing, metadata_invalid.
  using MetadataDone = MetadataFetch::Done;
  void metadata(const PackageName& name, Freshness freshness, MetadataDone done);

  // Downloads (largest first among the queued), verifies and unpacks into the store on a worker.
  // A wrong digest is tried once more on a fresh connection, then integrity_mismatch naming the
  // URL.
  using TarballRequest = fetcher::TarballRequest;
  using TarballDone = TarballFetch::Done;
  void tarball(TarballRequest request, TarballDone done);

  // Where a package of this name and version lies by the rule
  // <registry>/<name>/-/<base>-<version>.tgz. The lockfile omits addresses that equal it.
  std::string tarball_url(const PackageName& name, std::string_view version) const;
  // dist.tarball as it is to be stored in the lockfile: "" when by the rule (host replaced or not),
  // else as given.
  std::string lockfile_tarball(const PackageName& name, std::string_view version,
                               std::string_view dist_tarball) const;

  const NetworkStatistics& statistics() const;
  // What is being waited for longest, for the progress line: "typescript 5.9.2".
  std::string slowest() const;
  // What the user should know once, since the last call.
  std::vector<std::string> take_notices();

  // For what else speaks to registries (publish, login, archives from other places).
  HttpSession& session();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hod::fetcher
