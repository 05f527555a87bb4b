// SPDX-License-Identifier: MIT
#include "lockfile/pnpm_lock.h"

#include "lockfile/foreign_scene_test.h"

using namespace hod;
using namespace hod::lockfile;
using namespace hod::lockfile::scene;

namespace {

const Project kApp = project_of({{".", R"({"name": "app", "dependencies": {"a": "^1"}})"}});

const std::string kImporter =
    "importers:\n  .:\n    dependencies:\n      a: {specifier: ^1, version: 1.0.0}\n";
// A fact line of a registry package: "a: {resolution…, more}".
std::string fact(const std::string& key, const std::string& more = "") {
  return "  '" + key + "': {resolution: {integrity: \"#\"}" + (more.empty() ? "" : ", " + more) +
         "}\n";
}
std::string lock(const std::string& importers, const std::string& facts,
                 const std::string& snapshots, const std::string& top = "") {
  return "lockfileVersion: '9.0'\n" + top + importers + "packages:\n" + facts + "snapshots:\n" +
         snapshots;
}
std::string read(const std::string& text, const Project& project = kApp) {
  const ForeignLock lock = must_read(ForeignFormat::pnpm, text, project);
  CHECK(differences(lock.graph, project.requirements).empty());
  return text_of(lock.graph);
}
std::string refused(const std::string& text, const Project& project = kApp) {
  return refusal(ForeignFormat::pnpm, text, project);
}

}  // namespace

TEST_CASE("pnpm 9: importers, facts and snapshots make a graph") {
  const std::string text =
      lock(kImporter,
           fact("a@1.0.0",
                "engines: {node: '>=6'}, os: [linux], cpu: [x64], libc: [musl], hasBin: true, "
                "deprecated: old one") +
               fact("b@2.0.0") + fact("@s/real@3.0.0"),
           "  'a@1.0.0': {dependencies: {b: 2.0.0, alias: '@s/real@3.0.0'}, optionalDependencies: "
           "{c: 1.0.0}}\n"
           "  'b@2.0.0': {}\n  '@s/real@3.0.0': {}\n  'c@1.0.0': {optional: true}\n");
  CHECK(refused(text).find("`c@1.0.0` has no entry in `packages`") != std::string::npos);
  std::string whole = text;
  whole.insert(whole.find("snapshots:"), fact("c@1.0.0"));
  CHECK(
      read(whole) ==
      "importer .\n  name app\n  prod a ^1 1.0.0\n"
      "package @s/real@3.0.0\n"
      "package a@1.0.0\n  os linux\n  cpu x64\n  libc musl\n  node >=6\n  deprecated \"old one\"\n"
      "  prod alias npm:@s/real@3.0.0 @s/real@3.0.0\n  prod b 2.0.0 2.0.0\n  optional c 1.0.0 "
      "1.0.0\n"
      "package b@2.0.0\npackage c@1.0.0\n");
  const ForeignLock::Unknown unknown = must_read(ForeignFormat::pnpm, whole, kApp).unknown;
  CHECK(unknown.ranges);
  CHECK(unknown.bins);
  CHECK(unknown.scripts);
  CHECK_FALSE(unknown.peers);
}

TEST_CASE("pnpm 9: a version with two sets of peers is two packages") {
  const Project project = project_of(
      {{".", R"({"dependencies": {"a": "^1", "p": "1"}})"},
       {"m", R"({"name": "m", "dependencies": {"a": "^1"}, "peerDependencies": {"p": "2"}})"}});
  CHECK(
      read(lock("importers:\n"
                "  .:\n    dependencies:\n      a: {specifier: ^1, version: 1.0.0(p@1.0.0)}\n"
                "      p: {specifier: '1', version: 1.0.0}\n"
                "  m:\n    dependencies:\n      a: {specifier: ^1, version: 1.0.0(p@2.0.0)}\n"
                "      p: {specifier: '2', version: 2.0.0}\n",
                fact("a@1.0.0",
                     "peerDependencies: {p: '*', q: '*'}, peerDependenciesMeta: {q: {optional: "
                     "true}}") +
                    fact("p@1.0.0") + fact("p@2.0.0"),
                "  'a@1.0.0(p@1.0.0)': {dependencies: {p: 1.0.0}}\n"
                "  'a@1.0.0(p@2.0.0)': {dependencies: {p: 2.0.0}}\n  p@1.0.0: {}\n  p@2.0.0: {}\n"),
           project) ==
      "importer .\n  prod a ^1 1.0.0(p@1.0.0)\n  prod p 1 1.0.0\n"
      "importer m\n  name m\n  prod a ^1 1.0.0(p@2.0.0)\n  peer p 2 2.0.0\n"
      "package a@1.0.0(p@1.0.0)\n  peer p * 1.0.0\n  peerOptional q * -\n"
      "package a@1.0.0(p@2.0.0)\n  peer p * 2.0.0\n  peerOptional q * -\n"
      "package p@1.0.0\npackage p@2.0.0\n");
}

