// SPDX-License-Identifier: MIT
#include "cli/resolve_stage.h"

#include <doctest/doctest.h>

#include "cli/offline_scene_test.h"
#include "core/model/manifest.h"

using namespace hod;
using namespace hod::cli;

namespace {

struct Scene : OfflineScene {
  StageResult<Resolved> run(std::string_view manifest_text) {
    Manifest manifest = must(Manifest::parse(manifest_text, "package.json", Strict::yes));
    ResolveInput input;
    input.project_root = folder.path();
    input.requirements = must(Requirements::of_manifests({{".", &manifest}}));
    return resolve(std::move(input), *services, *reporter, timing);
  }
};

}  // namespace

TEST_CASE("folders and archives of the project are resolved without any request") {
  Scene scene;
  scene.folder.write(
      "lib/package.json",
      R"({"name":"lib","version":"1.2.3","dependencies":{"packed":"file:../packed.tgz"}})");
  scene.folder.write("packed.tgz", archive_of(R"({"name":"packed","version":"3.0.0"})"));
  auto resolved = scene.run(R"({"dependencies":{"lib":"link:lib","packed":"file:packed.tgz"}})");
  REQUIRE(resolved);
  const ResolutionGraph& graph = resolved->graph;
  REQUIRE(graph.packages.size() == 2);
  CHECK(graph.packages[0].id() == "lib@1.2.3");
  CHECK(graph.packages[0].edges.empty());
  CHECK(graph.packages[1].id() == "packed@3.0.0");
  CHECK(graph.packages[1].integrity.find("sha512-") == 0);
}

TEST_CASE("a registry that cannot be asked is a failure of the command, and all of them are told") {
  Scene scene;
  auto resolved = scene.run(R"({"dependencies":{"a":"1","b":"2"}})");
  REQUIRE_FALSE(resolved);
  REQUIRE(resolved.error().size() == 2);
  for (const Error& error : resolved.error()) CHECK(error.code() == ErrorCode::offline_missing);
}

TEST_CASE("a folder that is not there is a fact about the project, with its reason") {
  Scene scene;
  auto resolved = scene.run(R"({"dependencies":{"lib":"file:nowhere"}})");
  REQUIRE_FALSE(resolved);
  CHECK(resolved.error().front().text().find("lib") != std::string::npos);
}
