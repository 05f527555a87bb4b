// SPDX-License-Identifier: MIT
#include "cli/project.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include "cli/test_folder.h"

using namespace hod;
using namespace hod::cli;

TEST_CASE("the nearest package.json upwards makes the project") {
  TestFolder folder;
  folder.write("app/package.json", R"({"name":"app"})");
  must(make_directories(folder / "app/src/deep"));
  ProjectPlace place = must(find_project(folder / "app/src/deep"));
  CHECK(place.root == folder / "app");
  CHECK(place.member == ".");
  Error missing = std::move(find_project(folder.path()).error());
  CHECK(missing.code() == ErrorCode::manifest_missing);
  CHECK(missing.where() == folder.path());
}

TEST_CASE("a member of a workspace belongs to the workspace's root") {
  TestFolder folder;
  folder.write("package.json", R"({"workspaces":["packages/*","!packages/out"]})");
  folder.write("packages/a/package.json", R"({"name":"a"})");
  folder.write("packages/out/package.json", R"({"name":"out"})");
  folder.write("packages/a/src/x.js", "");
  ProjectPlace place = must(find_project(folder / "packages/a/src"));
  CHECK(place.root == folder.path());
  CHECK(place.member == "packages/a");
  CHECK(must(find_project(folder / "packages/out")).root == folder / "packages/out");

  Project project = must(open_project(place));
  REQUIRE(project.members.size() == 2);
  CHECK(project.root_member().path == ".");
  CHECK(project.members[project.current].manifest.name == "a");
  CHECK(project.folder_of(project.members[1]) == folder / "packages/a");
  CHECK(project.is_workspace());
}

TEST_CASE("workspaces may be an object with packages, as yarn writes it") {
  TestFolder folder;
  folder.write("package.json", R"({"workspaces":{"packages":["libs/*"]}})");
  folder.write("libs/a/package.json", R"({"name":"a"})");
  CHECK(must(find_project(folder / "libs/a")).root == folder.path());
  CHECK(must(open_project(must(find_project(folder.path())))).members.size() == 2);
}

TEST_CASE("a broken manifest above the project is not this project's business") {
  TestFolder folder;
  folder.write("package.json", R"({"workspaces": [)");
  folder.write("app/package.json", "{}");
  CHECK(must(find_project(folder / "app")).root == folder / "app");
}

TEST_CASE("a broken manifest is reported with its place") {
  TestFolder folder;
  folder.write("package.json", "{\n  \"name\": \"x\",\n  \"version\" 1\n}\n");
  Error error = std::move(open_project(must(find_project(folder.path()))).error());
  CHECK(error.code() == ErrorCode::json_invalid);
  CHECK(error.where().find("package.json:3:") != std::string::npos);
}

TEST_CASE("T-LINK-06 a file of the project that is a link out of it is not written through") {
  TestFolder folder;
  folder.write("project/package.json", "{}");
  folder.write("outside/victim", "theirs");
  const std::string root = folder / "project";
  must(write_project_file(root, root + "/hod.lock", "one"));
  CHECK(folder.read("project/hod.lock") == "one");

  REQUIRE(::symlink("../outside/victim", (root + "/link").c_str()) == 0);
  Error refused = std::move(write_project_file(root, root + "/link", "ours").error());
  CHECK(refused.code() == ErrorCode::tree_refused);
  CHECK(folder.read("outside/victim") == "theirs");

  REQUIRE(::symlink("hod.lock", (root + "/inside").c_str()) == 0);
  must(write_project_file(root, root + "/inside", "two"));
  CHECK(folder.read("project/hod.lock") == "two");

  REQUIRE(::symlink("../outside/new", (root + "/dangling").c_str()) == 0);
  must(write_project_file(root, root + "/dangling", "three"));
  CHECK(folder.read("project/dangling") == "three");
  CHECK_FALSE(file_exists(folder / "outside/new"));
}
