// SPDX-License-Identifier: MIT
#include "cli/services.h"

#include <chrono>

#include "cache/store_layout.h"
#include "core/base/file.h"
#include "core/model/specifier.h"
#include "fetcher/token_helpers.h"

namespace hod::cli {

namespace {

fetcher::CurlSettings curl_settings(const fetcher::NetworkSettings& network) {
  fetcher::CurlSettings out;
  out.proxy = network.proxy;
  out.https_proxy = network.https_proxy;
  out.no_proxy = network.no_proxy;
  out.ca_files = network.ca_files;
  out.ca_certificates = network.ca_certificates;
  out.strict_ssl = network.strict_ssl;
  out.user_agent = network.user_agent;
  out.max_connections = network.max_connections;
  out.spare_connections = network.max_connections / 2;
  out.connect_timeout = network.connect_timeout;
  out.stall_timeout = network.stall_timeout;
  return out;
}

std::int64_t seconds_since_epoch() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Services::Services(const InstallOptions& options) : options_(options) {}

Services::~Services() = default;

cache::WorkerPool& Services::pool() {
  if (!pool_) {
    pool_ = std::make_unique<cache::WorkerPool>();
    pool_->set_wake([&wakes = loop()] { wakes.wake(); });
    loop().set_on_wake([this] { pool_->drain(); }, [this] { return pool_->pending() > 0; });
  }
  return *pool_;
}

fetcher::Loop& Services::loop() {
  if (!loop_) {
    loop_ = std::make_unique<fetcher::Loop>();
    loop_->on_signals([this](int) { interrupted_ = true; });
  }
  return *loop_;
}

Result<cache::Store*> Services::store() {
  if (!store_) {
    HOD_TRY(store_, cache::Store::open(options_.cache_root, options_.store));
  }
  return store_.get();
}

Result<cache::MetadataCache*> Services::metadata() {
  if (!metadata_) {
    const auto owner =
        options_.store.trust_owner ? cache::CacheOwner::trust : cache::CacheOwner::check;
    HOD_TRY(metadata_,
            cache::MetadataCache::open(options_.cache_root, owner, options_.store.layer));
  }
  return metadata_.get();
}

Result<fetcher::Registry*> Services::registry() {
  if (!registry_) {
    HOD_TRY(cache::Store * opened, store());
    fetcher::NetworkSettings network = options_.network;
    if (!network.offline)
      HOD_CHECK(fetcher::run_token_helpers(network.credentials, options_.environment));
    http_ = std::make_unique<fetcher::CurlClient>(loop(), curl_settings(options_.network));
    registry_ = std::make_unique<fetcher::Registry>(
        loop(), *http_, pool(), [this] { return metadata(); }, *opened, std::move(network),
        seconds_since_epoch());
  }
  return registry_.get();
}

void Services::expect_packages() {
  if (options_.network.offline ||
      file_exists(cache::StoreLayout::of_layer(options_.cache_root).index()))
    return;
  pool().submit(
      []() -> cache::WorkerPool::Continuation {
        fetcher::CurlClient::preload();
        return {};
      },
      cache::WorkerPool::Order::next);
}

void Services::fetch_archive(fetcher::Registry::TarballRequest request,
                             fetcher::Registry::TarballDone done) {
  HOD_ASSERT(registry_ != nullptr);
  const auto digest = TarballDigest::of(request.integrity);
  if (!digest || options_.network.offline) {
    registry_->tarball(std::move(request), std::move(done));
    return;
  }
  if (!shared_) shared_ = std::make_unique<SharedDownloads>(*store_, loop());
  auto fetch = [this, digest = *digest, request = std::move(request), done] {
    registry_->tarball(request, [this, digest, done](Result<cache::StoredPackagePtr> stored) {
      shared_->done(digest);
      done(std::move(stored));
    });
  };
  shared_->ask(*digest, {std::move(fetch),
                         [done](cache::StoredPackagePtr stored) { done(std::move(stored)); }});
}

void Services::fetch_git(const std::string& location, std::string what,
                         fetcher::GitSource::Done done) {
  auto later = [this](std::function<void()> call) {
    loop().after(std::chrono::milliseconds{0}, std::move(call));
  };
  if (auto known = from_git_.find(location); known != from_git_.end()) {
    return later([done, package = known->second] { done(package); });
  }
  auto specifier = Specifier::parse(location);
  const auto* git = specifier ? specifier->as<GitSpecifier>() : nullptr;
  auto opened = registry();
  if (git == nullptr || !opened) {
    auto error = std::make_shared<Error>(
        opened ? Error(ErrorCode::specifier_invalid, "`" + location + "` is no git address")
               : std::move(opened.error()));
    return later([done, error] { done(failure(error->clone())); });
  }
  if (!git_) {
    fetcher::GitSettings settings;
    settings.environment = options_.environment;
    settings.offline = options_.network.offline;
    settings.commits_only = options_.frozen;
    git_ = std::make_unique<fetcher::GitSource>(loop(), registry_->session(), pool(), *store_,
                                                std::move(settings));
  }
  git_->fetch(*git, std::move(what), [this, location, done](Result<fetcher::GitPackage> package) {
    if (package) {
      from_git_.insert_or_assign(location, *package);
      from_git_.insert_or_assign(package->location, *package);
    }
    done(std::move(package));
  });
}

Result<void> Services::run_until(const std::function<bool()>& finished) {
  loop().run_until([&] { return interrupted_ || finished(); });
  if (!interrupted_) return {};
  return failure(Error(ErrorCode::interrupted, "stopped")
                     .hint("nothing is half-written; the same command takes it up again"));
}

Result<void> Services::check_interrupted() {
  if (!loop_) return {};
  bool turned = false;
  loop_->after(std::chrono::milliseconds{0}, [&] { turned = true; });
  return run_until([&] { return turned; });
}

Result<void> Services::flush() {
  if (metadata_) HOD_CHECK(metadata_->flush());
  if (store_) HOD_CHECK(store_->flush());
  return {};
}

std::optional<fetcher::NetworkStatistics> Services::network() const {
  if (!registry_) return std::nullopt;
  return registry_->statistics();
}

std::vector<std::string> Services::take_notices() {
  return registry_ ? registry_->take_notices() : std::vector<std::string>{};
}

std::string Services::slowest() const { return registry_ ? registry_->slowest() : ""; }

}  // namespace hod::cli