TEST_CASE("pnpm 9: links lead to members, or to folders that a manifest names") {
  const Project project = project_of(
      {{".", R"({"dependencies": {"l": "link:../lib"}})"},
       {"apps/x", R"({"name": "x", "dependencies": {"y": "workspace:^", "z": "workspace:*"}})"},
       {"pkgs/y", R"({"name": "y"})"},
       {"pkgs/z", R"({"name": "z"})"}});
  CHECK(read(lock("importers:\n  .:\n    dependencies:\n      l: {specifier: 'link:../lib', "
                  "version: 'link:../lib'}\n"
                  "  apps/x:\n    dependencies:\n      y: {specifier: 'workspace:^', version: "
                  "'link:../../pkgs/y'}\n"
                  "      z: {specifier: 'workspace:*', version: 'file:pkgs/z'}\n"
                  "  pkgs/y: {}\n  pkgs/z: {}\n",
                  "  'z@file:pkgs/z': {resolution: {directory: pkgs/z, type: directory}}\n",
                  "  'z@file:pkgs/z': {}\n"),
             project) ==
        "importer .\n  prod l link:../lib l@ link ../lib\n"
        "importer apps/x\n  name x\n  prod y workspace:^ importer pkgs/y\n  prod z workspace:* "
        "importer pkgs/z\n"
        "importer pkgs/y\n  name y\nimporter pkgs/z\n  name z\n"
        "package l@ link ../lib\n");
}

TEST_CASE("pnpm 9: git, address, folder and archive sources") {
  const std::string commit(40, 'c');
  const Project project = project_of({{".", R"({"dependencies": {
      "g": "github:u/r", "h": "git+https://host.example/h.git", "u": "https://files.example/u.tgz",
      "d": "file:d", "t": "file:t.tgz"}})"}});
  const std::string codeload = "https://codeload.github.com/u/r/tar.gz/" + commit;
  CHECK(read(lock("importers:\n  .:\n    dependencies:\n"
                  "      g: {specifier: 'github:u/r', version: '" +
                      codeload +
                      "'}\n"
                      "      h: {specifier: 'git+https://host.example/h.git', version: "
                      "'git+https://host.example/h.git#" +
                      commit +
                      "'}\n"
                      "      u: {specifier: 'https://files.example/u.tgz', version: "
                      "'https://files.example/u.tgz'}\n"
                      "      d: {specifier: 'file:d', version: 'file:d'}\n"
                      "      t: {specifier: 'file:t.tgz', version: 'file:t.tgz'}\n",
                  "  'g@" + codeload + "': {resolution: {tarball: '" + codeload +
                      "'}, version: 1.0.0}\n"
                      "  'h@git+https://host.example/h.git#" +
                      commit + "': {resolution: {commit: " + commit +
                      ", repo: 'https://host.example/h.git', type: git}, version: 2.0.0}\n"
                      "  'u@https://files.example/u.tgz': {resolution: {integrity: \"#\", "
                      "tarball: 'https://files.example/u.tgz'}, version: 3.0.0}\n"
                      "  'd@file:d': {resolution: {directory: d, type: directory}}\n"
                      "  't@file:t.tgz': {resolution: {integrity: \"#\", tarball: 'file:t.tgz'}, "
                      "version: 4.0.0}\n",
                  "  'g@" + codeload + "': {}\n  'h@git+https://host.example/h.git#" + commit +
                      "': {}\n"
                      "  'u@https://files.example/u.tgz': {}\n  'd@file:d': {}\n  't@file:t.tgz': "
                      "{}\n"),
             project) ==
        "importer .\n  prod d file:d d@ directory d\n"
        "  prod g github:u/r 1.0.0 git git+https://github.com/u/r.git#" +
            commit +
            "\n"
            "  prod h git+https://host.example/h.git 2.0.0 git git+https://host.example/h.git#" +
            commit +
            "\n"
            "  prod t file:t.tgz 4.0.0 file t.tgz\n"
            "  prod u https://files.example/u.tgz 3.0.0 tarball https://files.example/u.tgz\n"
            "package d@ directory d\n"
            "package g@1.0.0 git git+https://github.com/u/r.git#" +
            commit +
            "\n"
            "package h@2.0.0 git git+https://host.example/h.git#" +
            commit +
            "\n"
            "package t@4.0.0 file t.tgz\npackage u@3.0.0 tarball https://files.example/u.tgz\n");
}

