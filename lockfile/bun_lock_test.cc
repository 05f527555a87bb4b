// SPDX-License-Identifier: MIT
#include "lockfile/bun_lock.h"

#include "lockfile/foreign_scene_test.h"

using namespace hod;
using namespace hod::lockfile;
using namespace hod::lockfile::scene;

namespace {

const Project kApp = project_of({{".", R"({"name": "app", "dependencies": {"a": "^1"}})"}});
const char* const kRoot = R"("": {"name": "app", "dependencies": {"a": "^1",},},)";

std::string lock(const std::string& packages, const std::string& workspaces = kRoot,
                 const std::string& top = "") {
  return "{\n\"lockfileVersion\": 1, " + top + "\n\"workspaces\": {" + workspaces +
         "},\n\"packages\": {" + packages + "},\n}\n";
}
std::string read(const std::string& text, const Project& project = kApp) {
  const ForeignLock lock = must_read(ForeignFormat::bun, text, project);
  CHECK(differences(lock.graph, project.requirements).empty());
  return text_of(lock.graph);
}
std::string refused(const std::string& text) { return refusal(ForeignFormat::bun, text, kApp); }

}  // namespace

TEST_CASE("bun: an edge leads to the nearest place upwards") {
  const std::string text = lock(R"(
    "a": ["a@1.0.0", "", { "dependencies": { "@s/b": "^1", "c": "*" }, "os": "linux", "cpu": ["x64", "arm64"],
          "libc": "musl", "bin": { "a": "./cli.js" }, "optionalDependencies": { "gone": "1" } }, "#"],
    "a/@s/b": ["@s/b@1.2.0", "", { "dependencies": { "c": "*", "d": "1" } }, "#"],
    "a/@s/b/d": ["d@1.0.0", "", {}, "#"],
    "@s/b": ["@s/b@2.0.0", "", {}, "#"],
    "c": ["c@3.0.0", "", { "dependencies": { "@s/b": "^2", "alias": "npm:d@2" } }, "#"],
    "c/alias": ["d@2.0.0", "", {}, "#"],)");
  CHECK(read(text) ==
        "importer .\n  name app\n  prod a ^1 1.0.0\n"
        "package @s/b@1.2.0\n  prod c * 3.0.0\n  prod d 1 1.0.0\n"
        "package @s/b@2.0.0\n"
        "package a@1.0.0\n  os linux\n  cpu x64 arm64\n  libc musl\n  bin a cli.js\n  prod @s/b ^1 "
        "1.2.0\n"
        "  prod c * 3.0.0\n  optional gone 1 -\n"
        "package c@3.0.0\n  prod @s/b ^2 2.0.0\n  prod alias npm:d@2 d@2.0.0\n"
        "package d@1.0.0\npackage d@2.0.0\n");
  CHECK(must_read(ForeignFormat::bun, text, kApp).unknown ==
        ForeignLock::Unknown{false, false, false, false, false, true, true});
}

TEST_CASE("bun: peers, optional ones by name") {
  CHECK(read(lock(R"(
    "a": ["a@1.0.0", "", { "peerDependencies": { "p": "1", "q": "1" }, "optionalPeers": ["q"] }, "#"],
    "p": ["p@1.0.0", "", {}, "#"],)")) ==
        "importer .\n  name app\n  prod a ^1 1.0.0(p@1.0.0)\n"
        "package a@1.0.0(p@1.0.0)\n  peer p 1 1.0.0\n  peerOptional q 1 -\npackage p@1.0.0\n");
}

TEST_CASE("bun: members of the workspace and places of their own") {
  const Project project = project_of(
      {{".", R"({"name": "app"})"},
       {"p/x", R"({"name": "@m/x", "dependencies": {"y": "workspace:*", "a": "^1"}})"},
       {"p/y",
        R"({"name": "y", "devDependencies": {"a": "^2"}, "peerDependencies": {"r": "*"}})"}});
  CHECK(read(lock(R"(
    "@m/x": ["@m/x@workspace:p/x"], "y": ["y@workspace:p/y"],
    "a": ["a@2.0.0", "", {}, "#"], "@m/x/a": ["a@1.0.0", "", {}, "#"],)",
                  R"("": {"name": "app",},
    "p/x": {"name": "@m/x", "dependencies": {"y": "workspace:*", "a": "^1"}},
    "p/y": {"name": "y", "devDependencies": {"a": "^2"}, "peerDependencies": {"r": "*"}},)"),
             project) ==
        "importer .\n  name app\n"
        "importer p/x\n  name @m/x\n  prod a ^1 1.0.0\n  prod y workspace:* importer p/y\n"
        "importer p/y\n  name y\n  dev a ^2 2.0.0\n  peer r * -\n"
        "package a@1.0.0\npackage a@2.0.0\n");
}

