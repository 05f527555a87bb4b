// SPDX-License-Identifier: MIT
#include "lockfile/foreign_scene_test.h"
#include "lockfile/yarn_lock.h"

using namespace hod;
using namespace hod::lockfile;
using namespace hod::lockfile::scene;

namespace {

const Project kApp = project_of({{".", R"({"name": "app", "dependencies": {"a": "^1"}})"}});

// A lockfile whose root has these dependencies (lines of YAML).
std::string lock(const std::string& entries, const std::string& dependencies = "    a: 'npm:^1'\n",
                 const std::string& version = "8") {
  return "# generated\n\n__metadata:\n  version: " + version +
         "\n  cacheKey: 10c0\n\n\"app@workspace:.\":\n" +
         "  version: 0.0.0-use.local\n  resolution: \"app@workspace:.\"\n  dependencies:\n" +
         dependencies + "  languageName: unknown\n  linkType: soft\n\n" + entries;
}
std::string entry(const std::string& key, const std::string& resolution,
                  const std::string& more = "") {
  return "\"" + key + "\":\n  version: 1.0.0\n  resolution: \"" + resolution + "\"\n" + more +
         "  linkType: hard\n\n";
}
std::string read(const std::string& text, const Project& project = kApp) {
  const ForeignLock lock = must_read(ForeignFormat::yarn, text, project);
  CHECK(differences(lock.graph, project.requirements).empty());
  return text_of(lock.graph);
}
std::string refused(const std::string& text) { return refusal(ForeignFormat::yarn, text, kApp); }

}  // namespace

TEST_CASE("yarn berry: descriptors lead to locators") {
  const std::string text =
      lock(entry("a@npm:^1, a@npm:~1.0", "a@npm:1.0.0",
                 "  dependencies:\n    b: 'npm:^2'\n    o: 'npm:1'\n    x: 'npm:@s/real@^3'\n  "
                 "dependenciesMeta:\n    o:\n"
                 "      optional: true\n  peerDependencies:\n    p: '*'\n  bin:\n    a: ./cli.js\n"
                 "  checksum: 10c0/abc\n") +
           entry("b@npm:^2", "b@npm:2.0.0",
                 "  conditions: (os=linux | os=darwin) & cpu=x64 & libc=glibc\n") +
           entry("o@npm:1", "o@npm:1.0.0") +
           entry("x@npm:@s/real@^3", "@s/real@npm:3.0.0::__archiveUrl=x"));
  CHECK(read(text) ==
        "importer .\n  name app\n  prod a ^1 1.0.0\n"
        "package @s/real@3.0.0\n"
        "package a@1.0.0\n  bin a cli.js\n  prod b ^2 2.0.0\n  optional o 1 1.0.0\n"
        "  prod x npm:@s/real@^3 @s/real@3.0.0\n"
        "package b@2.0.0\n  os linux darwin\n  cpu x64\n  libc glibc\n"
        "package o@1.0.0\n");
  const ForeignLock lock_read = must_read(ForeignFormat::yarn, text, kApp);
  CHECK(lock_read.unknown.integrity);
  CHECK(lock_read.unknown.peers);
  CHECK_FALSE(lock_read.unknown.platforms);
  CHECK_FALSE(lock_read.warnings.empty());
}

TEST_CASE("yarn berry: members of the workspace, their kinds from the manifests") {
  const Project project =
      project_of({{".", R"({"name": "app", "devDependencies": {"a": "^1"}})"},
                  {"p/x", R"({"name": "x", "dependencies": {"y": "workspace:^", "a": "^1"},
                   "peerDependencies": {"react": "*"}})"},
                  {"p/y", R"({"name": "y"})"}});
  CHECK(read(lock(entry("a@npm:^1", "a@npm:1.0.0") +
                  entry("x@workspace:p/x", "x@workspace:p/x",
                        "  dependencies:\n    a: 'npm:^1'\n    y: 'workspace:^'\n") +
                  entry("y@workspace:^, y@workspace:p/y", "y@workspace:p/y")),
             project) ==
        "importer .\n  name app\n  dev a ^1 1.0.0\n"
        "importer p/x\n  name x\n  prod a ^1 1.0.0\n  peer react * -\n  prod y workspace:^ "
        "importer p/y\n"
        "importer p/y\n  name y\npackage a@1.0.0\n");
}

