// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "core/base/encoding.h"
#include "lockfile/hod_lock.h"
#include "lockfile/hod_lock_format.h"

using namespace hod;
using namespace hod::lockfile;

namespace {

const std::string kSha512 = "sha512-" + to_base64(std::string(64, 'x'));

// A lockfile with these lines below `package a@1.0.0`.
std::string package_with(const std::string& lines) {
  return "hod-lock 1\n\nimporter .\n  prod a 1 1.0.0\n\npackage a@1.0.0\n  integrity " + kSha512 +
         "\n" + lines;
}

std::string importer_with(const std::string& lines) { return "hod-lock 1\n\nimporter .\n" + lines; }

// "CODE line what" of the error, or "fine".
std::string verdict(const std::string& text) {
  const auto graph = read_hod_lock(text, "hod.lock");
  if (graph) return "fine";
  const Error& error = graph.error();
  return std::string(error_name(error.code())) + " " + error.where() + " " + error.what();
}

void check_refused(const std::string& text, const char* where, const char* part) {
  CAPTURE(text);
  const std::string said = verdict(text);
  CHECK(said.find("LOCKFILE_INVALID ") == 0);
  CHECK(said.find(where) != std::string::npos);
  CHECK(said.find(part) != std::string::npos);
}

}  // namespace

TEST_CASE("edges are written with the names of dependency kinds") {
  for (const auto& [word, kind] : kEdgeWords) CHECK(dependency_kind_name(kind) == word);
}

TEST_CASE("what is no hod.lock is refused with its line") {
  check_refused("", "hod.lock", "empty");
  check_refused("\n", "hod.lock:1", "missing");
  check_refused("{}\n", "hod.lock:1", "does not begin");
  check_refused("hod-lock\n", "hod.lock:1", "does not begin");
  check_refused("  hod-lock 1\n", "hod.lock:1", "missing");
  check_refused("hod-lock 2\n\nimporter .\n", "hod.lock:1", "`2` is not known");
  check_refused("hod-lock 1\n", "hod.lock", "no `importer .`");
  check_refused("hod-lock 1\n\nimporter a\n", "hod.lock", "no `importer .`");
  check_refused("hod-lock 1\n\nimporter .", "hod.lock:3", "cut");
  check_refused("hod-lock 1\n\nimporters .\n", "hod.lock:3", "begins no block");
  check_refused("hod-lock 1\n  name x\n", "hod.lock:2", "outside");
  check_refused("hod-lock 1\n\nimporter .\n\n  name x\n", "hod.lock:5", "outside");
}

TEST_CASE("T-LINK-07 a patch is a key and the hash of its file") {
  const std::string hash(64, 'a');
  const std::string tail = "\n\nimporter .\n";
  CHECK(verdict("hod-lock 1\n\npatches\n  a@1.0.0 " + hash + tail) == "fine");
  check_refused("hod-lock 1\n\npatches\n  a" + tail, "hod.lock:4", "two words");
  check_refused("hod-lock 1\n\npatches\n  a " + hash + "b" + tail, "hod.lock:4", "64");
  check_refused("hod-lock 1\n\npatches\n  a " + std::string(64, 'A') + tail, "hod.lock:4", "64");
  check_refused("hod-lock 1\n\npatches\n  a " + hash + "\n  a " + hash + tail, "hod.lock",
                "`a` is there twice in `patches`");
  check_refused("hod-lock 1\n\npatches\n\npatches" + tail, "hod.lock:5", "twice");
}

TEST_CASE("words are parted by one blank, and quoted where they hold other characters") {
  check_refused(importer_with("  name  x\n"), ":4", "missing");
  check_refused(importer_with("  name x \n"), ":4", "missing");
  check_refused(importer_with("   name x\n"), ":4", "missing");
  check_refused(importer_with("\tname x\n"), ":4", "missing");
  check_refused(importer_with("  name x\ty\n"), ":4", "one blank");
  check_refused(importer_with("  name \"x\n"), ":4", "does not end");
  check_refused(importer_with("  name \"x\\\"\n"), ":4", "does not end");
  check_refused(importer_with("  name \"x\"y\n"), ":4", "one blank");
  check_refused(importer_with("  name \"\\q\"\n"), ":4", "not valid");
  check_refused(importer_with("  name \"\xFF\"\n"), ":4", "not valid");
  check_refused(importer_with(std::string("  name \"\x01\"\n")), ":4", "not valid");
  check_refused(importer_with("  name \xC3\xA9\n"), ":4", "missing");
  check_refused(importer_with("  name a\\b\n"), ":4", "one blank");
  check_refused(importer_with(std::string("  name a\0b\n", 11)), ":4", "one blank");
  CHECK(verdict(importer_with("  name \"\\u0041 \\\" \xC3\xA9\"\n")) == "fine");
}

