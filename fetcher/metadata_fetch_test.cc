#include "fetcher/metadata_fetch.h"

#include <string>

#include "fetcher/registry_scene_test.h"

using namespace hod;
using namespace hod::fetcher;

namespace {
const std::string kA = kRegistry + "a";

std::string latest(Result<PackageMetadata> metadata) {
  if (!metadata) return metadata.error().text();
  return std::string(metadata->version_text(metadata->tag("latest").value_or(0)));
}
}  // namespace

TEST_CASE("metadata is asked for in the abbreviated form, compressed, and kept") {
  TestCaches caches;
  {
    RegistryScene scene(caches);
    scene.http.answer(kA, reply(packument("a", "1.0.0")));
    CHECK(latest(scene.metadata("a")) == "1.0.0");
    CHECK(latest(scene.metadata("a")) == "1.0.0");
    CHECK(scene.http.asked.size() == 1);
    CHECK(scene.http.asked[0].accept_compressed);
    CHECK(scene.header_of(0, "accept") ==
          "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*");
    CHECK(scene.registry->statistics().requests == 1);
  }
  RegistryScene next(caches, test_network(), kTestNow + 299);
  CHECK(latest(next.metadata("a")) == "1.0.0");
  CHECK(next.http.asked.empty());
  CHECK(next.registry->statistics().cache_hits == 1);
}

TEST_CASE("a scoped name goes to its scope's registry, its slash encoded") {
  TestCaches caches;
  NetworkSettings settings = test_network();
  settings.scopes = {{"@acme", "https://acme.example/npm/"}};
  RegistryScene scene(caches, settings);
  scene.http.answer("https://acme.example/npm/@acme%2flib", reply(packument("@acme/lib", "2.0.0")));
  CHECK(latest(scene.metadata("@acme/lib")) == "2.0.0");
}

TEST_CASE("one request a name, however many ask at once") {
  TestCaches caches;
  RegistryScene scene(caches);
  scene.http.answer(kA, reply(packument("a", "1.0.0")));
  int answers = 0;
  for (int i = 0; i < 5; ++i) {
    scene.registry->metadata(must(PackageName::parse("a")), Freshness::normal, [&](auto got) {
      CHECK(latest(std::move(got)) == "1.0.0");
      ++answers;
    });
  }
  scene.wait([&] { return answers == 5; });
  CHECK(scene.http.asked.size() == 1);
}

TEST_CASE("an old entry is revalidated, and counts as new when it is unchanged") {
  TestCaches caches;
  {
    RegistryScene scene(caches);
    scene.http.answer(
        kA, reply(packument("a", "1.0.0"), {{"etag", "\"7\""}, {"last-modified", "yesterday"}}));
    must(scene.metadata("a"));
  }
  SUBCASE("unchanged") {
    RegistryScene scene(caches, test_network(), kTestNow + 301);
    scene.http.answer(kA, reply_status(304));
    CHECK(latest(scene.metadata("a")) == "1.0.0");
    CHECK(scene.header_of(0, "if-none-match") == "\"7\"");
    CHECK(scene.header_of(0, "if-modified-since") == "yesterday");
    CHECK(scene.registry->statistics().revalidated == 1);
    RegistryScene next(caches, test_network(), kTestNow + 500);
    CHECK(latest(next.metadata("a")) == "1.0.0");
    CHECK(next.http.asked.empty());
  }
  SUBCASE("changed") {
    RegistryScene scene(caches, test_network(), kTestNow + 301);
    scene.http.answer(kA, reply(packument("a", "1.1.0")));
    CHECK(latest(scene.metadata("a")) == "1.1.0");
  }
  SUBCASE("a clock that went back makes nothing fresh") {
    RegistryScene scene(caches, test_network(), kTestNow - 10);
    scene.http.answer(kA, reply_status(304));
    CHECK(latest(scene.metadata("a")) == "1.0.0");
    CHECK(scene.http.asked.size() == 1);
  }
}

