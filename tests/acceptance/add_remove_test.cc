// SPDX-License-Identifier: MIT
// hod add and hod remove: what they save, how, and that nothing is half-done.
#include <doctest/doctest.h>

#include "tests/support/hod_scene.h"

using namespace hod;
using namespace hod::tests;

TEST_CASE("add saves the chosen version with ^ and keeps the file's form") {
  HodScene scene;
  scene.write(
      "package.json",
      "{\n    \"name\": \"app\",\n    \"dependencies\": {\n        \"tool\": \"1\"\n    }\n}");
  HodRun run = scene.hod({"add", "plain"});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(scene.read("package.json") ==
        "{\n    \"name\": \"app\",\n    \"dependencies\": {\n        \"plain\": \"^2.0.0\",\n      "
        "  \"tool\": \"1\"\n    }\n}");
  CHECK(run.err.find("+ plain 2.0.0") != std::string::npos);
  CHECK(scene.node("console.log(require('plain'))") == "plain@2.0.0\n");
  CHECK(scene.hod({"install"}).err.find("up to date") != std::string::npos);
  CHECK(scene.hod({"ci"}).exit_code == 0);
}

TEST_CASE("add takes ranges, tags, exact versions, aliases and fields") {
  struct Row {
    std::vector<std::string> words;
    const char* manifest;
  };
  for (const Row& row :
       {Row{{"plain@1"}, R"({"dependencies":{"plain":"^1.1.0"}})"},
        Row{{"plain@~1.0.0"}, R"({"dependencies":{"plain":"~1.0.0"}})"},
        Row{{"-E", "plain@1.0.0"}, R"({"dependencies":{"plain":"1.0.0"}})"},
        Row{{"-D", "plain"}, R"({"devDependencies":{"plain":"^2.0.0"}})"},
        Row{{"-O", "plain"}, R"({"optionalDependencies":{"plain":"^2.0.0"}})"},
        Row{{"--save-peer", "host@1"}, R"({"peerDependencies":{"host":"^1.0.0"}})"},
        Row{{"short@npm:plain@1"}, R"({"dependencies":{"short":"npm:plain@^1.1.0"}})"},
        Row{{"@pair/left", "tool"},
            R"({"dependencies":{"@pair/left":"^1.0.0","tool":"^1.0.0"}})"}}) {
    HodScene scene;
    scene.write("package.json", "{}");
    std::vector<std::string> words = row.words;
    words.insert(words.begin(), "add");
    HodRun run = scene.hod(words);
    CAPTURE(row.manifest);
    CAPTURE(run.err);
    CHECK(run.exit_code == 0);
    CHECK(must(Json::parse(scene.read("package.json"), "")).dump() == row.manifest);
    CHECK(scene.hod({"ci"}).exit_code == 0);
  }
}

