// SPDX-License-Identifier: MIT
// Workspaces: members find each other, commands reach the right ones.
#include <doctest/doctest.h>

#include "tests/support/hod_scene.h"

using namespace hod;
using namespace hod::tests;

namespace {

// app needs lib (workspace:^) and plain; lib needs tool; both have a build script.
void write_workspace(const HodScene& scene) {
  scene.write("package.json",
              R"({"name":"root","private":true,"workspaces":["packages/*","!packages/old"],
    "scripts":{"build":"echo root"}})");
  scene.write("packages/app/package.json", R"({"name":"app","version":"1.0.0",
    "dependencies":{"lib":"workspace:^","plain":"^1.0.0"},"scripts":{"build":"echo app"}})");
  scene.write("packages/app/index.js", "console.log(require('lib'), require('plain'));");
  scene.write("packages/lib/package.json",
              R"({"name":"lib","version":"2.0.0","dependencies":{"needs-plain":"1"},
    "scripts":{"build":"echo lib"}})");
  scene.write("packages/lib/index.js", "module.exports = 'lib > ' + require('needs-plain');");
  scene.write("packages/old/package.json",
              R"({"name":"old","dependencies":{"no-such-package":"1"}})");
}

}  // namespace

TEST_CASE("members are linked to each other and their dependencies installed, in both layouts") {
  for (const char* layout : {"isolated", "hoisted"}) {
    CAPTURE(layout);
    HodScene scene;
    write_workspace(scene);
    HodRun run = scene.hod({"install", std::string("--layout=") + layout});
    CAPTURE(run.err);
    REQUIRE(run.exit_code == 0);
    CHECK(scene.run({"node", "packages/app"}).out ==
          "lib > needs-plain@1.0.0 > plain@1.1.0 plain@1.1.0\n");
    CHECK(scene.hod({"install", std::string("--layout=") + layout}).err.find("up to date") !=
          std::string::npos);
  }
}

TEST_CASE("install in a member installs the workspace") {
  HodScene scene;
  write_workspace(scene);
  REQUIRE(scene.hod({"-C", "packages/app", "install"}).exit_code == 0);
  CHECK(scene.exists("hod.lock"));
  CHECK_FALSE(scene.exists("packages/app/hod.lock"));
  CHECK(scene.hod({"-C", "packages/lib", "install"}).err.find("up to date") != std::string::npos);
}

TEST_CASE("a new member is noticed") {
  HodScene scene;
  write_workspace(scene);
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  scene.write("packages/extra/package.json", R"({"name":"extra","dependencies":{"tool":"1"}})");
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(scene.exists("packages/extra/node_modules/.bin/tool"));
}

TEST_CASE("add and remove change the member they are called in, or the ones named") {
  HodScene scene;
  write_workspace(scene);
  REQUIRE(scene.hod({"-C", "packages/lib", "add", "tool"}).exit_code == 0);
  CHECK(scene.read("packages/lib/package.json").find("\"tool\": \"^1.0.0\"") == std::string::npos);
  CHECK(must(Json::parse(scene.read("packages/lib/package.json"), ""))
            .find("dependencies")
            ->find("tool") != nullptr);
  REQUIRE(scene.hod({"add", "-w", "-D", "host"}).exit_code == 0);
  CHECK(must(Json::parse(scene.read("package.json"), "")).find("devDependencies")->find("host") !=
        nullptr);
  REQUIRE(scene.hod({"add", "--workspace", "app", "lib", "tool"}).exit_code == 0);
  Json app = must(Json::parse(scene.read("packages/app/package.json"), ""));
  CHECK(*app.find("dependencies")->find_string("lib") == "workspace:^");
  REQUIRE(scene.hod({"remove", "-r", "tool"}).exit_code == 0);
  CHECK(scene.read("packages/app/package.json").find("tool") == std::string::npos);
  CHECK(scene.read("packages/lib/package.json").find("tool") == std::string::npos);
}

TEST_CASE("run -r goes through the members, dependencies first") {
  HodScene scene;
  write_workspace(scene);
  CHECK(scene.hod({"run", "-r", "build"}).out == "lib\napp\n");
  CHECK(scene.hod({"run", "--filter=app", "build"}).out == "app\n");
  CHECK(scene.hod({"run", "build", "--workspace=lib"}).out == "lib\n");
  CHECK(scene.hod({"run", "-w", "build"}).out == "root\n");
  CHECK(scene.hod({"-C", "packages/app", "build"}).out == "app\n");
}

TEST_CASE("a plain range is answered by the member whose version fits") {
  HodScene scene;
  scene.write("package.json", R"({"workspaces":["a","b"]})");
  scene.write("a/package.json", R"({"name":"a","version":"1.0.0","dependencies":{"b":"^1.0.0"}})");
  scene.write("b/package.json", R"({"name":"b","version":"1.5.0"})");
  scene.write("b/index.js", "module.exports = 'the member';");
  scene.write("a/index.js", "console.log(require('b'));");
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(scene.run({"node", "a"}).out == "the member\n");
}

TEST_CASE("two members of one name, and a workspace: dependency on nobody, are refused") {
  HodScene scene;
  scene.write("package.json", R"({"workspaces":["packages/*"]})");
  scene.write("packages/a/package.json", R"({"name":"same"})");
  scene.write("packages/b/package.json", R"({"name":"same"})");
  HodRun run = scene.hod({"install"});
  CHECK(run.exit_code == 1);
  CHECK(run.err.find("[WORKSPACE_INVALID]") != std::string::npos);
  scene.write("packages/b/package.json", R"({"name":"b","dependencies":{"nobody":"workspace:*"}})");
  HodRun missing = scene.hod({"install"});
  CHECK(missing.exit_code != 0);
  CHECK(missing.err.find("nobody") != std::string::npos);
}
