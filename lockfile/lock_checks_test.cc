// SPDX-License-Identifier: MIT
#include "lockfile/lock_checks.h"

#include <doctest/doctest.h>

#include "core/base/encoding.h"

using namespace hod;
using namespace hod::lockfile;

TEST_CASE("names that passed once pass again, others never") {
  NameCheck names;
  const std::string good = "@s/good";
  CHECK(names.valid(good));
  CHECK(names.valid(good));
  for (const char* bad : {"", "..", "../x", "@s/..", "node_modules", "a/b", ".x", "__proto__"}) {
    CHECK_FALSE(names.valid(bad));
    CHECK_FALSE(names.valid(bad));
  }
}

TEST_CASE("versions are plain as npm normalises them") {
  for (const char* good : {"1.2.3", "0.0.0", "1.2.3-rc.1", "1.2.3+b", "1.2.3-x-y.0+z.1"}) {
    CHECK(version_is_plain(good));
  }
  for (const char* bad :
       {"", "1", "1.2", "v1.2.3", "=1.2.3", " 1.2.3", "1.2.3 ", "1.2.3/..", "latest", "1.2.3-"}) {
    CAPTURE(bad);
    CHECK_FALSE(version_is_plain(bad));
  }
}

TEST_CASE("T-LINK-02: paths inside stay inside") {
  for (const char* good : {"a", "a/b.js", "a b/c", "...", "a/..b", "\xC3\xA9"})
    CHECK(path_is_inside(good));
  for (const char* bad :
       {"", "/", "/a", "a/", "a//b", ".", "..", "./a", "a/.", "a/../b", "a\\b", "a\nb"}) {
    CAPTURE(bad);
    CHECK_FALSE(path_is_inside(bad));
  }
  CHECK_FALSE(path_is_inside(std::string_view("a\0b", 3)));
}

TEST_CASE("T-LINK-09: importers' paths") {
  for (const char* good : {".", "packages/a", "a b"}) CHECK(importer_path_is_safe(good));
  for (const char* bad : {"", "..", "../a", "/a", "a/node_modules/b", "node_modules"}) {
    CHECK_FALSE(importer_path_is_safe(bad));
  }
}

TEST_CASE("places on the disk climb only at the front") {
  for (const char* good : {".", "..", "../..", "../a", "../../a/b", "a", "/a/b"})
    CHECK(local_path_is_safe(good));
  for (const char* bad : {"", "/", "a/..", "../a/..", "a/../../b", "/a/../b", "./a", "a//b"}) {
    CAPTURE(bad);
    CHECK_FALSE(local_path_is_safe(bad));
  }
}

TEST_CASE("T-LOCK-06: integrities have known algorithms and whole digests") {
  const std::string sha512 = "sha512-" + to_base64(std::string(64, 'a'));
  const std::string sha1 = "sha1-" + to_base64(std::string(20, 'a'));
  CHECK(integrity_is_known(sha512));
  CHECK(integrity_is_known(sha1));
  CHECK(integrity_is_known(sha512 + " " + sha1));
  for (const std::string& bad :
       {std::string(), std::string(" "), sha512 + " ", " " + sha512, sha512 + "  " + sha1,
        sha512 + "=", sha512.substr(0, 94), "md5-" + to_base64(std::string(16, 'a')), sha512 + " x",
        std::string("sha512-"), std::string("-")}) {
    CAPTURE(bad);
    CHECK_FALSE(integrity_is_known(bad));
  }
}

TEST_CASE("T-NET-06 T-NET-07: addresses are http(s) without user information") {
  CHECK(url_is_plain("https://files.example/a.tgz"));
  CHECK(url_is_plain("http://127.0.0.1:4873/a.tgz?x=1"));
  for (const char* bad : {"", "a.tgz", "ftp://x.example/", "https://u@x.example/",
                          "https://u:p@x.example/", "https:///a", "javascript:x"}) {
    CHECK_FALSE(url_is_plain(bad));
  }
}

TEST_CASE("git locations have a whole commit and nothing like an option") {
  const std::string commit(40, 'a');
  CHECK(git_location_is_safe("git+ssh://git@h.example/a.git#" + commit));
  CHECK(git_location_is_safe("git://h.example/a.git#" + commit));
  CHECK(git_location_is_safe("git+https://h.example/a#" + commit + "&path:packages/x"));
  CHECK(git_location_is_safe("git+https://h.example/a#" + std::string(64, 'B')));
  for (const std::string& bad : std::initializer_list<std::string>{
           "", "git+ssh://h.example/a.git", "git+ssh://h.example/a.git#main", "#" + commit,
           "https://h.example/a#" + commit, "--upload-pack=x#" + commit,
           "git+ssh://h.example/a b#" + commit, "git+ssh://h.example/a#" + commit + "&path:../x",
           "git+ssh://h.example/a#" + commit + "&path:", "git+ssh://h.example/a#" + commit + "0",
           "git+ssh://h.example/\xC3\xA9#" + commit}) {
    CAPTURE(bad);
    CHECK_FALSE(git_location_is_safe(bad));
  }
}

TEST_CASE("sources have the shape of their kind") {
  using Kind = PackageSource::Kind;
  CHECK(source_location_is_safe(Kind::registry, ""));
  CHECK(source_location_is_safe(Kind::registry, "internal-1"));
  CHECK_FALSE(source_location_is_safe(Kind::registry, "https://registry.example/"));
  CHECK_FALSE(source_location_is_safe(Kind::registry, "-x"));
  CHECK_FALSE(source_location_is_safe(Kind::tarball_url, ""));
  CHECK(source_location_is_safe(Kind::link, "../x"));
  CHECK_FALSE(source_location_is_safe(Kind::directory, "a/.."));
  CHECK(needs_integrity(Kind::registry));
  CHECK_FALSE(needs_integrity(Kind::git));
  CHECK(is_place(Kind::tarball_file));
  CHECK_FALSE(is_place(Kind::git));
}

TEST_CASE("T-LINK-08: a place is named by an importer, or by a folder that is named itself") {
  ResolutionGraph graph;
  graph.importers = {{".", "", "", {}}, {"m", "m", "", {}}};
  const auto folder = [](const char* location) {
    GraphPackage package;
    package.name = "f";
    package.source = {PackageSource::Kind::directory, location};
    return package;
  };
  const auto edge = [](const char* specifier, PackageIndex target) {
    return GraphEdge{"f" + std::to_string(target),
                     specifier,
                     DependencyKind::production,
                     {EdgeTarget::Kind::package, target}};
  };
  graph.packages = {folder("a"), folder("a/inner")};
  CHECK(unnamed_place(graph) == 0);
  graph.importers[1].edges = {edge("file:../a", 0)};
  CHECK(unnamed_place(graph) == 1);
  graph.packages[0].edges = {edge("file:inner", 1)};
  CHECK(unnamed_place(graph) == std::nullopt);
  graph.importers[1].edges = {edge("^1.0.0", 0)};
  CHECK(unnamed_place(graph) == 0);
}
