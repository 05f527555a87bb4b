// SPDX-License-Identifier: MIT
#include "lockfile/foreign_scene_test.h"

using namespace hod;
using namespace hod::lockfile;
using namespace hod::lockfile::scene;

namespace {

const Project kApp = project_of({{".", R"({"name": "app", "dependencies": {"a": "^1"}})"}});

// A lockfile whose root asks for `a`, with these further places.
std::string lock(const std::string& places,
                 const std::string& root = R"({"dependencies": {"a": "^1"}})") {
  return R"({"lockfileVersion": 3, "packages": {"": )" + root + ",\n" + places + "}}";
}
std::string read(const std::string& places) {
  return read_text(ForeignFormat::npm, lock(places), kApp);
}
std::string refused(const std::string& places) {
  return refusal(ForeignFormat::npm, lock(places), kApp);
}

}  // namespace

TEST_CASE("npm: an edge leads to the nearest node_modules upwards") {
  CHECK(read(R"(
    "node_modules/a": {"version": "1.0.0", "integrity": "#", "dependencies": {"b": "^1", "c": "*"}},
    "node_modules/a/node_modules/b": {"version": "1.2.0", "integrity": "#", "dependencies": {"c": "*"}},
    "node_modules/b": {"version": "2.0.0", "integrity": "#"},
    "node_modules/c": {"version": "3.0.0", "integrity": "#", "dependencies": {"b": "^2"}})") ==
        "importer .\n  name app\n  prod a ^1 1.0.0\n"
        "package a@1.0.0\n  prod b ^1 1.2.0\n  prod c * 3.0.0\n"
        "package b@1.2.0\n  prod c * 3.0.0\n"
        "package b@2.0.0\n"
        "package c@3.0.0\n  prod b ^2 2.0.0\n");
}

TEST_CASE("npm: copies of one version are one package where they lead to the same, else several") {
  CHECK(read(R"(
    "node_modules/a": {"version": "1.0.0", "integrity": "#", "dependencies": {"b": "1", "c": "1", "d": "1"}},
    "node_modules/a/node_modules/d": {"version": "1.0.0", "integrity": "#"},
    "node_modules/b": {"version": "1.0.0", "integrity": "#", "dependencies": {"d": "*"}},
    "node_modules/b/node_modules/d": {"version": "1.0.0", "integrity": "#"},
    "node_modules/c": {"version": "1.0.0", "integrity": "#", "dependencies": {"b": "*", "d": "2"}},
    "node_modules/c/node_modules/b": {"version": "1.0.0", "integrity": "#", "dependencies": {"d": "*"}},
    "node_modules/c/node_modules/d": {"version": "2.0.0", "integrity": "#"})") ==
        "importer .\n  name app\n  prod a ^1 1.0.0\n"
        "package a@1.0.0\n  prod b 1 1.0.0\n  prod c 1 1.0.0\n  prod d 1 1.0.0\n"
        "package b@1.0.0\n  prod d * 1.0.0\n"
        "package b@1.0.0(#2)\n  prod d * 2.0.0\n"
        "package c@1.0.0\n  prod b * 1.0.0(#2)\n  prod d 2 2.0.0\n"
        "package d@1.0.0\n"
        "package d@2.0.0\n");
}

TEST_CASE("npm: facts of packages are read") {
  CHECK(read(R"(
    "node_modules/a": {"version": "1.0.0", "integrity": "#", "hasInstallScript": true,
      "resolved": "https://registry.example/a/-/a-1.0.0.tgz", "deprecated": "old",
      "engines": {"node": ">=18"}, "os": ["linux"], "cpu": ["x64"], "libc": "glibc",
      "bin": {"a": "./cli.js", "../x": "y.js"}})") ==
        "importer .\n  name app\n  prod a ^1 1.0.0\n"
        "package a@1.0.0\n  os linux\n  cpu x64\n  libc glibc\n  node >=18\n  bin a cli.js\n  bin "
        "x y.js\n"
        "  scripts\n  deprecated \"old\"\n");
}

