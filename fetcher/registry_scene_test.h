// A registry client with everything real but the network, for tests: loop, pool, store, metadata
// cache in a folder of their own, answers by script.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "cache/hash.h"
#include "cache/metadata_cache.h"
#include "cache/store.h"
#include "cache/tarball_maker_test.h"
#include "cache/test_folder.h"
#include "cache/worker_pool.h"
#include "fetcher/loop.h"
#include "fetcher/registry.h"
#include "tests/support/scripted_http.h"

namespace hod::fetcher {

constexpr std::int64_t kTestNow = 1'795'178'880;  // 2026-11-20 12:48:00 UTC
const std::string kRegistry = "https://registry.example/";

inline NetworkSettings test_network() {
  NetworkSettings settings;
  settings.default_registry = kRegistry;
  settings.replace_registry_host = "never";
  return settings;
}

// What outlives one run of the program: the caches.
struct TestCaches {
  cache::TestFolder folder;
  std::unique_ptr<cache::Store> store = must(cache::Store::open(folder.path()));
  std::unique_ptr<cache::MetadataCache> metadata = must(cache::MetadataCache::open(folder.path()));

  OpenMetadataCache opener() {
    return [this]() -> Result<cache::MetadataCache*> { return metadata.get(); };
  }
};

// One run.
class RegistryScene {
 public:
  explicit RegistryScene(TestCaches& caches, NetworkSettings settings = test_network(),
                         std::int64_t now = kTestNow)
      : pool(2) {
    pool.set_wake([this] { loop.wake(); });
    loop.set_on_wake([this] { pool.drain(); }, [this] { return pool.pending() > 0; });
    registry.emplace(loop, http, pool, caches.opener(), *caches.store, std::move(settings), now);
  }

  void wait(const std::function<bool()>& finished) {
    bool late = false;
    auto limit = loop.after(std::chrono::seconds(20), [&] { late = true; });
    loop.run_until([&] { return finished() || late; });
    loop.cancel(limit);
    REQUIRE_FALSE(late);
  }

  Result<PackageMetadata> metadata(const char* name, Freshness freshness = Freshness::normal) {
    std::optional<Result<PackageMetadata>> result;
    registry->metadata(must(PackageName::parse(name)), freshness,
                       [&](auto got) { result = std::move(got); });
    CHECK_FALSE(result);  // never from inside
    wait([&] { return result.has_value(); });
    return std::move(*result);
  }

  Result<cache::StoredPackagePtr> tarball(TarballRequest request) {
    std::optional<Result<cache::StoredPackagePtr>> result;
    registry->tarball(std::move(request), [&](auto got) { result = std::move(got); });
    CHECK_FALSE(result);
    wait([&] { return result.has_value(); });
    return std::move(*result);
  }

  std::string header_of(std::size_t request, std::string_view name) const {
    const std::string* value = find_header(http.asked.at(request).headers, name);
    return value == nullptr ? "" : *value;
  }

  Loop loop;
  tests::ScriptedHttp http{loop};
  cache::WorkerPool pool;
  std::optional<Registry> registry;
};

inline tests::ScriptedReply reply(std::string body, Headers headers = {}) {
  tests::ScriptedReply made;
  made.body = std::move(body);
  made.headers = std::move(headers);
  return made;
}

inline tests::ScriptedReply reply_status(int status, Headers headers = {}) {
  tests::ScriptedReply made;
  made.status = status;
  made.headers = std::move(headers);
  return made;
}

// A packument with one version; with publish times when `full`.
inline std::string packument(const std::string& name, const std::string& version,
                             bool full = false) {
  std::string times = full ? R"("time":{")" + version + R"(":"2026-01-02T03:04:05.000Z"},)" : "";
  return R"({"name":")" + name + R"(","dist-tags":{"latest":")" + version + R"("},)" + times +
         R"("versions":{")" + version + R"(":{"name":")" + name + R"(","version":")" + version +
         R"(","dist":{"tarball":"https://registry.example/x.tgz","integrity":"sha512-)" +
         std::string(86, 'A') + R"(=="}}}})";
}

// A package's archive.
inline std::string archive(const std::string& name, const std::string& version,
                           const std::string& text = "module.exports = 1\n") {
  std::string manifest = R"({"name":")" + name + R"(","version":")" + version + R"("})";
  return cache::gzipped(cache::tar_file("package/package.json", manifest) +
                        cache::tar_file("package/index.js", text) + cache::tar_end());
}

inline Integrity integrity_of(const std::string& bytes) {
  return Integrity::of(DigestAlgorithm::sha512, cache::digest_of(DigestAlgorithm::sha512, bytes));
}

inline TarballRequest tarball_request(const std::string& name, const std::string& version,
                                      const std::string& bytes) {
  TarballRequest request;
  request.name = name;
  request.version = version;
  request.integrity = integrity_of(bytes);
  return request;
}

}  // namespace hod::fetcher