TEST_CASE("pnpm 6: facts and edges in one, keys with a slash") {
  CHECK(
      read("lockfileVersion: '6.0'\ndependencies:\n  a: {specifier: ^1, version: 1.0.0(p@1.0.0)}\n"
           "packages:\n"
           "  /a@1.0.0(p@1.0.0): {resolution: {integrity: \"#\"}, peerDependencies: {p: '*'}, "
           "requiresBuild: true,\n"
           "    dependencies: {p: 1.0.0, alias: /@s/real@2.0.0}}\n"
           "  /p@1.0.0: {resolution: {integrity: \"#\"}, dev: false}\n"
           "  /@s/real@2.0.0: {resolution: {integrity: \"#\"}}\n") ==
      "importer .\n  name app\n  prod a ^1 1.0.0(p@1.0.0)\n"
      "package @s/real@2.0.0\n"
      "package a@1.0.0(p@1.0.0)\n  scripts\n  prod alias npm:@s/real@2.0.0 @s/real@2.0.0\n  peer p "
      "* 1.0.0\n"
      "package p@1.0.0\n");
}

TEST_CASE("pnpm: a document of pnpm's own tools is passed over") {
  const std::string own =
      "lockfileVersion: '9.0'\nimporters:\n  .:\n    packageManagerDependencies:\n"
      "      pnpm: {specifier: 1.0.0, version: 1.0.0}\n---\n";
  CHECK(read(own + lock(kImporter, fact("a@1.0.0"), "  a@1.0.0: {}\n")) ==
        "importer .\n  name app\n  prod a ^1 1.0.0\npackage a@1.0.0\n");
}

TEST_CASE("pnpm: what is ignored on purpose is absent, not missing") {
  const Project project =
      project_of({{".", R"({"dependencies": {"a": "^1"}, "optionalDependencies": {"o": "1"}})"}});
  CHECK(read(lock(kImporter, fact("a@1.0.0"), "  a@1.0.0: {}\n",
                  "ignoredOptionalDependencies: [o]\n"),
             project) == "importer .\n  prod a ^1 1.0.0\n  optional o 1 -\npackage a@1.0.0\n");
}

TEST_CASE("pnpm: overrides other than today's make the lockfile out of date") {
  const std::string text =
      lock(kImporter, fact("a@1.0.0"), "  a@1.0.0: {}\n", "overrides: {x>b@^1: 1.2.0, c: '2'}\n");
  const auto changes = [&text](const char* manifest) {
    const Project project = project_of({{".", manifest}});
    return differences(must_read(ForeignFormat::pnpm, text, project).graph, project.requirements)
        .size();
  };
  CHECK(
      changes(
          R"({"dependencies": {"a": "^1"}, "pnpm": {"overrides": {"c": "2", "x>b@^1": "1.2.0"}}})") ==
      0);
  CHECK(changes(R"({"dependencies": {"a": "^1"}, "resolutions": {"c": "2", "x/b@^1": "1.2.0"}})") ==
        0);
  CHECK(changes(R"({"dependencies": {"a": "^1"}, "overrides": {"npm": "only"},
                    "pnpm": {"overrides": {"c": "2", "x>b@^1": "1.2.0"}}})") == 0);
  CHECK(changes(R"({"dependencies": {"a": "^1"}, "pnpm": {"overrides": {"c": "2"}}})") == 1);
  CHECK(
      changes(
          R"({"dependencies": {"a": "^1"}, "pnpm": {"overrides": {"c": "3", "x>b@^1": "1.2.0"}}})") ==
      1);
  CHECK(changes(R"({"dependencies": {"a": "^1"}})") == 2);
}

TEST_CASE("pnpm: lockfiles that hod does not know are refused by name") {
  CHECK(refused("lockfileVersion: 5.4\n").find("`5.4`") != std::string::npos);
  CHECK(refused("lockfileVersion: '10.0'\n").find("`10.0`") != std::string::npos);
  CHECK(refused("packages: {}\n").find("``") != std::string::npos);
  CHECK(refused("").find("empty") != std::string::npos);
}