TEST_CASE("npm: peers and optional dependencies may be missing, others not") {
  CHECK(read(R"(
    "node_modules/a": {"version": "1.0.0", "integrity": "#", "optionalDependencies": {"o": "1"},
      "peerDependencies": {"p": "1", "q": "1", "r": "1"},
      "peerDependenciesMeta": {"q": {"optional": true}, "r": {"optional": true}}},
    "node_modules/r": {"version": "1.0.0", "integrity": "#"})") ==
        "importer .\n  name app\n  prod a ^1 1.0.0(r@1.0.0)\n"
        "package a@1.0.0(r@1.0.0)\n  optional o 1 -\n  peer p 1 -\n  peerOptional q 1 -\n"
        "  peerOptional r 1 1.0.0\n"
        "package r@1.0.0\n");
  CHECK(
      refused(
          R"("node_modules/a": {"version": "1.0.0", "integrity": "#", "dependencies": {"b": "1"}})")
          .find("`node_modules/a` needs `b`") != std::string::npos);
}

TEST_CASE("npm: an alias keeps its slot and its package's name") {
  const Project app = project_of({{".", R"({"dependencies": {"short": "npm:@s/long@^1"}})"}});
  CHECK(
      read_text(
          ForeignFormat::npm,
          lock(R"("node_modules/short": {"name": "@s/long", "version": "1.0.0", "integrity": "#"})",
               R"({"dependencies": {"short": "npm:@s/long@^1"}})"),
          app) == "importer .\n  prod short npm:@s/long@^1 @s/long@1.0.0\npackage @s/long@1.0.0\n");
}

TEST_CASE("npm: members of the workspace are importers, linked folders are packages") {
  const Project project =
      project_of({{".", R"({"name": "root", "dependencies": {"lib": "file:../lib"}})"},
                  {"packages/x", R"({"name": "x", "devDependencies": {"y": "^1", "d": "1"}})"},
                  {"packages/y", R"({"name": "y", "version": "1.0.0"})"}});
  const std::string text = lock(R"(
    "../lib": {"version": "0.1.0", "dependencies": {"e": "1"}, "devDependencies": {"never": "1"}},
    "../lib/node_modules/e": {"version": "1.0.0", "integrity": "#"},
    "node_modules/lib": {"resolved": "../lib", "link": true},
    "node_modules/x": {"resolved": "packages/x", "link": true},
    "node_modules/y": {"resolved": "packages/y", "link": true},
    "packages/x": {"devDependencies": {"y": "^1", "d": "1"}},
    "packages/x/node_modules/d": {"version": "1.0.0", "integrity": "#"},
    "packages/y": {"version": "1.0.0"})",
                                R"({"name": "root", "dependencies": {"lib": "file:../lib"}})");
  const ForeignLock read = must_read(ForeignFormat::npm, text, project);
  CHECK(text_of(read.graph) ==
        "importer .\n  name root\n  prod lib file:../lib 0.1.0 directory ../lib\n"
        "importer packages/x\n  name x\n  dev d 1 1.0.0\n  dev y ^1 importer packages/y\n"
        "importer packages/y\n  name y\n"
        "package d@1.0.0\npackage e@1.0.0\n"
        "package lib@0.1.0 directory ../lib\n  prod e 1 1.0.0\n");
  CHECK(differences(read.graph, project.requirements).empty());
}