TEST_CASE("install with a package is add, and add moves what is there") {
  HodScene scene;
  scene.write("package.json", R"({"devDependencies":{"plain":"^1.0.0"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  REQUIRE(scene.hod({"i", "plain"}).exit_code == 0);
  CHECK(must(Json::parse(scene.read("package.json"), "")).dump() ==
        R"({"devDependencies":{"plain":"^2.0.0"}})");
  REQUIRE(scene.hod({"i", "-P", "plain@1"}).exit_code == 0);
  CHECK(must(Json::parse(scene.read("package.json"), "")).dump() ==
        R"({"dependencies":{"plain":"^1.1.0"}})");
}

TEST_CASE("add in an empty folder makes a package.json, and none when it fails") {
  HodScene scene;
  CHECK(scene.hod({"add", "no-such-thing"}).exit_code == 4);
  CHECK_FALSE(scene.exists("package.json"));
  HodRun run = scene.hod({"add", "plain"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(must(Json::parse(scene.read("package.json"), "")).dump() ==
        R"({"dependencies":{"plain":"^2.0.0"}})");
}

TEST_CASE("where there is no package.json yet, the folder's .npmrc counts already") {
  HodScene scene;
  scene.write_home(".npmrc", "registry=http://127.0.0.1:1/\n");
  scene.write(".npmrc", "registry=" + scene.registry.base() + "\n");
  CHECK(scene.hod({"config", "get", "registry"}).out.starts_with(scene.registry.base()));
  HodRun run = scene.hod({"add", "plain"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(scene.read("package.json").find("^2.0.0") != std::string::npos);
}

TEST_CASE("add takes folders, archives and addresses, and learns their names") {
  HodScene scene;
  scene.write("../lib/package.json", R"({"name":"lib","version":"1.0.0"})");
  scene.write("package.json", "{}");
  HodRun run = scene.hod({"add", "../lib", scene.registry.base() + "plain/-/plain-1.0.0.tgz"});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  Json manifest = must(Json::parse(scene.read("package.json"), ""));
  CHECK(*manifest.find("dependencies")->find_string("lib") == "file:../lib");
  CHECK(*manifest.find("dependencies")->find_string("plain") ==
        scene.registry.base() + "plain/-/plain-1.0.0.tgz");
  CHECK(scene.node("console.log(require('plain'))") == "plain@1.0.0\n");
}

TEST_CASE("--no-save installs without a trace in manifest and lockfile") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"tool":"1"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  std::string lock = scene.read("hod.lock");
  REQUIRE(scene.hod({"add", "--no-save", "plain"}).exit_code == 0);
  CHECK(scene.exists("node_modules/plain"));
  CHECK(scene.read("hod.lock") == lock);
  CHECK(scene.read("package.json") == R"({"dependencies":{"tool":"1"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  CHECK_FALSE(scene.exists("node_modules/plain"));
}

TEST_CASE("remove takes a package out of whichever field has it") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":"1"},"devDependencies":{"tool":"1"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  HodRun run = scene.hod({"rm", "tool"});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(scene.read("package.json") == R"({"dependencies":{"plain":"1"}})");
  CHECK_FALSE(scene.exists("node_modules/tool"));
  HodRun missing = scene.hod({"un", "plian"});
  CHECK(missing.exit_code == 2);
  CHECK(missing.err.find("did you mean `plain`?") != std::string::npos);
}

TEST_CASE("P1 an add that fails leaves manifest, lockfile and tree as they were") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"host":"^1.0.0"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  std::string lock = scene.read("hod.lock");
  std::vector<std::string> tree = scene.tree();
  scene.registry.get("tool", "1.0.0").tarball = "no archive";
  struct Row {
    const char* package;
    int code;
  };
  for (const Row& row :
       {Row{"plug@2", 3}, Row{"nobody-knows-this", 4}, Row{"plain@99", 4}, Row{"tool", 5}}) {
    CAPTURE(row.package);
    HodRun run = scene.hod({"add", row.package});
    CAPTURE(run.err);
    CHECK(run.exit_code == row.code);
    CHECK(scene.read("package.json") == R"({"dependencies":{"host":"^1.0.0"}})");
    CHECK(scene.read("hod.lock") == lock);
    CHECK(scene.tree() == tree);
  }
}

TEST_CASE("lifecycle scripts of the project do not run for add and remove") {
  HodScene scene;
  scene.write("package.json", R"({"scripts":{"postinstall":"touch ran"}})");
  REQUIRE(scene.hod({"add", "plain"}).exit_code == 0);
  REQUIRE(scene.hod({"remove", "plain"}).exit_code == 0);
  CHECK_FALSE(scene.exists("ran"));
}

TEST_CASE("add asks about what it touches only, and moves nothing else") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":"^1.0.0","host":"^1.0.0"}})");
  REQUIRE(scene.hod({"install", "--lockfile-only"}).exit_code == 0);
  const std::string before = scene.read("hod.lock");
  REQUIRE(before.find("package plain@1.1.0") != std::string::npos);
  scene.registry.add(R"({"name":"plain","version":"1.9.0"})");
  scene.set("HOD_CACHE_DIR", scene.root() + "/empty-cache");
  const std::size_t asked_before = scene.registry.request_count();
  HodRun run = scene.hod({"add", "tool", "--lockfile-only"});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  for (std::size_t i = asked_before; i < scene.registry.request_count(); ++i) {
    const std::string& target = scene.registry.requests()[i].target;
    CHECK(target.find("plain") == std::string::npos);
    CHECK(target.find("host") == std::string::npos);
  }
  const std::string after = scene.read("hod.lock");
  CHECK(after.find("package plain@1.1.0") != std::string::npos);
  CHECK(after.find("package tool@1.0.0") != std::string::npos);
  CHECK(after.find("1.9.0") == std::string::npos);
}

TEST_CASE("T-RES-11: add tells a name that could be a slip, before it looks for it") {
  HodScene scene;
  HodRun run = scene.hod({"add", "expres"});
  CHECK(run.err.find("`expres` is one letter away from the well-known `express`") !=
        std::string::npos);
  CHECK(scene.hod({"add", "plain"}).err.find("one letter away") == std::string::npos);
}
