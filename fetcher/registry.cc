// SPDX-License-Identifier: MIT
// Puts the parts of the protocol together; each has its own file.
#include "fetcher/registry.h"

#include <random>
#include <utility>

#include "fetcher/registry_addresses.h"

namespace hod::fetcher {

namespace {

SessionSettings session_settings(const NetworkSettings& network, std::int64_t now) {
  SessionSettings settings;
  settings.credentials = network.credentials;
  settings.retry.retries = network.retries;
  settings.retry.stall = network.stall_timeout;
  settings.max_connections = network.max_connections;
  settings.now = now;
  settings.random = [engine = std::minstd_rand(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
  };
  return settings;
}

}  // namespace

struct Registry::State {
  RegistryAddresses addresses;
  HttpSession session;
  MetadataFetch metadata;
  TarballFetch tarballs;

  State(Loop& loop, HttpClient& http, cache::WorkerPool& pool, OpenMetadataCache cache,
        cache::Store& store, const NetworkSettings& settings, std::int64_t now)
      : addresses(settings.default_registry, settings.scopes, settings.replace_registry_host),
        session(loop, http, session_settings(settings, now)),
        metadata(loop, session, pool, std::move(cache), addresses,
                 {settings.offline, settings.prefer_offline, settings.prefer_online, now}),
        tarballs(loop, session, pool, store, addresses, settings.offline) {}
};

Registry::Registry(Loop& loop, HttpClient& http, cache::WorkerPool& pool,
                   OpenMetadataCache metadata, cache::Store& store, NetworkSettings settings,
                   std::int64_t now)
    : state_(std::make_unique<State>(loop, http, pool, std::move(metadata), store, settings, now)) {
}

Registry::~Registry() = default;

void Registry::metadata(const PackageName& name, Freshness freshness, MetadataDone done) {
  state_->metadata.fetch(name, freshness, std::move(done));
}

void Registry::tarball(TarballRequest request, TarballDone done) {
  state_->tarballs.fetch(std::move(request), std::move(done));
}

std::string Registry::tarball_url(const PackageName& name, std::string_view version) const {
  return state_->addresses.tarball_url(name, version);
}

std::string Registry::lockfile_tarball(const PackageName& name, std::string_view version,
                                       std::string_view dist_tarball) const {
  return state_->addresses.lockfile_tarball(name, version, dist_tarball);
}

const NetworkStatistics& Registry::statistics() const { return state_->session.statistics(); }

std::string Registry::slowest() const { return state_->session.slowest(); }

std::vector<std::string> Registry::take_notices() { return state_->tarballs.take_notices(); }

HttpSession& Registry::session() { return state_->session; }

}  // namespace hod::fetcher
