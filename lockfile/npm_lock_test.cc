// SPDX-License-Identifier: MIT
#include "lockfile/npm_lock.h"

#include "lockfile/foreign_scene_test.h"

using namespace hod;
using namespace hod::lockfile;
using namespace hod::lockfile::scene;

namespace {

const Project kApp = project_of({{".", R"({"name": "app", "dependencies": {"a": "^1"}})"}});

std::string refused(const std::string& text) { return refusal(ForeignFormat::npm, text, kApp); }

}  // namespace

TEST_CASE("npm's lockfile of a later version is refused by name") {
  for (const char* version : {"4", "0", "2.5", "-1"}) {
    const std::string said =
        refused(std::string(R"({"lockfileVersion": )") + version + R"(, "packages": {"": {}}})");
    CAPTURE(said);
    CHECK(said.find("LOCKFILE_INVALID") == 0);
    CHECK(said.find(std::string("`") + version + "`") != std::string::npos);
  }
}

TEST_CASE("npm's version 2 has both forms, and the map of places is the one that is read") {
  CHECK(read_text(ForeignFormat::npm, R"({"lockfileVersion": 2,
    "packages": {"": {"dependencies": {"a": "^1"}},
                 "node_modules/a": {"version": "1.0.0", "integrity": "#"}},
    "dependencies": {"a": {"version": "1.9.9", "integrity": "#"}}})",
                  kApp) == "importer .\n  name app\n  prod a ^1 1.0.0\npackage a@1.0.0\n");
}

TEST_CASE("what is no npm lockfile is refused") {
  CHECK(refused("").find("JSON_INVALID") == 0);
  CHECK(refused("[]").find("LOCKFILE_INVALID") == 0);
  CHECK(refused(R"({"lockfileVersion": 3})").find("no `packages`") != std::string::npos);
  CHECK(refused(R"({"lockfileVersion": 3, "packages": {"": 1}})").find("no object") !=
        std::string::npos);
  CHECK(refused(R"({"lockfileVersion": 3, "packages": {}})").find("no entry for the project") !=
        std::string::npos);
  CHECK(refused(R"({"lockfileVersion": 1, "dependencies": {"a": "1.0.0"}})").find("no object") !=
        std::string::npos);
}

TEST_CASE("T-LOCK-08: an npm lockfile with conflict markers is no JSON") {
  CHECK(refused("{\n<<<<<<< HEAD\n").find("JSON_INVALID") == 0);
}