TEST_CASE("how long an answer stays fresh is the registry's to say, within a day") {
  auto fresh = [](const char* control, const char* age = "") {
    return freshness_of({{"cache-control", control}, {"age", age}});
  };
  CHECK(fresh("public, max-age=300") == 300);
  CHECK(fresh("Public, Max-Age=300", "100") == 200);
  CHECK(fresh("max-age=300", "400") == -1);
  CHECK(fresh("max-age=0") == -1);
  CHECK(fresh("private, no-cache") == -1);
  CHECK(fresh("no-store, max-age=300") == -1);
  CHECK(fresh("max-age=99999999999999999999") == 86400);
  CHECK(fresh("s-maxage=60") == 0);
  CHECK(fresh("max-age=nonsense") == -1);
  CHECK(freshness_of({}) == 0);
}

TEST_CASE("a full document is fetched when publish times are needed, and kept for both uses") {
  TestCaches caches;
  RegistryScene scene(caches);
  scene.http.answer(kA, reply(packument("a", "1.0.0")))
      .answer(kA, reply(packument("a", "1.0.0", true)));
  CHECK_FALSE(must(scene.metadata("a")).has_publish_times());
  CHECK(must(scene.metadata("a", Freshness::full_document)).has_publish_times());
  CHECK(scene.header_of(1, "accept") == "application/json");
  CHECK(must(scene.metadata("a")).has_publish_times());
  CHECK(scene.http.asked.size() == 2);
  RegistryScene next(caches);
  CHECK(must(next.metadata("a", Freshness::full_document)).has_publish_times());
  CHECK(next.http.asked.empty());
}

TEST_CASE(
    "offline uses the cache alone, whatever its age; prefer-offline asks for what is missing") {
  TestCaches caches;
  {
    RegistryScene scene(caches);
    scene.http.answer(kA, reply(packument("a", "1.0.0")));
    must(scene.metadata("a"));
  }
  NetworkSettings offline = test_network();
  offline.offline = true;
  RegistryScene without(caches, offline, kTestNow + 1'000'000);
  CHECK(latest(without.metadata("a")) == "1.0.0");
  auto missing = without.metadata("b");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code() == ErrorCode::offline_missing);
  CHECK(missing.error().text().find("`b`") != std::string::npos);
  CHECK(without.http.asked.empty());

  NetworkSettings prefer = test_network();
  prefer.prefer_offline = true;
  RegistryScene some(caches, prefer, kTestNow + 1'000'000);
  some.http.answer(kRegistry + "b", reply(packument("b", "3.0.0")));
  CHECK(latest(some.metadata("a")) == "1.0.0");
  CHECK(latest(some.metadata("b")) == "3.0.0");
  CHECK(some.http.asked.size() == 1);
}

TEST_CASE("T-CACHE-03 what one login may see is not shown to another, nor to another registry") {
  TestCaches caches;
  auto with_token = [](std::string token) {
    NetworkSettings settings = test_network();
    Url url = must(Url::parse(kRegistry));
    if (!token.empty()) settings.credentials = {{url.origin, "/", "Bearer " + token, "", ""}};
    return settings;
  };
  {
    RegistryScene scene(caches, with_token("one"));
    scene.http.answer(kA, reply(packument("a", "1.0.0")));
    must(scene.metadata("a"));
    CHECK(scene.header_of(0, "authorization") == "Bearer one");
  }
  for (const char* other : {"two", ""}) {
    RegistryScene scene(caches, with_token(other));
    scene.http.answer(kA, reply_status(401));
    CHECK(scene.metadata("a").error().code() == ErrorCode::unauthorized);
  }
  RegistryScene again(caches, with_token("one"));
  CHECK(latest(again.metadata("a")) == "1.0.0");
  CHECK(again.http.asked.empty());
  NetworkSettings elsewhere = test_network();
  elsewhere.default_registry = "https://other.example/";
  RegistryScene scene(caches, elsewhere);
  CHECK(scene.metadata("a").error().code() == ErrorCode::package_not_found);
}

