// SPDX-License-Identifier: MIT
#include "cli/up_to_date.h"

#include <doctest/doctest.h>

#include "cli/test_folder.h"
#include "cli/workspace_members.h"

using namespace hod;
using namespace hod::cli;

TEST_CASE(
    "the inputs of a tree name manifests, settings, folders of members and direct dependencies") {
  TestFolder folder;
  folder.write("package.json", R"({"workspaces":["packages/*"]})");
  folder.write("packages/a/package.json", R"({"name":"a"})");
  Project project = must(open_project(must(find_project(folder.path()))));
  ResolutionGraph graph;
  graph.packages.resize(2);
  graph.importers = {
      {".", "", "", {{"x", "^1", DependencyKind::production, {EdgeTarget::Kind::package, 0}}}},
      {"packages/a",
       "a",
       "",
       {{"y", "^1", DependencyKind::development, {EdgeTarget::Kind::package, 1}}}}};
  auto paths = [&](const std::vector<bool>& wanted, Omit omit) {
    std::vector<std::string> out;
    for (const auto& input : tree_inputs(project, graph, wanted, omit)) out.push_back(input.path);
    return out;
  };
  using Paths = std::vector<std::string>;
  CHECK(paths({true, true}, {}) == Paths{"package.json", "packages/a/package.json", "packages/",
                                         ".npmrc", "node_modules/x", "packages/a/node_modules/y"});
  CHECK(paths({false, true}, {true, false, false}) ==
        Paths{"package.json", "packages/a/package.json", "packages/", ".npmrc"});
}

TEST_CASE("no tree is not up to date") {
  TestFolder folder;
  CHECK(check_tree(folder.path(), "x") == TreeCheck::changed);
}