TEST_CASE(
    "npm: what an archive brings itself is no package, what it needs from outside is its "
    "bundler's") {
  CHECK(read(R"(
    "node_modules/a": {"version": "1.0.0", "integrity": "#", "bundleDependencies": ["b"],
                       "dependencies": {"b": "1", "e": "1"}},
    "node_modules/a/node_modules/b": {"version": "1.0.0", "inBundle": true, "dependencies": {"c": "1", "d": "1"}},
    "node_modules/a/node_modules/c": {"version": "1.0.0", "inBundle": true},
    "node_modules/d": {"version": "1.0.0", "integrity": "#"},
    "node_modules/e": {"version": "1.0.0", "integrity": "#"})") ==
        "importer .\n  name app\n  prod a ^1 1.0.0\n"
        "package a@1.0.0\n  bundled b\n  prod d 1 1.0.0\n  prod e 1 1.0.0\n"
        "package d@1.0.0\npackage e@1.0.0\n");
}

TEST_CASE("npm: git, address and archive sources") {
  const std::string commit(40, 'a');
  const Project app =
      project_of({{".", R"({"dependencies": {"g": "github:u/r", "u": "https://files.example/u.tgz",
                                                "f": "file:./f.tgz"}})"}});
  const std::string root =
      R"({"dependencies": {"g": "github:u/r", "u": "https://files.example/u.tgz",
                                                "f": "file:./f.tgz"}})";
  CHECK(read_text(ForeignFormat::npm,
                  lock(R"(
    "node_modules/g": {"version": "1.0.0", "resolved": "git+ssh://git@host.example/u/r.git#)" +
                           commit + R"("},
    "node_modules/u": {"version": "2.0.0", "resolved": "https://files.example/u.tgz", "integrity": "#"},
    "node_modules/f": {"version": "3.0.0", "resolved": "file:f.tgz", "integrity": "#"})",
                       root),
                  app) ==
        "importer .\n  prod f file:./f.tgz 3.0.0 file f.tgz\n"
        "  prod g github:u/r 1.0.0 git git+ssh://git@host.example/u/r.git#" +
            commit +
            "\n"
            "  prod u https://files.example/u.tgz 2.0.0 tarball https://files.example/u.tgz\n"
            "package f@3.0.0 file f.tgz\n"
            "package g@1.0.0 git git+ssh://git@host.example/u/r.git#" +
            commit +
            "\n"
            "package u@2.0.0 tarball https://files.example/u.tgz\n");
}

TEST_CASE(
    "T-LOCK-01: the host of a registry's address does not count, an odd address is not believed") {
  const auto with = [](const char* resolved) {
    return must_read(ForeignFormat::npm,
                     lock(std::string(R"("node_modules/a": {"version": "1.0.0",
      "integrity": "#", "resolved": ")") +
                          resolved + "\"}"),
                     kApp);
  };
  for (const char* shaped :
       {"https://registry.example/a/-/a-1.0.0.tgz", "http://evil.example/x/a/-/b.tgz"}) {
    const ForeignLock read = with(shaped);
    CHECK(read.graph.packages[0].source == PackageSource{});
    CHECK(read.graph.packages[0].tarball.empty());
    CHECK(read.warnings.empty());
  }
  const ForeignLock odd = with("https://evil.example/payload.tgz");
  CHECK(odd.graph.packages[0].source == PackageSource{});
  CHECK(odd.graph.packages[0].tarball.empty());
  REQUIRE(odd.warnings.size() == 1);
  CHECK(odd.warnings[0].find("`a@1.0.0`") != std::string::npos);
  CHECK(odd.warnings[0].find("evil.example") != std::string::npos);
}

TEST_CASE(
    "T-LOCK-02 T-LOCK-03: npm packages without a known digest are refused, sha1 alone is not") {
  CHECK(refused(R"("node_modules/a": {"version": "1.0.0"})").find("INTEGRITY_MISSING `a@1.0.0`") ==
        0);
  CHECK(refused(R"("node_modules/a": {"version": "1.0.0", "integrity": ""})")
            .find("INTEGRITY_MISSING") == 0);
  for (const char* integrity : {"md5-xxx", "sha512-", "sha3-AAAA", "nonsense"}) {
    CHECK(refused(std::string(R"("node_modules/a": {"version": "1.0.0", "integrity": ")") +
                  integrity + "\"}")
              .find("LOCKFILE_INVALID") == 0);
  }
  const std::string sha1 = "sha1-" + to_base64(std::string(20, 'a'));
  CHECK(refused(R"("node_modules/a": {"version": "1.0.0", "integrity": ")" + sha1 + "\"}") ==
        "fine");
}