TEST_CASE("refusals have their codes and say what was asked for") {
  TestCaches caches;
  RegistryScene scene(caches);
  scene.http.answer(kRegistry + "b", reply_status(403));
  auto missing = scene.metadata("a");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code() == ErrorCode::package_not_found);
  CHECK(missing.error().where() == kA);
  CHECK(scene.metadata("b").error().code() == ErrorCode::forbidden);
}

TEST_CASE("T-NET-11 broken metadata is asked for once more, then it is an error") {
  TestCaches caches;
  RegistryScene scene(caches);
  std::string whole = packument("a", "1.0.0");
  SUBCASE("cut short once") {
    scene.http.answer(kA, reply(whole.substr(0, whole.size() / 2))).answer(kA, reply(whole));
    CHECK(latest(scene.metadata("a")) == "1.0.0");
    CHECK(scene.http.asked[1].fresh_connection);
  }
  SUBCASE("a captive portal's page once") {
    scene.http.answer(kA, reply("<html>log in</html>")).answer(kA, reply(whole));
    CHECK(latest(scene.metadata("a")) == "1.0.0");
  }
  SUBCASE("a captive portal's page, compressed, always") {
    scene.http.answer(kA, reply(cache::gzipped("<html>log in</html>")));
    auto result = scene.metadata("a");
    REQUIRE_FALSE(result);
    CHECK(result.error().what().find("a web page came") != std::string::npos);
  }
  SUBCASE("compressed and cut short once") {
    std::string packed = cache::gzipped(whole);
    scene.http.answer(kA, reply(packed.substr(0, packed.size() / 2))).answer(kA, reply(packed));
    CHECK(latest(scene.metadata("a")) == "1.0.0");
  }
  SUBCASE("always") {
    scene.http.answer(kA, reply(whole.substr(0, whole.size() / 2)));
    auto result = scene.metadata("a");
    REQUIRE_FALSE(result);
    CHECK(result.error().code() == ErrorCode::metadata_invalid);
    CHECK(scene.http.asked.size() == 2);
  }
  SUBCASE("another package's") {
    scene.http.answer(kA, reply(packument("b", "1.0.0")));
    CHECK(scene.metadata("a").error().code() == ErrorCode::metadata_invalid);
  }
}

TEST_CASE("compressed metadata is inflated; T-NET-14 a bomb is refused") {
  TestCaches caches;
  RegistryScene scene(caches);
  scene.http.answer(kA, reply(cache::gzipped(packument("a", "1.0.0"))));
  CHECK(latest(scene.metadata("a")) == "1.0.0");
  std::string bomb = cache::gzipped(std::string(65 << 20, ' '));
  CHECK(bomb.size() < 100'000);
  scene.http.answer(kRegistry + "b", reply(bomb));
  auto result = scene.metadata("b");
  REQUIRE_FALSE(result);
  CHECK(result.error().what().find("swells") != std::string::npos);
}

TEST_CASE("a malformed registry address is told, not crashed on") {
  TestCaches caches;
  NetworkSettings settings = test_network();
  settings.default_registry = "nonsense";
  RegistryScene scene(caches, settings);
  CHECK(scene.metadata("a").error().code() == ErrorCode::config_invalid);
}

TEST_CASE("a registry that ends with requests open tells nobody") {
  TestCaches caches;
  RegistryScene scene(caches);
  scene.pool.set_wake([] {});  // however soon a worker is done: not before the registry's end
  scene.http.answer(kA, reply(packument("a", "1.0.0")));
  scene.registry->metadata(must(PackageName::parse("a")), Freshness::normal,
                           [](auto) { FAIL("told"); });
  scene.wait([&] { return scene.pool.pending() > 0; });
  scene.registry.reset();
  scene.pool.run_all();
}
