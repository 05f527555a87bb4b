#include "fetcher/tarball_fetch.h"

#include <filesystem>
#include <string>
#include <vector>

#include "fetcher/registry_scene_test.h"

using namespace hod;
using namespace hod::fetcher;

namespace {
const std::string kAddress = kRegistry + "a/-/a-1.0.0.tgz";
}

TEST_CASE("an archive is fetched by the rule, verified and stored") {
  TestCaches caches;
  RegistryScene scene(caches);
  std::string bytes = archive("a", "1.0.0");
  scene.http.answer(kAddress, reply(bytes));
  auto package = must(scene.tarball(tarball_request("a", "1.0.0", bytes)));
  CHECK(package->manifest_name == "a");
  CHECK(must(read_file(package->folder + "/index.js")) == "module.exports = 1\n");
  CHECK_FALSE(scene.http.asked[0].accept_compressed);
}

TEST_CASE("T-NET-11 wrong bytes are asked for once more on a new connection, then refused") {
  TestCaches caches;
  RegistryScene scene(caches);
  std::string bytes = archive("a", "1.0.0");
  SUBCASE("once") {
    scene.http.answer(kAddress, reply(archive("a", "1.0.0", "evil")))
        .answer(kAddress, reply(bytes));
    CHECK(must(scene.tarball(tarball_request("a", "1.0.0", bytes)))->manifest_name == "a");
    CHECK(scene.http.asked[1].fresh_connection);
    CHECK(scene.registry->statistics().retries == 1);
  }
  SUBCASE("twice") {
    scene.http.answer(kAddress, reply(archive("a", "1.0.0", "evil")));
    auto result = scene.tarball(tarball_request("a", "1.0.0", bytes));
    REQUIRE_FALSE(result);
    CAPTURE(result.error().text());
    CHECK(result.error().code() == ErrorCode::integrity_mismatch);
    CHECK(result.error().text().find("a@1.0.0") != std::string::npos);
    CHECK(result.error().text().find(kAddress) != std::string::npos);
    CHECK(scene.http.asked.size() == 2);
  }
  SUBCASE("a web page instead") {
    scene.http.answer(kAddress, reply("<html>log in</html>")).answer(kAddress, reply(bytes));
    CHECK(must(scene.tarball(tarball_request("a", "1.0.0", bytes)))->manifest_name == "a");
  }
}

TEST_CASE("an archive that is gone is named") {
  TestCaches caches;
  RegistryScene scene(caches);
  auto result = scene.tarball(tarball_request("a", "1.0.0", "x"));
  REQUIRE_FALSE(result);
  CHECK(result.error().code() == ErrorCode::version_not_found);
  CHECK(result.error().what().find("a@1.0.0") != std::string::npos);
}

TEST_CASE("offline no archive is fetched") {
  TestCaches caches;
  NetworkSettings offline = test_network();
  offline.offline = true;
  RegistryScene scene(caches, offline);
  auto result = scene.tarball(tarball_request("a", "1.0.0", "x"));
  REQUIRE_FALSE(result);
  CHECK(result.error().code() == ErrorCode::offline_missing);
  CHECK(scene.http.asked.empty());
}

TEST_CASE("the largest archives go first") {
  TestCaches caches;
  NetworkSettings settings = test_network();
  settings.max_connections = 1;
  RegistryScene scene(caches, settings);
  int answers = 0;
  for (int i = 0; i < 4; ++i) {
    std::string name = "p" + std::to_string(i);
    std::string bytes = archive(name, "1.0.0");
    scene.http.answer(kRegistry + name + "/-/" + name + "-1.0.0.tgz", reply(bytes));
    TarballRequest request = tarball_request(name, "1.0.0", bytes);
    request.size_hint = static_cast<std::uint64_t>(i) << 20;
    scene.registry->tarball(std::move(request), [&](auto got) {
      CHECK(got.has_value());
      ++answers;
    });
  }
  scene.wait([&] { return answers == 4; });
  std::vector<std::string> order;
  for (const HttpRequest& asked : scene.http.asked) order.push_back(asked.url.path.substr(1, 2));
  CHECK(order == std::vector<std::string>{"p0", "p3", "p2", "p1"});
}

TEST_CASE("T-NET-02 an archive on another host gets that host's login or none, and one notice") {
  TestCaches caches;
  NetworkSettings settings = test_network();
  Url registry = must(Url::parse(kRegistry));
  Url files = must(Url::parse("https://files.example/"));
  settings.credentials = {{registry.origin, "/", "Bearer registry", "", ""}};
  auto fetch = [&](NetworkSettings with) {
    RegistryScene scene(caches, std::move(with));
    std::string bytes = archive("a", "1.0.0");
    scene.http.answer("https://files.example/a.tgz", reply(bytes));
    scene.http.answer("https://files.example/b.tgz", reply(bytes));
    TarballRequest request = tarball_request("a", "1.0.0", bytes);
    request.url = "https://files.example/a.tgz";
    must(scene.tarball(request));
    request.url = "https://files.example/b.tgz";
    must(scene.tarball(request));
    return std::pair(scene.header_of(0, "authorization"), scene.registry->take_notices());
  };
  auto [none, notices] = fetch(settings);
  CHECK(none.empty());
  REQUIRE(notices.size() == 1);
  CHECK(notices[0].find("files.example") != std::string::npos);
  settings.credentials.push_back({files.origin, "/", "Bearer files", "", ""});
  auto [own, silence] = fetch(settings);
  CHECK(own == "Bearer files");
  CHECK(silence.empty());
}

TEST_CASE("an archive a manifest names by address may be of unknown name and without digest") {
  TestCaches caches;
  RegistryScene scene(caches);
  std::string bytes = archive("direct", "3.0.0");
  scene.http.answer("http://files.example/x.tgz", reply(bytes));
  TarballRequest request;
  request.url = "http://user:pw@files.example/x.tgz";
  request.source = AddressSource::user;
  auto package = must(scene.tarball(request));
  CHECK(package->manifest_name == "direct");
  CHECK(package->digest == TarballDigest::of(integrity_of(bytes)));
  CHECK(scene.header_of(0, "authorization") == "Basic dXNlcjpwdw==");
  request.source = AddressSource::registry;
  request.name = "direct";
  CHECK(scene.tarball(request).error().code() == ErrorCode::source_refused);
}
