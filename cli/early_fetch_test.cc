// SPDX-License-Identifier: MIT
#include "cli/early_fetch.h"

#include <optional>

#include <doctest/doctest.h>

#include "cli/offline_scene_test.h"

using namespace hod;
using namespace hod::cli;

namespace {

const std::string kManifest = R"({"name":"a","version":"1.0.0"})";

struct Scene : OfflineScene {
  std::unique_ptr<EarlyFetch> early = std::make_unique<EarlyFetch>(*services, options.platform);

  static EarlyFetch::Release release(std::string integrity, PlatformNeeds needs = {}) {
    VersionFacts facts;
    facts.version = "1.0.0";
    facts.integrity = std::move(integrity);
    facts.platform = std::move(needs);
    PackageMetadataBuilder builder("a");
    builder.add_version(std::move(facts));
    return {make_package_metadata(std::move(builder)), "1.0.0"};
  }

  static GraphPackage package(std::string integrity) {
    GraphPackage out;
    out.name = "a";
    out.version = "1.0.0";
    out.integrity = std::move(integrity);
    return out;
  }
};

}  // namespace

TEST_CASE("what is expected and lies in the store is handed over at once") {
  Scene scene;
  std::string bytes = archive_of(kManifest);
  scene.store(bytes);
  must(scene.early->expect({Scene::release(sri(bytes))}));
  int taken = 0;
  for (int context = 0; context < 2; ++context) {
    CHECK(scene.early->take(Scene::package(sri(bytes)), [&](auto package, auto whence) {
      CHECK(must(std::move(package))->manifest_name == "a");
      CHECK(whence == EarlyFetch::Whence::store);
      ++taken;
    }));
  }
  CHECK(taken == 2);
}

TEST_CASE("what was not expected, in just these bytes, is not handed over") {
  Scene scene;
  const auto never = [](auto, auto) { FAIL("handed over"); };
  must(scene.early->expect({Scene::release(sri("some bytes"))}));
  CHECK_FALSE(scene.early->take(Scene::package(sri("other bytes")), never));
  GraphPackage elsewhere = Scene::package(sri("some bytes"));
  elsewhere.source = {PackageSource::Kind::tarball_url, "https://registry.example/a.tgz"};
  CHECK_FALSE(scene.early->take(elsewhere, never));
}

TEST_CASE("only what can be proved and can run here is asked for") {
  Scene scene;
  const auto never = [](auto, auto) { FAIL("handed over"); };
  std::string sha1 = "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=";
  must(scene.early->expect(
      {Scene::release(""), Scene::release(sha1), Scene::release(sri("x"), {{"win32"}, {}, {}})}));
  for (const std::string& integrity : {std::string(), sha1, sri("x")}) {
    CHECK_FALSE(scene.early->take(Scene::package(integrity), never));
  }
}

TEST_CASE("who takes a package while it is fetched is told its fate, and so is who comes later") {
  Scene scene;
  must(scene.early->expect({Scene::release(sri("x")), Scene::release(sri("x"))}));
  int told = 0;
  const auto count = [&](Result<cache::StoredPackagePtr> package, EarlyFetch::Whence) {
    REQUIRE_FALSE(package);
    CHECK(package.error().code() == ErrorCode::offline_missing);
    ++told;
  };
  CHECK(scene.early->take(Scene::package(sri("x")), count));
  CHECK(scene.early->take(Scene::package(sri("x")), count));
  CHECK(told == 0);
  must(scene.services->run_until([&] { return told > 0; }));
  CHECK(told == 2);
  CHECK(scene.early->take(Scene::package(sri("x")), count));
  CHECK(told == 3);
}

TEST_CASE("requests may outlive whoever guessed") {
  Scene scene;
  must(scene.early->expect({Scene::release(sri("x"))}));
  scene.early.reset();
  bool turned = false;
  scene.services->loop().after(std::chrono::milliseconds(1), [&] { turned = true; });
  must(scene.services->run_until([&] { return turned; }));
}