TEST_CASE("T-LOCK-08: conflict markers are named as such") {
  for (const char* marker : {"<<<<<<< HEAD", "=======", ">>>>>>> branch", "||||||| base"}) {
    check_refused(package_with(std::string(marker) + "\n"), ":8", "conflict markers");
  }
  check_refused("<<<<<<< HEAD\nhod-lock 1\n", ":1", "conflict markers");
  const auto graph = read_hod_lock(package_with("<<<<<<< HEAD\n"), "hod.lock");
  REQUIRE_FALSE(graph);
  CHECK(graph.error().hints().front().find("hod install") != std::string::npos);
}

TEST_CASE("fields are known, once, and have the words they want") {
  for (const char* line : {"name x",
                           "integrity",
                           "tarball",
                           "tarball x y",
                           "os",
                           "node",
                           "node a b",
                           "bin a",
                           "bin a b c",
                           "scripts yes",
                           "deprecated",
                           "unknown x",
                           "prod a",
                           "prod a 1",
                           "prod b 1 1.0.0 git",
                           "prod b 1 1.0.0 git x y",
                           "prod b 1 - x",
                           "prod b 1 importer",
                           "prod b 1 importer . x",
                           "dev b 1 1.0.0"}) {
    check_refused(package_with(std::string("  ") + line + "\n"), ":8", "");
  }
  for (const char* line : {"tarball https://files.example/a", "os linux", "cpu x64", "libc musl",
                           "node 1", "bundled b", "scripts", "deprecated x"}) {
    const std::string once = std::string("  ") + line + "\n";
    CHECK(verdict(package_with(once)) == "fine");
    check_refused(package_with(once + once), ":9", "twice");
  }
  check_refused(importer_with("  name a\n  name b\n"), ":5", "twice");
  check_refused(importer_with("  integrity x\n"), ":4", "no field of an importer");
  check_refused("hod-lock 1\n\noverrides\n  a\n", ":4", "two words");
  check_refused("hod-lock 1\n\noverrides x\n", ":3", "wants 0 words");
  check_refused("hod-lock 1\n\noverrides\n\noverrides\n", ":5", "twice");
}

TEST_CASE("entries given twice are refused") {
  check_refused(package_with("\nimporter .\n"), ":9", "twice");
  check_refused(package_with("\npackage a@1.0.0\n"), ":9", "twice");
  check_refused(package_with("\npackage a@1.0.0 registry \"\"\n"), ":9", "twice");
  check_refused(package_with("  bin x a.js\n  bin x b.js\n"), "hod.lock",
                "`x` is there twice in `a@1.0.0`");
  check_refused(importer_with("  prod a 1 -\n  dev a 2 -\n"), "hod.lock",
                "`a` is there twice in `.`");
  check_refused(package_with("  prod b 1 -\n  peer b 2 -\n"), "hod.lock", "`b` is there twice");
  check_refused("hod-lock 1\n\nimporter .\n\noverrides\n  a 1\n  a 2\n", "hod.lock",
                "`a` is there twice");
}

TEST_CASE("edges to what is not there are refused with their line") {
  check_refused(package_with("  prod b ^1 1.0.0\n"), ":8",
                "`b` at `1.0.0` is needed, but not in it");
  check_refused(package_with("  prod b ^1 a@1.0.1\n"), ":8", "`a` at `1.0.1` is needed");
  check_refused(package_with("  peer a ^1 1.0.0(x@1.0.0)\n"), ":8", "is needed");
  check_refused(package_with("  prod a ^1 1.0.0 registry other\n"), ":8", "is needed");
  check_refused(package_with("  prod b ^1 importer packages/b\n"), ":8", "`packages/b` is needed");
}

