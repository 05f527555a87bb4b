// SPDX-License-Identifier: MIT
// hod.lock: kept, moved only when asked, law when frozen.
#include <doctest/doctest.h>

#include "tests/support/hod_scene.h"

using namespace hod;
using namespace hod::tests;

TEST_CASE("the same manifest gives the same lockfile, byte for byte") {
  std::string first;
  for (int i = 0; i < 2; ++i) {
    HodScene scene;
    scene.write(
        "package.json",
        R"({"dependencies":{"needs-plain":"1","plug":"1","native-set":"1","@pair/left":"1"}})");
    REQUIRE(scene.hod({"install"}).exit_code == 0);
    if (i == 0) first = scene.read("hod.lock");
    CHECK(scene.read("hod.lock") == first);
    CHECK(first.find("127.0.0.1") == std::string::npos);
  }
}

TEST_CASE("newer versions do not move what the lockfile has") {
  HodScene scene;
  scene.registry.remove("plain", "1.1.0");
  scene.write("package.json", R"({"dependencies":{"plain":"^1.0.0"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  std::string lock = scene.read("hod.lock");
  scene.registry.add(R"({"name":"plain","version":"1.2.0"})");
  scene.write("package.json", R"({"dependencies":{"plain":"^1.0.0","tool":"1"}})");
  REQUIRE(scene.hod({"install", "--no-prefer-offline"}).exit_code == 0);
  CHECK(scene.node("console.log(require('plain'))") == "plain@1.0.0\n");
}

TEST_CASE("ci without a lockfile fails, and makes none") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":"1"}})");
  HodRun run = scene.hod({"ci"});
  CHECK(run.exit_code == 8);
  CHECK(run.err.find("[LOCKFILE_MISSING]") != std::string::npos);
  CHECK_FALSE(scene.exists("hod.lock"));
}

TEST_CASE(
    "T-LOCK-05 frozen: a manifest that does not match is refused, and the differences are listed") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":"^1.0.0"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  std::string lock = scene.read("hod.lock");
  scene.write("package.json", R"({"dependencies":{"plain":"^2.0.0","tool":"1"}})");
  for (const char* command : {"ci", "frozen", "env"}) {
    CAPTURE(command);
    if (std::string_view(command) == "env") scene.set("CI", "true");
    HodRun run = std::string_view(command) == "ci" ? scene.hod({"ci"})
                 : std::string_view(command) == "frozen"
                     ? scene.hod({"install", "--frozen-lockfile"})
                     : scene.hod({"install"});
    CHECK(run.exit_code == 8);
    CHECK(run.err.find("[LOCKFILE_OUTDATED]") != std::string::npos);
    CHECK(run.err.find("plain") != std::string::npos);
    CHECK(run.err.find("tool") != std::string::npos);
    CHECK(scene.read("hod.lock") == lock);
  }
  HodRun run = scene.hod({"install", "--no-frozen-lockfile"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
}

TEST_CASE("with CI set and no lockfile, install makes one") {
  HodScene scene;
  scene.set("CI", "true");
  scene.write("package.json", R"({"dependencies":{"plain":"1"}})");
  CHECK(scene.hod({"install"}).exit_code == 0);
  CHECK(scene.exists("hod.lock"));
}

TEST_CASE("ci gives the same tree as install, and repairs what was edited") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"needs-plain":"1","tool":"1","plug":"2"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  std::vector<std::string> tree = scene.tree();
  REQUIRE(scene.run({"rm", "-rf", "node_modules"}).exit_code == 0);
  REQUIRE(scene.hod({"ci"}).exit_code == 0);
  CHECK(scene.tree() == tree);
  REQUIRE(scene
              .run({"sh", "-c",
                    "rm node_modules/needs-plain/index.js && echo cut > "
                    "node_modules/needs-plain/index.js"})
              .exit_code == 0);
  HodRun run = scene.hod({"ci"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(scene.node("console.log(require('needs-plain'))") == "needs-plain@1.0.0 > plain@1.1.0\n");
}

TEST_CASE("T-LOCK-04 T-RES-12 an archive that is not what the lockfile promises is refused") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":"1.0.0"}})");
  REQUIRE(scene.hod({"install", "--lockfile-only"}).exit_code == 0);
  std::string lock = scene.read("hod.lock");
  scene.registry.add(R"({"name":"plain","version":"1.0.0","description":"other bytes"})");
  for (const char* command : {"install", "ci"}) {
    HodRun run = scene.hod({command});
    CHECK(run.exit_code == 5);
    CHECK(run.err.find("[INTEGRITY_MISMATCH]") != std::string::npos);
    CHECK(run.err.find("plain@1.0.0") != std::string::npos);
    CHECK(scene.read("hod.lock") == lock);
    CHECK_FALSE(scene.exists("node_modules/plain"));
  }
}

TEST_CASE("T-LOCK-02 a lockfile entry without integrity is refused") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":"1.0.0"}})");
  REQUIRE(scene.hod({"install", "--lockfile-only"}).exit_code == 0);
  std::string lock = scene.read("hod.lock");
  std::size_t at = lock.find("sha512-");
  REQUIRE(at != std::string::npos);
  std::size_t end = lock.find_first_of(" \n\"", at);
  scene.write("hod.lock", lock.substr(0, at) + lock.substr(end));
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  CHECK((run.exit_code == 5 || run.exit_code == 8));
  CHECK_FALSE(scene.exists("node_modules/plain"));
}

TEST_CASE("T-LOCK-03 a package known by SHA-1 only gets a SHA-512 in the lockfile") {
  HodScene scene;
  scene.registry.get("plain", "1.0.0").integrity.clear();
  scene.write("package.json", R"({"dependencies":{"plain":"1.0.0"}})");
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(scene.read("hod.lock").find("sha512-") != std::string::npos);
  CHECK(scene.read("hod.lock").find("sha1-") == std::string::npos);
  CHECK(scene.hod({"ci"}).exit_code == 0);
}

TEST_CASE("T-LOCK-08 merge conflict markers in the lockfile are named as such") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":"1.0.0"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  std::string lock = scene.read("hod.lock");
  scene.write("hod.lock", "<<<<<<< ours\n" + lock + "=======\n" + lock + ">>>>>>> theirs\n");
  HodRun run = scene.hod({"install"});
  CHECK(run.exit_code == 8);
  CHECK(run.err.find("[LOCKFILE_INVALID]") != std::string::npos);
  CHECK(run.err.find("conflict") != std::string::npos);
}
