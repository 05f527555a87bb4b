// SPDX-License-Identifier: MIT
#include "cli/manifest_changes.h"

#include <doctest/doctest.h>

#include "cli/test_folder.h"

using namespace hod;
using namespace hod::cli;

namespace {

struct Scene {
  TestFolder folder;
  InstallOptions options;
  Services services{options};
  Project project;

  explicit Scene(std::string_view manifest) {
    folder.write("package.json", manifest);
    project = must(open_project(must(find_project(folder.path()))));
  }

  ChangeRequest request(std::vector<std::string> add, std::vector<std::string> remove = {}) {
    ChangeRequest out;
    for (const std::string& text : add) out.add.push_back(must(parse_named_specifier(text)));
    out.remove = std::move(remove);
    out.members = {0};
    out.start_folder = folder.path();
    return out;
  }

  const std::string& text() const { return project.members[0].manifest.text; }
  std::string compact() const { return project.members[0].manifest.json.dump(); }
};

// A graph in which the root's `alias` ends at `name`@`version`.
ResolutionGraph graph_with(const std::string& alias, const std::string& name,
                           const std::string& version) {
  ResolutionGraph graph;
  graph.packages.resize(1);
  graph.packages[0].name = name;
  graph.packages[0].version = version;
  graph.importers = {
      {".",
       "",
       "",
       {{alias, "latest", DependencyKind::production, {EdgeTarget::Kind::package, 0}}}}};
  return graph;
}

}  // namespace

TEST_CASE(
    "what is asked for stands in the manifest first, then the chosen version; the file changes "
    "only when saved") {
  Scene scene(R"({"name":"app"})");
  ManifestChanges changes(scene.request({"express"}));
  REQUIRE(changes.apply(scene.project, scene.services));
  CHECK(scene.text() == R"({"name":"app","dependencies":{"express":"latest"}})");
  CHECK(changes.moving() == std::set<std::string>{"express"});
  ResolutionGraph graph = graph_with("express", "express", "5.1.0");
  REQUIRE(changes.settle(scene.project, graph));
  CHECK(scene.text() == R"({"name":"app","dependencies":{"express":"^5.1.0"}})");
  CHECK(graph.importers[0].edges[0].specifier == "^5.1.0");
  CHECK(changes.added() == std::vector<std::string>{"express 5.1.0"});
  CHECK(scene.folder.read("package.json") == R"({"name":"app"})");
  must(changes.save(scene.project));
  CHECK(scene.folder.read("package.json") == scene.text());
}

TEST_CASE("an alias is saved as one, and its package may move") {
  Scene scene("{}");
  ManifestChanges changes(scene.request({"short@npm:long-name@1"}));
  REQUIRE(changes.apply(scene.project, scene.services));
  CHECK(changes.moving() == std::set<std::string>{"long-name"});
  ResolutionGraph graph = graph_with("short", "long-name", "1.4.0");
  REQUIRE(changes.settle(scene.project, graph));
  CHECK(scene.compact() == R"({"dependencies":{"short":"npm:long-name@^1.4.0"}})");
}

TEST_CASE("folders are saved as seen from the manifest, and tell their names") {
  Scene scene("{}");
  scene.folder.write("libs/one/package.json", R"({"name":"@s/one"})");
  must(make_directories(scene.folder / "libs/two"));
  ChangeRequest request = scene.request({"./one"});
  request.start_folder = scene.folder / "libs";
  ManifestChanges changes(std::move(request));
  REQUIRE(changes.apply(scene.project, scene.services));
  CHECK(scene.compact() == R"({"dependencies":{"@s/one":"file:libs/one"}})");
}

TEST_CASE("a member of the workspace is asked for in the workspace's own words") {
  Scene scene(R"({"name":"root","workspaces":["a","b"]})");
  scene.folder.write("a/package.json", R"({"name":"a","version":"1.2.0"})");
  scene.folder.write("b/package.json", R"({"name":"b"})");
  scene.project = must(open_project(must(find_project(scene.folder.path()))));
  ManifestChanges plain(scene.request({"a", "b"}));
  REQUIRE(plain.apply(scene.project, scene.services));
  CHECK(scene.text().find(R"("a":"^1.2.0")") != std::string::npos);
  CHECK(scene.text().find(R"("b":"*")") != std::string::npos);
  scene.folder.write("b/package.json", R"({"name":"b","dependencies":{"a":"workspace:*"}})");
  scene.project = must(open_project(must(find_project(scene.folder.path()))));
  ManifestChanges protocol(scene.request({"a"}));
  REQUIRE(protocol.apply(scene.project, scene.services));
  CHECK(scene.text().find(R"("a":"workspace:^")") != std::string::npos);
}

TEST_CASE("what cannot be is refused: itself, and removing what is not there") {
  Scene scene(R"({"name":"app","dependencies":{"express":"1"}})");
  ManifestChanges itself(scene.request({"app"}));
  CHECK(itself.apply(scene.project, scene.services).error().front().code() == ErrorCode::usage);
  ManifestChanges absent(scene.request({}, {"exprss"}));
  Errors errors = std::move(absent.apply(scene.project, scene.services).error());
  CHECK(errors.front().hints().front() == "did you mean `express`?");
  ManifestChanges present(scene.request({}, {"express"}));
  REQUIRE(present.apply(scene.project, scene.services));
  CHECK(scene.text() == R"({"name":"app"})");
}
