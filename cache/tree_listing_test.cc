// list_tree() of cache/tree_changes.h.
#include <filesystem>

#include <doctest/doctest.h>

#include "cache/tree_changes.h"
#include "cache/tree_scene_test.h"

namespace hod::cache {

namespace fs = std::filesystem;

TEST_CASE("a listing reads the folders whose entries are ours to decide about, no others") {
  TestFolder folder;
  for (const char* path : {"node_modules/a/lib/x", "node_modules/@s/b/x", "node_modules/.bin/t",
                           "node_modules/.hod/c@1/node_modules/c/x", "node_modules/.hod/lock",
                           "node_modules/.hod/node_modules/@t/d/x", "src/x"}) {
    scene::write(folder.path(path), "");
  }
  const ProjectFolder project = must(ProjectFolder::open(folder.path()));
  const TreeListing plain = must(list_tree(project, {"node_modules", "w/node_modules"}));
  CHECK(plain.absent.contains("w/node_modules"));
  for (const char* path :
       {"node_modules/a", "node_modules/@s", "node_modules/@s/b", "node_modules/.bin",
        "node_modules/.hod/c@1", "node_modules/.hod/lock", "node_modules/.hod/node_modules/@t/d"}) {
    CAPTURE(path);
    CHECK(plain.entries.contains(path));
  }
  CHECK_FALSE(plain.entries.contains("node_modules/a/lib"));
  CHECK_FALSE(plain.entries.contains("node_modules/.bin/t"));
  CHECK_FALSE(plain.entries.contains("node_modules/.hod/c@1/node_modules/c"));
  WorkerPool pool;
  const TreeListing deep = must(list_tree_deep(project, {"node_modules"}, pool));
  CHECK(deep.entries.contains("node_modules/.bin/t"));
  CHECK(deep.entries.contains("node_modules/.hod/c@1/node_modules/c"));
}

TEST_CASE("T-LINK-06 a node_modules or a member's folder behind a symlink is refused") {
  TestFolder folder;
  fs::create_directories(folder.path("elsewhere/node_modules"));
  fs::create_directory_symlink("elsewhere", folder.path("w"));
  const ProjectFolder project = must(ProjectFolder::open(folder.path()));
  Result<TreeListing> listing = list_tree(project, {"w/node_modules"});
  REQUIRE(!listing);
  CHECK(listing.error().code() == ErrorCode::tree_refused);
}

}  // namespace hod::cache