TEST_CASE("T-LOCK-02: two integrities of one version that contradict each other are refused") {
  const std::string other = "sha512-" + to_base64(std::string(64, 'y'));
  CHECK(
      refused(
          R"("node_modules/a": {"version": "1.0.0", "integrity": "#", "dependencies": {"b": "1", "c": "1"}},
    "node_modules/b": {"version": "1.0.0", "integrity": "#"},
    "node_modules/c": {"version": "1.0.0", "integrity": "#", "dependencies": {"b": "1"}},
    "node_modules/c/node_modules/b": {"version": "1.0.0", "integrity": ")" +
          other + "\"}")
          .find("contradict") != std::string::npos);
}

TEST_CASE("T-LINK-04: npm lockfile keys that could act as paths are refused") {
  for (const char* key :
       {"node_modules/../../x", "node_modules/.bin", "node_modules/@x/../../y", "node_modules/",
        "node_modules/a/node_modules/..", "node_modules/__proto__"}) {
    CAPTURE(key);
    CHECK(refused(std::string(R"("node_modules/a": {"version": "1.0.0", "integrity": "#"}, ")") +
                  key + R"(": {"version": "1.0.0", "integrity": "#"})")
              .find("LOCKFILE_INVALID") == 0);
  }
  CHECK(refused(R"("node_modules/a": {"name": "../x", "version": "1.0.0", "integrity": "#"})")
            .find("LOCKFILE_INVALID") == 0);
  for (const char* version : {"", "1", "latest", "1.0.0/../..", "v1.0.0"}) {
    CHECK(refused(std::string(R"("node_modules/a": {"integrity": "#", "version": ")") + version +
                  "\"}")
              .find("LOCKFILE_INVALID") == 0);
  }
  CHECK(
      refused(
          R"("node_modules/a": {"version": "1.0.0", "integrity": "#", "optionalDependencies": {"../x": "1"}})")
          .find("LOCKFILE_INVALID") == 0);
}

TEST_CASE("T-LINK-08 T-LINK-09: an npm lockfile alone leads to no folder") {
  // The root asks for `a` in the registry; the lockfile makes it a link to elsewhere.
  CHECK(
      refused(
          R"("node_modules/a": {"resolved": "../../etc", "link": true}, "../../etc": {"version": "1.0.0"})")
          .find("no manifest names") != std::string::npos);
  CHECK(
      refused(
          R"("node_modules/a": {"version": "1.0.0", "integrity": "#", "dependencies": {"l": "file:../l"}},
    "node_modules/l": {"resolved": "../l", "link": true}, "../l": {}")")
          .find("_INVALID") != std::string::npos);
  // Importers are those of the project; what the lockfile adds is no importer.
  CHECK(read(R"("node_modules/a": {"version": "1.0.0", "integrity": "#"},
    "node_modules/extra": {"resolved": "packages/extra", "link": true}, "packages/extra": {"version": "1.0.0"})") ==
        "importer .\n  name app\n  prod a ^1 1.0.0\npackage a@1.0.0\n");
}

TEST_CASE("npm: a manifest that changed since is told by the comparison") {
  const Project changed =
      project_of({{".", R"({"name": "app", "dependencies": {"a": "^2", "b": "1"}})"}});
  const ForeignLock read =
      must_read(ForeignFormat::npm,
                lock(R"("node_modules/a": {"version": "1.0.0", "integrity": "#"})"), changed);
  CHECK(differences(read.graph, changed.requirements).size() == 2);
}
