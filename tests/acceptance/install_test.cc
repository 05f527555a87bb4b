// SPDX-License-Identifier: MIT
// hod install, seen from outside: what stands in the project afterwards, and that Node.js finds it.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include "tests/support/hod_scene.h"

using namespace hod;
using namespace hod::tests;

TEST_CASE("install makes a tree that Node.js can use, and a lockfile") {
  HodScene scene;
  scene.write("package.json",
              R"({"name":"app","dependencies":{"needs-plain":"^1.0.0","plain":"^2.0.0"}})");
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(run.out.empty());
  CHECK(scene.node("console.log(require('plain'), require('needs-plain'))") ==
        "plain@2.0.0 needs-plain@1.0.0 > plain@1.1.0\n");
  CHECK(scene.exists("hod.lock"));
  CHECK(scene.read("package.json") ==
        R"({"name":"app","dependencies":{"needs-plain":"^1.0.0","plain":"^2.0.0"}})");
}

TEST_CASE("a second install has nothing to do, asks nobody and changes nothing") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"needs-plain":"1","@pair/left":"1"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  std::string lock = scene.read("hod.lock");
  std::vector<std::string> tree = scene.tree();
  std::size_t requests = scene.registry.request_count();
  HodRun run = scene.hod({"install"});
  CHECK(run.exit_code == 0);
  CHECK(run.err.find("up to date") != std::string::npos);
  CHECK(scene.registry.request_count() == requests);
  CHECK(scene.read("hod.lock") == lock);
  CHECK(scene.tree() == tree);
}

TEST_CASE("a touched manifest with the same bytes is still up to date, other bytes are not") {
  HodScene scene;
  std::string manifest = R"({"dependencies":{"plain":"1"}})";
  scene.write("package.json", manifest);
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  scene.write("package.json", manifest);
  CHECK(scene.hod({"install"}).err.find("up to date") != std::string::npos);
  scene.write("package.json", R"({"dependencies":{"plain":"2"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  CHECK(scene.node("console.log(require('plain'))") == "plain@2.0.0\n");
}

TEST_CASE("a package that went missing from node_modules comes back") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":"1","@pair/left":"1"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  std::vector<std::string> tree = scene.tree();
  REQUIRE(scene.run({"rm", "-rf", "node_modules/plain"}).exit_code == 0);
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(scene.tree() == tree);
}

TEST_CASE("from lockfile and cache, a removed node_modules comes back without a request") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"needs-plain":"1","tool":"1"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  std::vector<std::string> tree = scene.tree();
  std::size_t requests = scene.registry.request_count();
  REQUIRE(scene.run({"rm", "-rf", "node_modules"}).exit_code == 0);
  HodRun run = scene.hod({"install", "--offline"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(scene.tree() == tree);
  CHECK(scene.registry.request_count() == requests);
}

TEST_CASE("bins are linked, executable, and their CRLF first line is mended") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"tool":"1","@pair/left":"1"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  CHECK(scene.is_link("node_modules/.bin/tool"));
  HodRun tool = scene.run({"node_modules/.bin/tool", "a", "b"});
  CAPTURE(tool.err);
  CHECK(tool.out == "tool a b\n");
  CHECK(scene.run({"node_modules/.bin/left-hand"}).out == "left with @pair/right@1.2.0\n");
}

TEST_CASE("--prod leaves development dependencies out, and install without it brings them back") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":"1"},"devDependencies":{"tool":"1"}})");
  REQUIRE(scene.hod({"install", "--prod"}).exit_code == 0);
  CHECK(scene.exists("node_modules/plain"));
  CHECK_FALSE(scene.exists("node_modules/tool"));
  CHECK_FALSE(scene.exists("node_modules/.bin/tool"));
  CHECK(scene.read("hod.lock").find("tool") != std::string::npos);
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  CHECK(scene.exists("node_modules/tool"));
  REQUIRE(scene.hod({"install", "--omit=dev"}).exit_code == 0);
  CHECK_FALSE(scene.exists("node_modules/tool"));
}

TEST_CASE("optional packages for other systems are left out, for this one installed") {
  HodScene scene;
  scene.write(
      "package.json",
      R"({"dependencies":{"native-set":"1"},"optionalDependencies":{"for-elsewhere":"1"}})");
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK_FALSE(scene.exists("node_modules/for-elsewhere"));
  std::string code =
      "console.log(require.resolve('for-linux', {paths: [require.resolve('native-set')]}).length > "
      "0)";
  CHECK(scene.node(code) == "true\n");
  CHECK(scene.read("hod.lock").find("for-elsewhere") != std::string::npos);
  CHECK(scene.registry.requests_for("for-elsewhere-1.0.0.tgz") == 0);
}

TEST_CASE("an optional dependency that does not exist is no failure") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"wants-missing":"1"}})");
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(scene.node("console.log(require('wants-missing'))") == "wants-missing@1.0.0\n");
}

TEST_CASE(
    "peers are installed with the package that asks for them, and shared with the project's own") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plug":"1","host":"1"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  CHECK(scene.node("console.log(require('plug'))") == "plug@1.0.0 in host@1.0.0\n");

  HodScene alone;
  alone.write("package.json", R"({"dependencies":{"plug":"2"}})");
  REQUIRE(alone.hod({"install"}).exit_code == 0);
  CHECK(alone.node("console.log(require('plug'))") == "plug@2.0.0 in host@2.0.0\n");
}