TEST_CASE("pnpm: patched packages keep their versions, and the hashes of their patches") {
  const std::string hash(64, 'a');
  for (const std::string& recorded : {"{hash: " + hash + ", path: patches/a.patch}", hash}) {
    CAPTURE(recorded);
    const std::string importer =
        "importers:\n  .:\n    dependencies:\n      a: {specifier: ^1, version: "
        "1.0.0(patch_hash=" +
        hash + ")}\n";
    const ForeignLock read =
        must_read(ForeignFormat::pnpm,
                  lock(importer, fact("a@1.0.0"), "  a@1.0.0(patch_hash=" + hash + "): {}\n",
                       "patchedDependencies: {a@1.0.0: " + recorded + "}\n"),
                  kApp);
    CHECK(read.knows_patches);
    CHECK(read.graph.patches ==
          std::vector<std::pair<std::string, std::string>>{{"a@1.0.0", hash}});
    REQUIRE(read.graph.packages.size() == 1);
    CHECK(read.graph.packages[0].id() == "a@1.0.0");
    CHECK(read.graph.packages[0].peer_context.empty());
  }
  const ForeignLock old = must_read(ForeignFormat::pnpm,
                                    lock(kImporter, fact("a@1.0.0"), "  a@1.0.0: {}\n",
                                         "patchedDependencies: {a: {hash: abcdefghij}}\n"),
                                    kApp);
  CHECK(old.graph.patches == std::vector<std::pair<std::string, std::string>>{{"a", ""}});
}

TEST_CASE("pnpm: edges to what is not there are refused") {
  CHECK(refused(lock(kImporter, "  x: {}\n", "")).find("`a` at `1.0.0` is needed, but not in it") !=
        std::string::npos);
  CHECK(refused(lock(kImporter, fact("a@1.0.0"), "  a@1.0.0: {dependencies: {b: 1.0.0}}\n"))
            .find("`b` at `1.0.0` is needed") != std::string::npos);
}

TEST_CASE("T-LOCK-02 T-LINK-04 T-LINK-08: hostile pnpm lockfiles are refused") {
  const auto with = [](const std::string& key, const std::string& facts) {
    return refused(lock(
        "importers:\n  .:\n    dependencies:\n      a: {specifier: ^1, version: '" + key + "'}\n",
        "  '" + key + "': {" + facts + "}\n", "  '" + key + "': {}\n"));
  };
  CHECK(with("a@1.0.0", "resolution: {integrity: \"#\"}") == "fine");
  CHECK(with("a@1.0.0", "resolution: {}").find("INTEGRITY_MISSING") == 0);
  CHECK(with("a@1.0.0", "resolution: {integrity: md5-x}").find("LOCKFILE_INVALID") == 0);
  CHECK(with("a@1.0.0", "engines: {}").find("no resolution") != std::string::npos);
  CHECK(with("../x@1.0.0", "resolution: {integrity: \"#\"}").find("LOCKFILE_INVALID") == 0);
  CHECK(with("a@../..", "resolution: {integrity: \"#\"}").find("LOCKFILE_INVALID") == 0);
  CHECK(with("a@file:../../etc", "resolution: {directory: ../../etc, type: directory}")
            .find("no manifest names") != std::string::npos);
  CHECK(with("a@https://u:p@evil.example/x.tgz",
             "resolution: {integrity: \"#\", tarball: 'https://u:p@evil.example/x.tgz'}, version: "
             "1.0.0")
            .find("LOCKFILE_INVALID") == 0);
  CHECK(with("a@git+https://h.example/a#main",
             "resolution: {commit: main, repo: 'https://h.example/a', type: git}")
            .find("LOCKFILE_INVALID") == 0);
  CHECK(refused("importers:\n  .:\n    dependencies:\n      a: {specifier: ^1, version: "
                "'link:../../etc'}\n"
                "lockfileVersion: '9.0'\n")
            .find("no manifest names") != std::string::npos);
}

TEST_CASE("T-LINK-09: importers of a pnpm lockfile are those of the project") {
  CHECK(read(lock(kImporter +
                      "  ../../etc:\n    dependencies:\n      a: {specifier: ^1, version: 1.0.0}\n",
                  fact("a@1.0.0"), "  a@1.0.0: {}\n")) ==
        "importer .\n  name app\n  prod a ^1 1.0.0\npackage a@1.0.0\n");
}