TEST_CASE("yarn berry: resolutions change what an edge is looked up as") {
  const Project project = project_of({{".", R"({"name": "app", "dependencies": {"a": "^1"},
      "resolutions": {"b": "2.5.0", "a/c": "npm:9.0.0"}})"}});
  CHECK(read(lock(entry("a@npm:^1", "a@npm:1.0.0",
                        "  dependencies:\n    b: 'npm:^2'\n    c: 'npm:^3'\n") +
                  entry("b@npm:2.5.0", "b@npm:2.5.0", "  dependencies:\n    c: 'npm:^3'\n") +
                  entry("c@npm:9.0.0", "c@npm:9.0.0") + entry("c@npm:^3", "c@npm:3.0.0")),
             project) ==
        "overrides\n  resolutions.a/c 9.0.0\n  resolutions.b 2.5.0\n"
        "importer .\n  name app\n  prod a ^1 1.0.0\n"
        "package a@1.0.0\n  prod b ^2 2.5.0\n  prod c ^3 9.0.0\n"
        "package b@2.5.0\n  prod c ^3 3.0.0\npackage c@3.0.0\npackage c@9.0.0\n");
}

TEST_CASE("yarn berry: its own patches are unwrapped, others are refused") {
  const std::string own = "a@patch:a@npm%3A^1#optional!builtin<compat/a>";
  const std::string theirs = "a@patch:a@npm%3A^1#~/.yarn/patches/a.patch";
  const auto with = [](const std::string& key, const std::string& tail) {
    const std::string range = key.substr(2);
    return lock(entry(key, "a@patch:a@npm%3A1.0.0#" + tail + "::version=1.0.0&hash=x") +
                    entry("a@npm:^1", "a@npm:1.0.0"),
                "    a: '" + range + "'\n");
  };
  const std::string refusal_text = refused(with(theirs, "~/.yarn/patches/a.patch"));
  CHECK(refusal_text.find("`a` is patched") != std::string::npos);
  const auto unwrapped = read_foreign_lock(
      ForeignFormat::yarn, with(own, "optional!builtin<compat/a>"), "yarn.lock", kApp.requirements);
  REQUIRE(unwrapped);
  REQUIRE(unwrapped->graph.packages.size() == 1);
  CHECK(unwrapped->graph.packages[0].id() == "a@1.0.0");
}

TEST_CASE("yarn berry: git, address, folder and archive sources") {
  const std::string commit(40, 'e');
  const Project project = project_of({{".", R"({"name": "app", "dependencies": {
      "g": "git@host.example:u/r.git", "u": "https://files.example/u.tgz", "l": "link:../l", "h": "u/h",
      "t": "file:./t.tgz"}})"}});
  CHECK(
      read(lock(entry("g@git@host.example:u/r.git", "g@git@host.example:u/r.git#commit=" + commit) +
                    entry("h@u/h", "h@https://host.example/u/h.git#commit=" + commit) +
                    entry("u@https://files.example/u.tgz", "u@https://files.example/u.tgz") +
                    entry("l@link:../l::locator=app%40workspace%3A.",
                          "l@link:../l::locator=app%40workspace%3A.") +
                    entry("t@file:./t.tgz::locator=app%40workspace%3A.",
                          "t@file:./t.tgz#./t.tgz::hash=x&locator=app%40workspace%3A."),
                "    g: 'git@host.example:u/r.git'\n    h: u/h\n    l: 'link:../l'\n    t: "
                "'file:./t.tgz'\n"
                "    u: 'https://files.example/u.tgz'\n"),
           project) ==
      "importer .\n  name app\n"
      "  prod g git@host.example:u/r.git 1.0.0 git git+ssh://git@host.example/u/r.git#" +
          commit +
          "\n"
          "  prod h u/h 1.0.0 git git+https://host.example/u/h.git#" +
          commit +
          "\n"
          "  prod l link:../l 1.0.0 link ../l\n  prod t file:./t.tgz 1.0.0 file t.tgz\n"
          "  prod u https://files.example/u.tgz 1.0.0 tarball https://files.example/u.tgz\n"
          "package g@1.0.0 git git+ssh://git@host.example/u/r.git#" +
          commit +
          "\n"
          "package h@1.0.0 git git+https://host.example/u/h.git#" +
          commit +
          "\n"
          "package l@1.0.0 link ../l\npackage t@1.0.0 file t.tgz\n"
          "package u@1.0.0 tarball https://files.example/u.tgz\n");
}

TEST_CASE("yarn berry: versions that hod does not know are refused") {
  for (const char* version : {"3", "11", "x", "''", "99999999999"}) {
    CHECK(refused(lock("", "    {}\n", version)).find("`__metadata.version`") != std::string::npos);
  }
  CHECK(refused("__metadata: {version: 8}\na@npm:1: {version: 1}\n").find("no resolution") !=
        std::string::npos);
  CHECK(refused("__metadata:\n  version: 8\n---\nx: 1\n").find("no single mapping") !=
        std::string::npos);
  CHECK(refused(lock("")).find("`a@npm:^1` is needed") != std::string::npos);
}

TEST_CASE("T-LOCK-07 T-LINK-04: hostile berry lockfiles are refused") {
  CHECK(refused(lock(entry("a@npm:^1", "a@npm:1.0.0")) + "&x y: 1\n").find("anchors") !=
        std::string::npos);
  CHECK(refused(lock(entry("a@npm:^1", "../a@npm:1.0.0"))).find("LOCKFILE_INVALID") == 0);
  CHECK(refused(lock(entry("a@npm:^1", "a@npm:../.."))).find("LOCKFILE_INVALID") == 0);
  CHECK(refused(lock(entry("a@npm:^1", "a@link:../../etc"))).find("no manifest names") !=
        std::string::npos);
  CHECK(
      refused(lock(entry("a@npm:^1", "a@git@h.example:x#commit=main"))).find("LOCKFILE_INVALID") ==
      0);
  CHECK(refused(lock(entry("a@npm:^1", "a@npm:1.0.0") + entry("b@npm:1, a@npm:^1", "b@npm:1.0.0")))
            .find("twice") != std::string::npos);
}
