#include "cache/isolate.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "cache/graph_scene_test.h"

namespace hod::cache {

namespace {

struct Scene {
  explicit Scene(std::string_view text) : graph(scene::graph(text)) {
    shape = make_shape(graph, scene::all_of(graph, Layout::isolated));
    scene::Walker walker(graph, shape);
    violations = walker.violations();
    splits = walker.split_peers();
    for (const PlacedLink& link : shape.links) links[link.path] = link.target;
    for (const PlacedBin& bin : shape.bins) bins[bin.path] = bin.target;
  }
  ResolutionGraph graph;
  TreeShape shape;
  std::vector<std::string> violations;
  std::vector<std::string> splits;
  std::map<std::string, std::string> links;
  std::map<std::string, std::string> bins;
};

const std::vector<std::string> kNone;

}  // namespace

TEST_CASE("each package has its folder, its dependencies beside it, only direct ones at the top") {
  Scene s(R"(. -> a@1
             a@1 -> @s/b@2
             @s/b@2 -> c@1
             c@1)");
  CHECK(s.violations == kNone);
  CHECK(scene::package_paths(s.shape) ==
        std::set<std::string>{"node_modules/.hod/@s+b@2/node_modules/@s/b",
                              "node_modules/.hod/a@1/node_modules/a",
                              "node_modules/.hod/c@1/node_modules/c"});
  CHECK(s.links ==
        std::map<std::string, std::string>{
            {"node_modules/a", ".hod/a@1/node_modules/a"},
            {"node_modules/.hod/a@1/node_modules/@s/b", "../../../@s+b@2/node_modules/@s/b"},
            {"node_modules/.hod/@s+b@2/node_modules/c", "../../c@1/node_modules/c"},
            {"node_modules/.hod/node_modules/@s/b", "../../@s+b@2/node_modules/@s/b"},
            {"node_modules/.hod/node_modules/c", "../c@1/node_modules/c"}});
}

TEST_CASE("instances that differ in their peers have folders that say so") {
  Scene s(R"(. -> a@1, b@1
             a@1 -> react@17, hook@1(react@17)
             b@1 -> react@18, hook@1(react@18)
             hook@1(react@17) -> peer react@17
             hook@1(react@18) -> peer react@18
             react@17
             react@18)");
  CHECK(s.violations == kNone);
  CHECK(s.splits == kNone);
  CHECK(scene::package_paths(s.shape).count(
            "node_modules/.hod/hook@1_react@17/node_modules/hook") == 1);
}

TEST_CASE("a package that needs another version of its own name finds it") {
  Scene s(R"(. -> a@2
             a@2 -> a@1, b@1
             b@1 -> a@2
             a@1)");
  CHECK(s.violations == kNone);
  CHECK(s.links.at("node_modules/.hod/a@2/node_modules/a/node_modules/a") ==
        "../../../../a@1/node_modules/a");
}

TEST_CASE("workspace members have their own node_modules and are linked where they are asked for") {
  Scene s(R"(. root@1 -> a@1
             /packages/v v@1 -> a@2
             /packages/w w@1 -> v=/packages/v
             a@1
             a@2)");
  CHECK(s.violations == kNone);
  CHECK(s.links.at("packages/v/node_modules/a") == "../../../node_modules/.hod/a@2/node_modules/a");
  CHECK(s.links.at("packages/w/node_modules/v") == "../../v");
  CHECK(s.links.count("node_modules/v") == 0);
}

TEST_CASE("commands: of direct dependencies, and beside packages with scripts") {
  Scene s(R"(. -> a@1
             /w w@1 -> b@1
             a@1 [bin a=a.js] -> b@1
             b@1 [bin b=b.js] [scripts] -> g@1
             g@1 [bin g=g.js])");
  CHECK(s.bins == std::map<std::string, std::string>{
                      {"node_modules/.bin/a", "../a/a.js"},
                      {"node_modules/.hod/b@1/node_modules/.bin/g", "../g/g.js"},
                      {"w/node_modules/.bin/b", "../b/b.js"}});
}

TEST_CASE("the commands of workspace members are linked from the folder of those who use them") {
  ResolutionGraph graph = scene::graph(R"(. -> t=/tools/t
                                          /tools/t t@1)");
  ShapeOptions options = scene::all_of(graph, Layout::isolated);
  options.importer_bins = {{}, {{"t", "cli.js"}}};
  TreeShape shape = make_shape(graph, options);
  REQUIRE(shape.bins.size() == 1);
  CHECK(shape.bins[0] == PlacedBin{"node_modules/.bin/t", "../t/cli.js"});
}

TEST_CASE("folders of the user's are links; nothing is written into those outside the project") {
  Scene s(R"(. -> lib@1, far@1
             lib@1 [folder libs/lib] -> a@2
             far@1 [folder ../far] -> c@1
             a@2
             c@1)");
  CHECK(s.violations == kNone);
  CHECK(s.links.at("node_modules/lib") == "../libs/lib");
  CHECK(s.links.at("node_modules/far") == "../../far");
  CHECK(s.links.at("libs/lib/node_modules/a") == "../../../node_modules/.hod/a@2/node_modules/a");
}

TEST_CASE("without the hidden hoist there is none") {
  ResolutionGraph graph = scene::graph(R"(. -> a@1
                                          a@1 -> b@1
                                          b@1)");
  ShapeOptions options = scene::all_of(graph, Layout::isolated);
  options.hidden_hoist = false;
  for (const PlacedLink& link : make_shape(graph, options).links) {
    CHECK(link.path.find(".hod/node_modules") == std::string::npos);
  }
}

TEST_CASE("the hidden hoist shows nobody an optional peer that does not fit") {
  ResolutionGraph graph = scene::graph(R"(. -> a@1, b@1
                                          a@1 -> x?
                                          b@1 -> x@1.0.0
                                          x@1.0.0)");
  const auto is_shown = [&](const char* range) {
    for (GraphEdge& edge : graph.packages[0].edges) edge.specifier = range;
    const TreeShape shape = make_shape(graph, scene::all_of(graph, Layout::isolated));
    return std::any_of(shape.links.begin(), shape.links.end(), [](const PlacedLink& link) {
      return link.path == "node_modules/.hod/node_modules/x";
    });
  };
  CHECK(is_shown(">=1"));
  CHECK_FALSE(is_shown("^2.0.0"));
}

}  // namespace hod::cache
