// SPDX-License-Identifier: MIT
#include "cli/project.h"

#include <doctest/doctest.h>

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