TEST_CASE("T-LOCK-02: a package without integrity is refused unless its source has none") {
  const auto without = [](const std::string& source, const std::string& specifier = "1") {
    return verdict("hod-lock 1\n\nimporter .\n  prod a " + specifier + " 1.0.0" + source +
                   "\n\npackage a@1.0.0" + source + "\n  node 18\n");
  };
  CHECK(without("").find("INTEGRITY_MISSING hod.lock:6") == 0);
  CHECK(without(" registry internal").find("INTEGRITY_MISSING") == 0);
  CHECK(without(" tarball https://files.example/a.tgz").find("INTEGRITY_MISSING") == 0);
  CHECK(without(" file a.tgz").find("INTEGRITY_MISSING") == 0);
  CHECK(without(" directory a", "file:a") == "fine");
  CHECK(without(" link a", "link:./a") == "fine");
  CHECK(without(" git git+https://host.example/a#" + std::string(40, 'a')) == "fine");
  // Also when other blocks follow.
  CHECK(
      verdict("hod-lock 1\n\npackage a@1.0.0\nimporter .\n").find("INTEGRITY_MISSING hod.lock:3") ==
      0);
}

TEST_CASE("T-LOCK-03 T-LOCK-06: only digests of known algorithms count") {
  const auto with = [](const std::string& integrity) {
    return verdict("hod-lock 1\n\nimporter .\n\npackage a@1.0.0\n  integrity " + integrity + "\n");
  };
  CHECK(with(kSha512) == "fine");
  CHECK(with("sha1-" + to_base64(std::string(20, 'a'))) == "fine");
  CHECK(with("sha256-" + to_base64(std::string(32, 'a'))) == "fine");
  CHECK(with("sha384-" + to_base64(std::string(48, 'a'))) == "fine");
  CHECK(with(kSha512 + " sha1-" + to_base64(std::string(20, 'a'))) == "fine");
  for (const std::string& bad :
       {"md5-" + to_base64(std::string(16, 'a')), std::string("sha512-"), std::string("sha512"),
        std::string("sha512-AAAA"), "sha3-" + to_base64(std::string(64, 'a')), kSha512 + "?x",
        kSha512 + " md5-" + to_base64(std::string(16, 'a')),
        "sha512-" + std::string(86, '*') + "==", "sha512-" + std::string(88, 'A')}) {
    CAPTURE(bad);
    CHECK(with(bad).find("LOCKFILE_INVALID hod.lock:6") == 0);
  }
}

TEST_CASE("T-LINK-04: names and versions that could act as paths are refused") {
  for (const char* name : {"../x", "..", ".bin", "node_modules", "@x/..", "@x/../y", "__proto__",
                           "a/b", "/a", "\"a b\"", "\"a\\u0000\""}) {
    const std::string word = name;
    check_refused("hod-lock 1\n\npackage " + word + "@1.0.0\n", ":3", "");
    check_refused(importer_with("  prod " + word + " 1 -\n"), ":4", "no package name");
    check_refused(package_with("  bundled b " + word + "\n"), ":8", "no package name");
  }
  for (const char* version : {"", "..", "1.0", "v1.0.0", "=1.0.0", "1.0.0/../..", "latest",
                              "1.0.0/x", "\"1.0.0 \"", "01.0.0"}) {
    CAPTURE(version);
    check_refused(std::string("hod-lock 1\n\npackage a@") + version + "\n", ":3", "");
  }
  for (const char* context : {"(", "(a@1.0.0", "(a@1.0.0)x", "(../../x)", "(a b)", "(a\"b)"}) {
    CAPTURE(context);
    check_refused(std::string("hod-lock 1\n\npackage a@1.0.0") + context + "\n", ":3", "");
  }
}

TEST_CASE("T-LINK-01 T-LINK-02: commands that leave their package or name a path are refused") {
  for (const char* line :
       {"bin ../x a.js", "bin . a.js", "bin .. a.js", "bin a/b a.js", "bin \"\" a.js",
        "bin x ../a.js", "bin x /a.js", "bin x a/../../b.js", "bin x \"\"", "bin x ./a.js",
        "bin x a//b.js", "bin x \"a\\\\b.js\"", "bin x \"a\\u0000b\""}) {
    check_refused(package_with(std::string("  ") + line + "\n"), ":8", "command");
  }
}

