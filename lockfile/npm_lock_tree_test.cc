// SPDX-License-Identifier: MIT
#include "lockfile/foreign_scene_test.h"

using namespace hod;
using namespace hod::lockfile;
using namespace hod::lockfile::scene;

namespace {

const Project kApp = project_of(
    {{".", R"({"name": "app", "dependencies": {"a": "^1"}, "devDependencies": {"b": "2"}})"}});

std::string lock(const std::string& entries) {
  return R"({"lockfileVersion": 1, "requires": true, "dependencies": {)" + entries + "}}";
}
std::string read(const std::string& entries) {
  return read_text(ForeignFormat::npm, lock(entries), kApp);
}
std::string refused(const std::string& entries) {
  return refusal(ForeignFormat::npm, lock(entries), kApp);
}

}  // namespace

TEST_CASE("npm 1: the tree is the placement, and the manifests say what importers ask for") {
  const ForeignLock lock_read = must_read(ForeignFormat::npm, lock(R"(
    "a": {"version": "1.0.0", "integrity": "#", "requires": {"b": "^1", "c": "*"},
          "dependencies": {"b": {"version": "1.2.0", "integrity": "#", "requires": {"c": "*"}}}},
    "b": {"version": "2.0.0", "integrity": "#", "dev": true},
    "c": {"version": "3.0.0", "integrity": "#"})"),
                                          kApp);
  CHECK(text_of(lock_read.graph) ==
        "importer .\n  name app\n  prod a ^1 1.0.0\n  dev b 2 2.0.0\n"
        "package a@1.0.0\n  prod b ^1 1.2.0\n  prod c * 3.0.0\n"
        "package b@1.2.0\n  prod c * 3.0.0\npackage b@2.0.0\npackage c@3.0.0\n");
  CHECK(lock_read.unknown == ForeignLock::Unknown{false, false, true, true, true, true, true});
}

TEST_CASE("npm 1: edges from what is needed to what is optional are optional") {
  CHECK(read(R"(
    "a": {"version": "1.0.0", "integrity": "#", "requires": {"o": "1", "gone": "1"}},
    "b": {"version": "2.0.0", "integrity": "#"},
    "o": {"version": "1.0.0", "integrity": "#", "optional": true, "requires": {"p": "1"}},
    "p": {"version": "1.0.0", "integrity": "#", "optional": true})") ==
        "importer .\n  name app\n  prod a ^1 1.0.0\n  dev b 2 2.0.0\n"
        "package a@1.0.0\n  optional gone 1 -\n  optional o 1 1.0.0\n"
        "package b@2.0.0\npackage o@1.0.0\n  prod p 1 1.0.0\npackage p@1.0.0\n");
}

TEST_CASE("npm 1: aliases, sources and members stand in the version") {
  const std::string commit(40, 'b');
  const Project project = project_of(
      {{".",
        R"({"dependencies": {"x": "npm:real@1", "g": "git+https://host.example/g.git", "m": "^1",
                                  "u": "https://files.example/u.tgz", "l": "file:l"}})"},
       {"packages/m", R"({"name": "m", "version": "1.0.0", "dependencies": {"n": "1"}})"}});
  CHECK(read_text(ForeignFormat::npm,
                  lock(R"(
    "x": {"version": "npm:real@1.0.0", "integrity": "#"},
    "g": {"version": "git+https://host.example/g.git#)" +
                       commit + R"(", "from": "g"},
    "u": {"version": "https://files.example/u.tgz", "integrity": "#"},
    "l": {"version": "file:l"},
    "m": {"version": "file:packages/m", "dependencies": {"n": {"version": "1.0.0", "integrity": "#"}}})"),
                  project) ==
        "importer .\n"
        "  prod g git+https://host.example/g.git g@ git git+https://host.example/g.git#" +
            commit +
            "\n"
            "  prod l file:l l@ directory l\n"
            "  prod m ^1 importer packages/m\n"
            "  prod u https://files.example/u.tgz u@ tarball https://files.example/u.tgz\n"
            "  prod x npm:real@1 real@1.0.0\n"
            "importer packages/m\n  name m\n  prod n 1 1.0.0\n"
            "package g@ git git+https://host.example/g.git#" +
            commit +
            "\n"
            "package l@ directory l\npackage n@1.0.0\npackage real@1.0.0\n"
            "package u@ tarball https://files.example/u.tgz\n");
}

TEST_CASE("npm 1: what is bundled is no package") {
  CHECK(read(R"(
    "a": {"version": "1.0.0", "integrity": "#", "requires": {"i": "1", "e": "1"}, "dependencies": {
       "i": {"version": "1.0.0", "bundled": true, "requires": {"j": "1", "d": "1"}},
       "j": {"version": "1.0.0", "bundled": true}}},
    "b": {"version": "2.0.0", "integrity": "#"},
    "d": {"version": "1.0.0", "integrity": "#"},
    "e": {"version": "1.0.0", "integrity": "#"})") ==
        "importer .\n  name app\n  prod a ^1 1.0.0\n  dev b 2 2.0.0\n"
        "package a@1.0.0\n  bundled i j\n  prod d 1 1.0.0\n  prod e 1 1.0.0\n"
        "package b@2.0.0\npackage d@1.0.0\npackage e@1.0.0\n");
}

TEST_CASE("npm 1: what the manifests ask for and the tree lacks makes it out of date") {
  const ForeignLock read =
      must_read(ForeignFormat::npm, lock(R"("a": {"version": "1.0.0", "integrity": "#"})"), kApp);
  CHECK(differences(read.graph, kApp.requirements) ==
        std::vector<std::string>{"`.`: `b` (`2`) is not in the lockfile"});
}

TEST_CASE("T-LINK-04 T-LOCK-02: hostile entries of an npm 1 tree are refused") {
  CHECK(refused(R"("../x": {"version": "1.0.0", "integrity": "#"})").find("LOCKFILE_INVALID") == 0);
  CHECK(refused(R"("a": {"version": "../..", "integrity": "#"})").find("LOCKFILE_INVALID") == 0);
  CHECK(
      refused(R"("a": {"version": "npm:../x@1.0.0", "integrity": "#"})").find("LOCKFILE_INVALID") ==
      0);
  CHECK(refused(R"("a": {"version": "npm:", "integrity": "#"})").find("LOCKFILE_INVALID") == 0);
  CHECK(refused(R"("a": {"version": "file:../../etc"})").find("LOCKFILE_INVALID") == 0);
  CHECK(refused(R"("a": {"version": "1.0.0"})").find("INTEGRITY_MISSING") == 0);
  CHECK(refused(R"("a": {"version": "git+ssh://host.example/a#main"})").find("makes no sense") !=
        std::string::npos);
}
