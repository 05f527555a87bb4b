// SPDX-License-Identifier: MIT
#include "cli/global_links.h"

#include <doctest/doctest.h>

#include "cli/test_folder.h"

using namespace hod;
using namespace hod::cli;

namespace {

// One package that could be shared.
ResolutionGraph small_graph() {
  ResolutionGraph graph;
  GraphPackage& package = graph.packages.emplace_back();
  package.name = "a";
  package.version = "1.0.0";
  package.integrity = Integrity::of(DigestAlgorithm::sha512, std::string(64, 'x')).text();
  GraphEdge edge{"a", "1", DependencyKind::production, {EdgeTarget::Kind::package, 0}};
  graph.importers.push_back({".", "", "", {edge}});
  return graph;
}

}  // namespace

TEST_CASE("only the isolated layout with the setting uses the global virtual store") {
  TestFolder folder;
  InstallOptions options;
  options.cache_root = folder.path() + "/cache";
  const ResolutionGraph graph = small_graph();
  const auto shape_for = [&](bool setting, cache::Layout layout) {
    options.global_virtual_store = setting;
    options.layout = layout;
    cache::ShapeOptions shape;
    shape.wanted = {true};
    GlobalLinks links;
    std::vector<PackageIndex> needed = {7};
    CHECK(links.assign(options, folder.path(), graph, shape));
    links.add_needed(needed, false);
    CHECK(needed.size() == (shape.shared.empty() ? 1 : 2));
    return shape;
  };
  CHECK(shape_for(false, cache::Layout::isolated).shared.empty());
  CHECK(shape_for(true, cache::Layout::hoisted).shared.empty());
  CHECK(shape_for(true, cache::Layout::hoisted).hidden_hoist);
  const cache::ShapeOptions global = shape_for(true, cache::Layout::isolated);
  REQUIRE(global.shared.size() == 1);
  CHECK(global.shared[0].starts_with(options.cache_root + "/links/v1/a@1.0.0/"));
  CHECK_FALSE(global.hidden_hoist);
}
