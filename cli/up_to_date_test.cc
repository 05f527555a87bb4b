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
  graph.packages.resize(3);
  auto edge = [](const char* alias, PackageIndex to) {
    return GraphEdge{alias, "1", DependencyKind::production, {EdgeTarget::Kind::package, to}};
  };
  graph.importers = {{".", "", "", {edge("x", 0), edge("omitted", 2)}},
                     {"packages/a", "a", "", {edge("x", 0), edge("y", 1)}}};
  cache::TreeShape shape;
  shape.packages = {{"node_modules/x", 0, "", false, {}}, {"node_modules/deep", 2, "", false, {}}};
  shape.links = {{"packages/a/node_modules/y", "../z"}};
  std::vector<std::string> paths;
  for (const auto& input : tree_inputs(project, graph, shape)) paths.push_back(input.path);
  CHECK(paths == std::vector<std::string>{"package.json", "packages/a/package.json", "packages/",
                                          "pnpm-workspace.yaml", ".npmrc", "node_modules/x",
                                          "packages/a/node_modules/y"});
}

TEST_CASE("inputs say nothing of time and place: the same project elsewhere has the same ones") {
  const auto inputs_of = [](const TestFolder& folder) {
    folder.write("package.json", R"({"workspaces":["packages/*"]})");
    folder.write("packages/a/package.json", R"({"name":"a"})");
    const Project project = must(open_project(must(find_project(folder.path()))));
    ResolutionGraph graph;
    graph.importers = {{".", "", "", {}}, {"packages/a", "a", "", {}}};
    return tree_inputs(project, graph, {});
  };
  TestFolder one, other;
  const TreeInputs inputs = inputs_of(one);
  CHECK(inputs == inputs_of(other));
  other.write("packages/b/package.json", "{}");
  CHECK(inputs != inputs_of(other));
  CHECK_FALSE(inputs.back().present);
  CHECK(file_input("x", std::nullopt, "text") != file_input("x", FileStamp{}, "text"));
}

TEST_CASE("no tree is not up to date") {
  TestFolder folder;
  CHECK(check_tree(folder.path(), "x") == TreeCheck::changed);
}
