// SPDX-License-Identifier: MIT
// hod clean, purge, prune and list: what is installed is shown and taken away.
#include <filesystem>

#include <doctest/doctest.h>

#include "core/base/json.h"
#include "tests/support/hod_scene.h"

using namespace hod;
using namespace hod::tests;

namespace {

void write_workspace(const HodScene& scene) {
  scene.write("package.json", R"({"workspaces":["packages/*"],"dependencies":{"needs-plain":"1"},)"
                              R"("devDependencies":{"tool":"1"}})");
  scene.write("packages/a/package.json",
              R"({"name":"a","version":"1.0.0","dependencies":{"plain":"2"}})");
}

}  // namespace

TEST_CASE("clean removes the node_modules of all members, and only with --lockfile the lockfile") {
  HodScene scene;
  write_workspace(scene);
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  REQUIRE(scene.exists("packages/a/node_modules"));
  HodRun run = scene.hod({"clean"});
  CHECK(run.exit_code == 0);
  CHECK(run.err.find("removed packages/a/node_modules") != std::string::npos);
  CHECK_FALSE(scene.exists("node_modules"));
  CHECK_FALSE(scene.exists("packages/a/node_modules"));
  CHECK_FALSE(scene.exists(".hod-node_modules"));
  CHECK(scene.exists("hod.lock"));
  CHECK(scene.hod({"clean"}).err.find("nothing to remove") != std::string::npos);
  CHECK(scene.hod({"clean", "--lockfile"}).exit_code == 0);
  CHECK_FALSE(scene.exists("hod.lock"));
  CHECK(scene.exists("packages/a/package.json"));
}

TEST_CASE("where there is a script `clean`, hod clean runs it; hod purge does not") {
  HodScene scene;
  scene.write("package.json", R"({"scripts":{"clean":"node -e \"console.log('my own')\""},)"
                              R"("dependencies":{"plain":"1"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  CHECK(scene.hod({"clean"}).out.find("my own") != std::string::npos);
  CHECK(scene.exists("node_modules/plain"));
  REQUIRE(scene.hod({"purge"}).exit_code == 0);
  CHECK_FALSE(scene.exists("node_modules"));
}

TEST_CASE("T-LINK-06 clean follows no symlink out of the project") {
  HodScene scene;
  write_workspace(scene);
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  std::string outside = scene.root() + "/outside";
  std::filesystem::create_directories(outside + "/node_modules/kept");
  SUBCASE("in the place of node_modules") {
    std::filesystem::remove_all(scene / "node_modules");
    std::filesystem::create_directory_symlink(outside + "/node_modules", scene / "node_modules");
    CHECK(scene.hod({"purge"}).exit_code == 0);
    CHECK_FALSE(scene.is_link("node_modules"));
  }
  SUBCASE("within it") {
    std::filesystem::create_directory_symlink(outside, scene / "node_modules/other");
    CHECK(scene.hod({"purge"}).exit_code == 0);
    CHECK_FALSE(scene.exists("node_modules"));
  }
  CHECK(std::filesystem::exists(outside + "/node_modules/kept"));
}

TEST_CASE("prune removes what nobody asks for, and with --prod what only development needs") {
  for (const char* layout : {"isolated", "hoisted"}) {
    CAPTURE(layout);
    HodScene scene;
    write_workspace(scene);
    scene.write(".npmrc", std::string("layout=") + layout + "\n");
    REQUIRE(scene.hod({"install"}).exit_code == 0);
    std::string lock = scene.read("hod.lock");
    scene.write("node_modules/extra/index.js", "");
    scene.write("node_modules/.cache/kept", "");
    REQUIRE(scene.hod({"prune"}).exit_code == 0);
    CHECK_FALSE(scene.exists("node_modules/extra"));
    CHECK(scene.exists("node_modules/.cache/kept"));
    CHECK(scene.exists("node_modules/tool"));
    REQUIRE(scene.hod({"prune", "--prod"}).exit_code == 0);
    CHECK_FALSE(scene.exists("node_modules/tool"));
    CHECK(scene.node("console.log(require('needs-plain'))") == "needs-plain@1.0.0 > plain@1.1.0\n");
    CHECK(scene.read("hod.lock") == lock);
    REQUIRE(scene.hod({"install"}).exit_code == 0);
    CHECK(scene.exists("node_modules/tool"));
  }
}

TEST_CASE("prune changes no lockfile: where it does not match, it says so") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":"1"}})");
  CHECK(scene.hod({"prune"}).exit_code == 8);
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  scene.write("package.json", R"({"dependencies":{"tool":"1"}})");
  CHECK(scene.hod({"prune"}).exit_code == 8);
  CHECK(scene.exists("node_modules/plain"));
}

TEST_CASE("list takes patterns, ranges and kinds, and prints folders on demand") {
  HodScene scene;
  write_workspace(scene);
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  CHECK(scene.hod({"list", "--dev"}).out == "tool 1.0.0  dev\n");
  CHECK(scene.hod({"list", "--all", "--prod"}).out == "needs-plain 1.0.0\n  plain 1.1.0\n");
  CHECK(scene.hod({"list", "pl*"}).out == "needs-plain 1.0.0\n  plain 1.1.0\n");
  CHECK(scene.hod({"list", "plain@1.1"}).exit_code == 0);
  CHECK(scene.hod({"list", "plain@2"}).exit_code == 1);
  CHECK(scene.hod({"list", "plain@2", "-r"}).out.find("plain 2.0.0") != std::string::npos);
  CHECK(scene.hod({"list", "--depth=x"}).exit_code == 2);
  CHECK(scene.hod({"list", "--parseable", "--prod"}).out == scene / "node_modules/needs-plain\n");
}
