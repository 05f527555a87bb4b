// SPDX-License-Identifier: MIT
#include "lockfile/foreign_scene_test.h"
#include "lockfile/yarn_lock.h"

using namespace hod;
using namespace hod::lockfile;
using namespace hod::lockfile::scene;

namespace {

const Project kApp = project_of({{".", R"({"name": "app", "dependencies": {"a": "^1"}})"}});

std::string entry(const std::string& patterns, const std::string& version,
                  const std::string& more = "") {
  return patterns + ":\n  version \"" + version + "\"\n  integrity \"#\"\n" + more;
}
std::string read(const std::string& text, const Project& project = kApp) {
  const ForeignLock lock = must_read(ForeignFormat::yarn, text, project);
  CHECK(differences(lock.graph, project.requirements).empty());
  return text_of(lock.graph);
}
std::string refused(const std::string& text) { return refusal(ForeignFormat::yarn, text, kApp); }

}  // namespace

TEST_CASE("yarn 1: an edge is looked up by name and range") {
  const std::string text = entry("a@^1", "1.0.0",
                                 "  dependencies:\n    b \"^1\"\n    b2 \"npm:b@^2\"\n  "
                                 "optionalDependencies:\n    o \"1\"\n") +
                           entry("b@^1, b@~1.0", "1.0.5") + entry("\"b2@npm:b@^2\"", "2.0.0");
  CHECK(read(text) ==
        "importer .\n  name app\n  prod a ^1 1.0.0\n"
        "package a@1.0.0\n  prod b ^1 1.0.5\n  prod b2 npm:b@^2 b@2.0.0\n  optional o 1 -\n"
        "package b@1.0.5\npackage b@2.0.0\n");
  CHECK(must_read(ForeignFormat::yarn, text, kApp).unknown ==
        ForeignLock::Unknown{false, false, true, true, true, true, true});
  CHECK(refused(entry("a@^1", "1.0.0", "  dependencies:\n    x \"1\"\n")).find("`x@1` is needed") !=
        std::string::npos);
}

TEST_CASE("yarn 1: members of the workspace have no entries, peers neither") {
  const Project project = project_of(
      {{".", R"({"name": "root"})"},
       {"p/x", R"({"name": "x", "dependencies": {"y": "^1"}, "peerDependencies": {"react": "*"}})"},
       {"p/y", R"({"name": "y", "version": "1.0.0", "devDependencies": {"a": "^1"}})"}});
  CHECK(read(entry("a@^1", "1.0.0"), project) ==
        "importer .\n  name root\n"
        "importer p/x\n  name x\n  peer react * -\n  prod y ^1 importer p/y\n"
        "importer p/y\n  name y\n  dev a ^1 1.0.0\n"
        "package a@1.0.0\n");
}

TEST_CASE("yarn 1: sources show in the address and the pattern") {
  const std::string commit(40, 'd');
  const Project project = project_of({{".", R"({"dependencies": {
      "g": "u/r", "s": "git+ssh://git@host.example/s.git", "u": "https://files.example/u.tgz",
      "d": "file:d", "t": "file:t.tgz", "m": "1"}})"}});
  CHECK(
      read("\"g@u/r\":\n  version \"1.0.0\"\n  resolved \"https://codeload.github.com/u/r/tar.gz/" +
               commit +
               "\"\n"
               "\"s@git+ssh://git@host.example/s.git\":\n  version \"2.0.0\"\n"
               "  resolved \"git+ssh://git@host.example/s.git#" +
               commit +
               "\"\n"
               "\"u@https://files.example/u.tgz\":\n  version \"3.0.0\"\n"
               "  resolved "
               "\"https://files.example/u.tgz#2fd4e1c67a2d28fced849ee1bb76e7391b93eb12\"\n"
               "\"d@file:d\":\n  version \"4.0.0\"\n" +
               "\"t@file:t.tgz\":\n  version \"5.0.0\"\n  resolved "
               "\"file:t.tgz#2fd4e1c67a2d28fced849ee1bb76e7391b93eb12\"\n"
               "m@1:\n  version \"1.0.0\"\n  resolved "
               "m-1.0.0.tgz#2fd4e1c67a2d28fced849ee1bb76e7391b93eb12\n",
           project) ==
      "importer .\n  prod d file:d 4.0.0 directory d\n"
      "  prod g u/r 1.0.0 git git+https://github.com/u/r.git#" +
          commit +
          "\n"
          "  prod m 1 1.0.0\n"
          "  prod s git+ssh://git@host.example/s.git 2.0.0 git git+ssh://git@host.example/s.git#" +
          commit +
          "\n"
          "  prod t file:t.tgz 5.0.0 file t.tgz\n"
          "  prod u https://files.example/u.tgz 3.0.0 tarball https://files.example/u.tgz\n"
          "package d@4.0.0 directory d\n"
          "package g@1.0.0 git git+https://github.com/u/r.git#" +
          commit +
          "\n"
          "package m@1.0.0\n"
          "package s@2.0.0 git git+ssh://git@host.example/s.git#" +
          commit +
          "\n"
          "package t@5.0.0 file t.tgz\n"
          "package u@3.0.0 tarball https://files.example/u.tgz\n");
}

TEST_CASE("T-LOCK-02 T-LOCK-03: yarn's old digest behind the address is one, none is refused") {
  const std::string url = "  resolved \"https://registry.example/a/-/a-1.0.0.tgz";
  CHECK(refused("a@^1:\n  version \"1.0.0\"\n" + url +
                "#2fd4e1c67a2d28fced849ee1bb76e7391b93eb12\"\n") == "fine");
  CHECK(
      refused("a@^1:\n  version \"1.0.0\"\n" + url + "\"\n").find("INTEGRITY_MISSING `a@1.0.0`") ==
      0);
  CHECK(refused("a@^1:\n  version \"1.0.0\"\n" + url + "#xyz\"\n").find("INTEGRITY_MISSING") == 0);
  CHECK(refused("a@^1:\n  version \"1.0.0\"\n  integrity md5-x\n").find("LOCKFILE_INVALID") == 0);
}

TEST_CASE("T-LOCK-01 T-LINK-04 T-LINK-08: hostile yarn lockfiles") {
  const ForeignLock odd =
      must_read(ForeignFormat::yarn,
                entry("a@^1", "1.0.0", "  resolved \"https://evil.example/x.tgz\"\n"), kApp);
  CHECK(odd.graph.packages[0].source == PackageSource{});
  CHECK(odd.warnings.size() == 1);
  CHECK(refused(entry("../x@^1", "1.0.0")).find("LOCKFILE_INVALID") == 0);
  CHECK(refused(entry("a@^1", "../..")).find("LOCKFILE_INVALID") == 0);
  CHECK(refused(entry("a@^1", "1.0.0", "  optionalDependencies:\n    ../x \"1\"\n"))
            .find("LOCKFILE_INVALID") == 0);
  // The manifest asks for a range, the lockfile answers with a folder.
  CHECK(refused(entry("a@^1", "1.0.0", "  resolved \"file:../../etc\"\n"))
            .find("no manifest names") != std::string::npos);
}

TEST_CASE("yarn 1: what the manifests ask for and the file lacks makes it out of date") {
  const Project project = project_of({{".", R"({"dependencies": {"a": "^2"}})"}});
  const ForeignLock lock = must_read(ForeignFormat::yarn, entry("a@^1", "1.0.0"), project);
  CHECK(lock.graph.packages.empty());
  CHECK(differences(lock.graph, project.requirements).size() == 1);
}
