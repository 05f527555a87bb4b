// SPDX-License-Identifier: MIT
#include "cli/workspace_members.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include "cli/test_folder.h"

using namespace hod;
using namespace hod::cli;

using Paths = std::vector<std::string>;

TEST_CASE("workspace patterns find folders with a manifest, never below node_modules") {
  TestFolder folder;
  for (const char* path : {"packages/a", "packages/b", "packages/b/node_modules/x", "apps/web",
                           "apps/deep/er", ".hidden/c"}) {
    folder.write(std::string(path) + "/package.json", "{}");
  }
  folder.write("packages/empty/readme", "");
  CHECK(must(find_members(folder.path(), {"packages/*", "apps/*"})).paths ==
        Paths{"apps/web", "packages/a", "packages/b"});
  CHECK(must(find_members(folder.path(), {"**"})).paths ==
        Paths{"apps/deep/er", "apps/web", "packages/a", "packages/b"});
  CHECK(must(find_members(folder.path(), {"packages/*", "!packages/b"})).paths ==
        Paths{"packages/a"});
  CHECK(must(find_members(folder.path(), {"**", "!packages/**", "packages/b"})).paths ==
        Paths{"apps/deep/er", "apps/web", "packages/b"});
  CHECK(must(find_members(folder.path(), {"./apps/{web,none}/"})).paths == Paths{"apps/web"});
}

TEST_CASE("the folders that may get a new member are known") {
  TestFolder folder;
  folder.write("packages/a/package.json", "{}");
  folder.write("packages/empty/readme", "");
  FoundMembers found = must(find_members(folder.path(), {"packages/*", "later/x"}));
  CHECK(found.watched == Paths{"", "packages", "packages/empty"});
}

TEST_CASE("T-LINK-09 a pattern that leaves the project is refused, and symlinks are not followed") {
  TestFolder folder;
  CHECK(find_members(folder.path(), {"../*"}).error().code() == ErrorCode::workspace_invalid);
  CHECK(find_members(folder.path(), {"/etc/*"}).error().code() == ErrorCode::workspace_invalid);
  folder.write("real/package.json", "{}");
  must(make_directories(folder / "packages"));
  REQUIRE(symlink((folder / "real").c_str(), (folder / "packages/link").c_str()) == 0);
  CHECK(must(find_members(folder.path(), {"packages/*"})).paths.empty());
}