TEST_CASE("bun: git, address, folder and archive sources") {
  const std::string commit(40, 'f');
  const Project project = project_of({{".", R"({"dependencies": {
      "g": "git+ssh://git@host.example/g.git", "u": "https://files.example/u.tgz", "d": "file:../d",
      "l": "link:./l", "t": "./t.tgz"}})"}});
  CHECK(read(lock(R"(
    "g": ["g@git+ssh://git@host.example/g.git#)" +
                      commit + R"(", {}, "host.example-g-fff"],
    "u": ["u@https://files.example/u.tgz", { "dependencies": { "d": "*" } }, "#"],
    "d": ["d@file:../d", {}], "l": ["l@link:./l", {}], "t": ["t@./t.tgz", {}, "#"],)",
                  R"("": {"dependencies": {"g": "git+ssh://git@host.example/g.git",
      "u": "https://files.example/u.tgz", "d": "file:../d", "l": "link:./l", "t": "./t.tgz"}},)"),
             project) ==
        "importer .\n  prod d file:../d d@ directory ../d\n"
        "  prod g git+ssh://git@host.example/g.git g@ git git+ssh://git@host.example/g.git#" +
            commit +
            "\n"
            "  prod l link:./l l@ link l\n  prod t ./t.tgz t@ file t.tgz\n"
            "  prod u https://files.example/u.tgz u@ tarball https://files.example/u.tgz\n"
            "package d@ directory ../d\n"
            "package g@ git git+ssh://git@host.example/g.git#" +
            commit +
            "\npackage l@ link l\n"
            "package t@ file t.tgz\n"
            "package u@ tarball https://files.example/u.tgz\n  prod d * d@ directory ../d\n");
}

TEST_CASE("bun: what an archive brings itself is no package") {
  CHECK(read(lock(R"(
    "a": ["a@1.0.0", "", { "dependencies": { "i": "1", "e": "1", "n": "1" } }, "#"],
    "a/i": ["i@1.0.0", "", { "dependencies": { "j": "1", "d": "1" }, "bundled": true }, "#"],
    "a/j": ["j@1.0.0", "", {}, "#"],
    "a/n": ["n@1.0.0", "", { "dependencies": { "o": "1" } }, "#"],
    "a/o": ["o@1.0.0", "", {}, "#"],
    "d": ["d@1.0.0", "", {}, "#"], "e": ["e@1.0.0", "", {}, "#"], "j": ["j@2.0.0", "", {}, "#"],)")) ==
        "importer .\n  name app\n  prod a ^1 1.0.0\n"
        "package a@1.0.0\n  bundled i\n  prod d 1 1.0.0\n  prod e 1 1.0.0\n  prod n 1 1.0.0\n"
        "package d@1.0.0\npackage e@1.0.0\npackage n@1.0.0\n  prod o 1 1.0.0\npackage o@1.0.0\n");
}

TEST_CASE("bun: comments and trailing commas are no part of JSON, texts are") {
  CHECK(plain_json("{\"a,]\": [1, 2, ], // c, }\n \"b\": {/* , } */}, }") ==
        "{\"a,]\": [1, 2  ],        \n \"b\": {         }  }");
  CHECK(plain_json("\"// no\\\" /* comment */\"") == "\"// no\\\" /* comment */\"");
  CHECK(plain_json("[1,,]") == "[1, ]");
  CHECK(plain_json("[1 /* open") == "[1 /* open");
  CHECK(plain_json("\"open") == "\"open");
}

TEST_CASE("bun: lockfiles that hod does not know are refused") {
  CHECK(refused("{\"lockfileVersion\": 4, \"workspaces\": {}, \"packages\": {}}").find("`4`") !=
        std::string::npos);
  CHECK(refused("{}").find("``") != std::string::npos);
  CHECK(refused("bun-lockfile-format-v0\n").find("JSON_INVALID") == 0);
  CHECK(refused("{\"lockfileVersion\": 1}").find("no `workspaces`") != std::string::npos);
  CHECK(refused(lock("\"a\": []")).find("`a` is no package") != std::string::npos);
  CHECK(refused(lock("")).find("`.` needs `a`") != std::string::npos);
  CHECK(refused(lock(R"("a": ["a@1.0.0", "", {"dependencies": {"b": "1"}}, "#"])"))
            .find("`a` needs `b`") != std::string::npos);
}

TEST_CASE("bun: which packages are patched is taken over") {
  const ForeignLock read =
      must_read(ForeignFormat::bun,
                lock("\"a\": [\"a@1.0.0\", \"\", {}, \"#\"]", kRoot,
                     "\"patchedDependencies\": {\"a@1.0.0\": \"patches/a.patch\"},"),
                kApp);
  CHECK(read.knows_patches);
  CHECK(read.graph.patches == std::vector<std::pair<std::string, std::string>>{{"a@1.0.0", ""}});
}

TEST_CASE(
    "T-LOCK-01 T-LOCK-02 T-LINK-04 T-LINK-08: hostile bun lockfiles are refused or not believed") {
  CHECK(refused(lock(R"("a": ["a@1.0.0", "", {}])")).find("INTEGRITY_MISSING `a@1.0.0`") == 0);
  CHECK(refused(lock(R"("a": ["a@1.0.0", "", {}, "md5-x"])")).find("INTEGRITY_MISSING") == 0);
  CHECK(refused(lock(R"("a": ["../a@1.0.0", "", {}, "#"])")).find("_INVALID") != std::string::npos);
  CHECK(refused(lock(R"("a": ["a@../..", "", {}, "#"])")).find("LOCKFILE_INVALID") == 0);
  CHECK(refused(lock(R"("a": ["a@link:../../etc", {}])")).find("no manifest names") !=
        std::string::npos);
  CHECK(refused(lock(R"("a": ["a@file:/etc", {}])")).find("no manifest names") !=
        std::string::npos);
  CHECK(refused(lock(R"("a": ["a@1.0.0", "", {"optionalDependencies": {"../x": "1"}}, "#"])"))
            .find("LOCKFILE_INVALID") == 0);
  const ForeignLock odd =
      must_read(ForeignFormat::bun,
                lock(R"("a": ["a@1.0.0", "https://evil.example/payload.tgz", {}, "#"])"), kApp);
  CHECK(odd.graph.packages[0].source == PackageSource{});
  CHECK(odd.warnings.size() == 1);
}
