#include "cache/project_folder.h"

#include <algorithm>
#include <filesystem>

#include <doctest/doctest.h>

#include "cache/tree_scene_test.h"

namespace hod::cache {

namespace fs = std::filesystem;

TEST_CASE("folders are found and made below a project") {
  TestFolder folder;
  const ProjectFolder project = must(ProjectFolder::open(folder.path()));
  CHECK_FALSE(must(project.find("a/b")));
  CHECK(must(project.make("a/b/c")));
  CHECK(must(project.find("a/b")));
  CHECK(must(project.find("")));
  CHECK(fs::is_directory(folder.path("a/b/c")));
  CHECK(project.full_path("a") == folder.path("a"));
}

TEST_CASE("T-LINK-06 no symlink is followed, wherever it leads and wherever it stands") {
  TestFolder folder;
  TestFolder outside;
  fs::create_directories(outside.path("x/y"));
  fs::create_directories(folder.path("real/y"));
  fs::create_directory_symlink(outside.path("x"), folder.path("out"));
  fs::create_directory_symlink("real", folder.path("in"));
  scene::write(folder.path("file"), "");
  const ProjectFolder project = must(ProjectFolder::open(folder.path()));
  for (const char* path :
       {"out", "out/y", "in", "in/y", "in/new", "out/new/deep", "file", "file/x"}) {
    CAPTURE(path);
    Result<Fd> found = project.find(path);
    REQUIRE(!found);
    CHECK(found.error().code() == ErrorCode::tree_refused);
    Result<Fd> made = project.make(path);
    REQUIRE(!made);
    CHECK(made.error().code() == ErrorCode::tree_refused);
  }
  CHECK(scene::tree_of(outside.path()).size() == 2);
}

TEST_CASE("a listing tells folders, links and files apart") {
  TestFolder folder;
  fs::create_directories(folder.path("a"));
  fs::create_symlink("nowhere", folder.path("b"));
  scene::write(folder.path("c"), "");
  const ProjectFolder project = must(ProjectFolder::open(folder.path()));
  std::vector<FolderEntry> entries = must(list_folder(project.descriptor(), ""));
  std::sort(entries.begin(), entries.end(),
            [](const FolderEntry& a, const FolderEntry& b) { return a.name < b.name; });
  REQUIRE(entries.size() == 3);
  CHECK(entries[0].kind == FolderEntry::Kind::folder);
  CHECK(entries[1].kind == FolderEntry::Kind::link);
  CHECK(entries[2].kind == FolderEntry::Kind::other);
  CHECK(must(list_folder(project.descriptor(), "")).size() == 3);  // from its start again
}

TEST_CASE("a project that is not there is an error") {
  CHECK(ProjectFolder::open("/no/such/folder").error().code() == ErrorCode::file_missing);
}

}  // namespace hod::cache