TEST_CASE("rings of dependencies are installed") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"ring-a":"1"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  CHECK(scene.node("console.log(require('ring-a').other())") == "ring-b\n");
}

TEST_CASE("bundled dependencies come out of the archive and are not resolved") {
  HodScene scene;
  scene.registry.add(
      R"({"name":"bundler","version":"1.0.0","dependencies":{"inner":"1"},"bundleDependencies":["inner"]})",
      {{"index.js", "module.exports = 'bundler > ' + require('inner');"},
       {"node_modules/inner/package.json", R"({"name":"inner","version":"1.0.0"})"},
       {"node_modules/inner/index.js", "module.exports = 'inner from the archive';"}});
  scene.write("package.json", R"({"dependencies":{"bundler":"1"}})");
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(scene.node("console.log(require('bundler'))") == "bundler > inner from the archive\n");
  CHECK(scene.registry.requests_for("/inner") == 0);
}

TEST_CASE("aliases, tags and overrides are honoured") {
  HodScene scene;
  scene.registry.set_tag("plain", "old", "1.0.0");
  scene.write("package.json",
              R"({"dependencies":{"simple":"npm:plain@^2.0.0","plain":"old","needs-plain":"1"},
                                  "overrides":{"needs-plain":{"plain":"1.0.0"}}})");
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(scene.node("console.log(require('simple'), require('plain'), require('needs-plain'))") ==
        "plain@2.0.0 plain@1.0.0 needs-plain@1.0.0 > plain@1.0.0\n");
}

TEST_CASE("folders and archives beside the project can be depended on") {
  HodScene scene;
  scene.write("../lib/package.json",
              R"({"name":"lib","version":"1.0.0","dependencies":{"plain":"1"}})");
  scene.write("../lib/index.js", "module.exports = 'lib';");
  scene.write("packed.tgz",
              gzip_of(tar_of({{"package/package.json", R"({"name":"packed","version":"3.0.0"})",
                               0644, '0', ""},
                              {"package/index.js", "module.exports = 'packed';", 0644, '0', ""}})));
  scene.write("package.json",
              R"({"dependencies":{"lib":"file:../lib","packed":"file:packed.tgz"}})");
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(scene.node("console.log(require('lib'), require('packed'))") == "lib packed\n");
  CHECK(scene.is_link("node_modules/lib"));
}

TEST_CASE("an archive at an address of its own can be depended on") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":")" + scene.registry.base() +
                                  R"(plain/-/plain-1.0.0.tgz"}})");
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(scene.node("console.log(require('plain'))") == "plain@1.0.0\n");
  CHECK(scene.hod({"ci"}).exit_code == 0);
}

TEST_CASE("packages that are no longer needed leave node_modules") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":"1","tool":"1"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  scene.write("package.json", R"({"dependencies":{"plain":"1"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  CHECK_FALSE(scene.exists("node_modules/tool"));
  CHECK_FALSE(scene.exists("node_modules/.bin/tool"));
  CHECK(scene.read("hod.lock").find("tool") == std::string::npos);
}

TEST_CASE("a project without dependencies is fine") {
  HodScene scene;
  scene.write("package.json", "{}");
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(scene.hod({"install"}).exit_code == 0);
}

TEST_CASE("--dry-run tells and changes nothing") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"needs-plain":"1"}})");
  HodRun run = scene.hod({"install", "--dry-run"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(run.err.find("+ plain 1.1.0") != std::string::npos);
  CHECK_FALSE(scene.exists("node_modules"));
  CHECK_FALSE(scene.exists("hod.lock"));
  CHECK(scene.registry.requests_for(".tgz") == 0);
}

TEST_CASE("--lockfile-only writes the lockfile and nothing else") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"needs-plain":"1"}})");
  REQUIRE(scene.hod({"install", "--lockfile-only"}).exit_code == 0);
  CHECK(scene.exists("hod.lock"));
  CHECK_FALSE(scene.exists("node_modules"));
  std::string lock = scene.read("hod.lock");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  CHECK(scene.read("hod.lock") == lock);
}

TEST_CASE("-C works in another folder, and a folder below the project is as good as its root") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":"1"}})");
  scene.write("src/deep/x.js", "");
  CHECK(scene.hod({"-C", "src/deep", "install"}).exit_code == 0);
  CHECK(scene.exists("node_modules/plain"));
  CHECK_FALSE(scene.exists("src/deep/node_modules"));
}

TEST_CASE("T-SCR-01 scripts of dependencies do not run and are named") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"scripted":"1"}})");
  HodRun run = scene.hod({"install"});
  CHECK(run.exit_code == 0);
  CHECK(run.err.find("1 package wants to run install scripts, not run: scripted 1.0.0") !=
        std::string::npos);
  CHECK_FALSE(scene.exists("node_modules/scripted/built"));
}

TEST_CASE("deprecated packages and unfit engines are warned of") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"old-thing":"1","future-engine":"1"}})");
  HodRun run = scene.hod({"install"});
  CHECK(run.exit_code == 0);
  CHECK(run.err.find("use plain instead") != std::string::npos);
  CHECK(run.err.find("future-engine 1.0.0 (>=999)") != std::string::npos);
}
