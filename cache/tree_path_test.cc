#include "cache/tree_path.h"

#include <doctest/doctest.h>

namespace hod::cache {

TEST_CASE("T-LINK-04 only what hod lays out may stand in a tree") {
  for (const char* path :
       {"node_modules/a", "node_modules/@s/a", "packages/w/node_modules/a",
        "node_modules/a/node_modules/@s/b/node_modules/c", "node_modules/.hod/a@1/node_modules/a",
        "node_modules/.hod/a@1/node_modules/@s/a/node_modules/a"}) {
    CAPTURE(path);
    CHECK(tree_path_is_safe(path, TreeEntry::package));
    CHECK(tree_path_is_safe(path, TreeEntry::link));
    CHECK_FALSE(tree_path_is_safe(path, TreeEntry::bin));
  }
  for (const char* path : {"",
                           "a",
                           "/node_modules/a",
                           "node_modules",
                           "node_modules/",
                           "node_modules/a/",
                           "../node_modules/a",
                           "x/../node_modules/a",
                           "./node_modules/a",
                           "node_modules/../a",
                           "node_modules/..",
                           "node_modules/a/../../b",
                           "node_modules/@s",
                           "node_modules/@s/",
                           "node_modules/@s/..",
                           "node_modules/@/a",
                           "node_modules/.bin",
                           "node_modules/.bin/a",
                           "node_modules/.hod",
                           "node_modules/.hod/state",
                           "node_modules/.hod/lock",
                           "node_modules/.hod/tmp/node_modules/a",
                           "node_modules/.hod/../node_modules/a",
                           "node_modules/a/b",
                           "node_modules/a/.git/hooks",
                           "node_modules/node_modules",
                           "node_modules//a",
                           "node_modules/a\\b",
                           "node_modules/.hod/a@1",
                           "node_modules/.hod/a@1/node_modules",
                           ".git/hooks/pre-commit"}) {
    CAPTURE(path);
    CHECK_FALSE(tree_path_is_safe(path, TreeEntry::package));
    CHECK_FALSE(tree_path_is_safe(path, TreeEntry::link));
  }
  CHECK(tree_path_is_safe("node_modules/.hod/node_modules/@s/a", TreeEntry::link));
  CHECK_FALSE(tree_path_is_safe("node_modules/.hod/node_modules/a", TreeEntry::package));
  CHECK_FALSE(tree_path_is_safe(std::string_view("node_modules/a\0b", 16), TreeEntry::package));
}

TEST_CASE("T-LINK-01 the same rule holds for commands when they are made and when they go") {
  for (const char* path :
       {"node_modules/.bin/tsc", "w/node_modules/.bin/a.b-c_d",
        "node_modules/a/node_modules/.bin/x", "node_modules/.hod/a@1/node_modules/.bin/x"}) {
    CAPTURE(path);
    CHECK(tree_path_is_safe(path, TreeEntry::bin));
  }
  for (const char* path :
       {"node_modules/.bin", "node_modules/.bin/", "node_modules/.bin/..", "node_modules/.bin/../x",
        "node_modules/.bin/a/b", "node_modules/x", ".bin/x", "node_modules/.bin/a b"}) {
    CAPTURE(path);
    CHECK_FALSE(tree_path_is_safe(path, TreeEntry::bin));
  }
}

TEST_CASE("links are relative") {
  CHECK(relative_link("node_modules", "packages/a") == "../packages/a");
  CHECK(relative_link("node_modules/@s", "node_modules/.hod/x/a") == "../.hod/x/a");
  CHECK(relative_link("packages/w/node_modules", "packages/v") == "../../v");
  CHECK(relative_link("node_modules", "") == "..");
  CHECK(relative_link("node_modules", "../far") == "../../far");
  CHECK(relative_link("a/node_modules", "a") == "..");
  CHECK(relative_link("node_modules", "/abs") == "/abs");
}

TEST_CASE("T-CACHE-08 long names of folders end with 128 bits of a hash") {
  GraphPackage package;
  package.name = "@scope/name";
  package.version = "1.2.3";
  CHECK(isolated_folder(package) == "@scope+name@1.2.3");
  package.peer_context = "(react@18.2.0)(@s/vue@3.0.0)";
  CHECK(isolated_folder(package) == "@scope+name@1.2.3_react@18.2.0_@s+vue@3.0.0");
  std::string one = package.peer_context = "(" + std::string(200, 'x') + "@1.0.0)";
  const std::string first = isolated_folder(package);
  CHECK(first.size() == 120);
  CHECK(first.find('_', 80) == 87);
  package.peer_context.back() = '1';
  CHECK(isolated_folder(package).size() == 120);
  CHECK(isolated_folder(package) != first);
}

TEST_CASE("folders of one name and version from two sources differ") {
  GraphPackage package;
  package.name = "a";
  package.version = "1.0.0";
  const std::string plain = isolated_folder(package);
  package.source = {PackageSource::Kind::git, "git+ssh://host.example/a#1"};
  const std::string first = isolated_folder(package);
  package.source.location.back() = '2';
  CHECK(plain == "a@1.0.0");
  CHECK(first != plain);
  CHECK(first != isolated_folder(package));
}

TEST_CASE("peers within peers are told from peers beside each other") {
  GraphPackage a;
  a.name = "a";
  a.version = "1";
  GraphPackage b = a;
  a.peer_context = "(x@1(y@1))";
  b.peer_context = "(x@1)(y@1)";
  CHECK(isolated_folder(a) != isolated_folder(b));
}

}  // namespace hod::cache
