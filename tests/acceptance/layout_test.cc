// SPDX-License-Identifier: MIT
// Both layouts, and which one a project gets.
#include <algorithm>

#include <doctest/doctest.h>

#include "tests/support/hod_scene.h"

using namespace hod::tests;

namespace {

constexpr const char* kManifest =
    R"({"dependencies":{"needs-plain":"1","needs-new-plain":"1","plug":"1"}})";
constexpr const char* kCode =
    "console.log(require('needs-plain'), require('needs-new-plain'), require('plug'))";
constexpr const char* kAnswer =
    "needs-plain@1.0.0 > plain@1.1.0 needs-new-plain@1.0.0 > plain@2.0.0 plug@1.0.0 in "
    "host@1.0.0\n";

}  // namespace

TEST_CASE(
    "isolated: only direct dependencies stand at the top, everything finds what it declared") {
  HodScene scene;
  scene.write("package.json", kManifest);
  REQUIRE(scene.hod({"install", "--layout=isolated"}).exit_code == 0);
  CHECK(scene.node(kCode) == kAnswer);
  CHECK(scene.is_link("node_modules/needs-plain"));
  CHECK_FALSE(scene.exists("node_modules/plain"));
}

TEST_CASE("hoisted: real folders, one version at the top and the other nested") {
  HodScene scene;
  scene.write("package.json", kManifest);
  REQUIRE(scene.hod({"install", "--layout=hoisted"}).exit_code == 0);
  CHECK(scene.node(kCode) == kAnswer);
  CHECK_FALSE(scene.is_link("node_modules/needs-plain"));
  CHECK(scene.exists("node_modules/plain/index.js"));
  CHECK_FALSE(scene.exists("node_modules/.hod/plain@1.1.0"));
}

TEST_CASE("a project can change its layout, there and back") {
  HodScene scene;
  scene.write("package.json", kManifest);
  REQUIRE(scene.hod({"install", "--layout=isolated"}).exit_code == 0);
  std::vector<std::string> isolated = scene.tree();
  std::string lock = scene.read("hod.lock");
  REQUIRE(scene.hod({"install", "--layout=hoisted"}).exit_code == 0);
  CHECK(scene.node(kCode) == kAnswer);
  CHECK(scene.read("hod.lock") == lock);
  REQUIRE(scene.hod({"install", "--layout=isolated"}).exit_code == 0);
  CHECK(scene.tree() == isolated);
}

TEST_CASE("a project with npm's lockfile is laid out as npm does it") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":"1"}})");
  scene.write("package-lock.json", "{}");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  CHECK_FALSE(scene.is_link("node_modules/plain"));
  CHECK(scene.hod({"install"}).err.find("up to date") != std::string::npos);
}

TEST_CASE("the layout can be set in the project's .npmrc, and a changed setting is noticed") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":"1"}})");
  scene.write(".npmrc", "layout=hoisted\n");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  CHECK_FALSE(scene.is_link("node_modules/plain"));
  scene.write(".npmrc", "layout=isolated\n");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  CHECK(scene.is_link("node_modules/plain"));
}