TEST_CASE("T-LINK-09: importers lie below the project's root") {
  for (const char* path : {"..", "../x", "/x", "a/../..", "a/./b", "a//b", "./a", "\"\"",
                           "a/node_modules/b", "\"a\\\\b\"", "\"a\\nb\"", "a/"}) {
    check_refused(std::string("hod-lock 1\n\nimporter ") + path + "\n", ":3",
                  "below the project's root");
  }
}

TEST_CASE("T-LINK-08 T-NET-06: sources have the shape of their kind") {
  for (const char* source : {"registry https://registry.example/",
                             "registry a/b",
                             "tarball ftp://files.example/a",
                             "tarball a.tgz",
                             "tarball https://user:secret@files.example/a.tgz",
                             "tarball https://",
                             "file /a/../b.tgz",
                             "file a/../b",
                             "directory /",
                             "directory a/..",
                             "directory \"\"",
                             "link \"a\\\\b\"",
                             "link ../../a/../b",
                             "link a/",
                             "git https://host.example/a",
                             "git git+https://host.example/a",
                             "git git+https://host.example/a#main",
                             "git --upload-pack=x#0123456789012345678901234567890123456789",
                             "git \"git+ssh://h/a b#0123456789012345678901234567890123456789\"",
                             "svn svn://x"}) {
    CAPTURE(source);
    check_refused(std::string("hod-lock 1\n\npackage a@1.0.0 ") + source + "\n", ":3", "");
  }
  for (const char* tarball :
       {"http://user@files.example/x", "file:///etc/passwd", "x", "\"https://a b/\""}) {
    check_refused(package_with(std::string("  tarball ") + tarball + "\n"), ":8",
                  "http(s) address");
  }
}

TEST_CASE("T-LINK-08: only manifests of the project name places on the disk") {
  const auto with = [](const std::string& importer, const std::string& specifier,
                       const std::string& source) {
    return verdict("hod-lock 1\n\nimporter .\n\nimporter packages/m\n\nimporter " + importer +
                   "\n  prod a " + specifier + " 1.0.0 " + source + "\n\npackage a@1.0.0 " +
                   source + "\n  integrity " + kSha512 + "\n");
  };
  CHECK(with("x", "file:../lib", "directory lib") == "fine");
  CHECK(with("x/y", "link:../../../lib", "link ../lib") == "fine");
  CHECK(with("x", "file:./a.tgz", "file x/a.tgz") == "fine");
  CHECK(with("x", "file:/srv/lib", "directory /srv/lib") == "fine");
  CHECK(with("x", "file:lib", "directory lib") == "fine");  // an override, written in the root
  CHECK(with("x", "^1.0.0", "directory lib").find("no manifest names") != std::string::npos);
  CHECK(with("x", "file:../lib", "directory ../lib/secret").find("no manifest names") !=
        std::string::npos);
  CHECK(with("x", "file:../lib", "directory /lib").find("no manifest names") != std::string::npos);
  CHECK(with("x", "npm:a@1", "link lib").find("no manifest names") != std::string::npos);
  // What a package of the registry says names no place, but leads to one that is named.
  const std::string below = "  prod b * b@ directory ../b\n\npackage b@ directory ../b\n";
  check_refused(package_with(below), "hod.lock", "no manifest names the place of `b`, `../b`");
  std::string named = package_with(below);
  named.insert(named.find("\n\npackage a") + 1, "  prod b file:../b b@ directory ../b\n");
  CHECK(verdict(named) == "fine");
}

TEST_CASE("T-LOCK-07: very long and very many entries take linear time") {
  const std::string nested = std::string(40'000, '(') + std::string(40'000, ')');
  check_refused("hod-lock 1\n\npackage a@1.0.0" + nested + "\n", ":3", "");
  std::string text = "hod-lock 1\n\nimporter .\n";
  for (int i = 100'000; i > 0; --i) text += "  prod a" + std::to_string(i) + " * -\n";
  const auto graph = read_hod_lock(text, "hod.lock");
  REQUIRE(graph);
  CHECK(graph->importers[0].edges.size() == 100'000);
}
