#include "cache/wanted_graph.h"

#include <doctest/doctest.h>

#include "cache/graph_scene_test.h"

namespace hod::cache {

namespace {

std::vector<std::string> names(const WantedGraph& graph, const std::vector<WantedEdge>& edges) {
  std::vector<std::string> out;
  for (const WantedEdge& edge : edges) out.emplace_back(graph.alias(edge.alias));
  return out;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE(
    "edges to nothing, to unwanted packages, of omitted kinds and to bundled names are none") {
  const ResolutionGraph graph = scene::graph(R"(. -> a@1, dev b@1, optional c@1
                                                a@1 [bundles x] -> x@1, d@1, e?
                                                b@1
                                                c@1
                                                d@1
                                                x@1)");
  ShapeOptions options = scene::all_of(graph, Layout::isolated);
  options.omit.development = true;
  options.wanted[3] = false;  // d
  const WantedGraph wanted = wanted_graph(graph, options);
  CHECK(names(wanted, wanted.tops[0].edges) == Names{"a", "c"});
  CHECK(wanted.edges[0].empty());
  CHECK(wanted.bundled[0].size() == 1);
}

TEST_CASE("npm's layout links every member at the root, unless a dependency has its name") {
  const ResolutionGraph graph = scene::graph(R"(. root@1 -> w=a@1
                                                /v v@1
                                                /w w@1
                                                a@1)");
  const ShapeOptions hoisted = scene::all_of(graph, Layout::hoisted);
  const WantedGraph wanted = wanted_graph(graph, hoisted);
  CHECK(names(wanted, wanted.tops[0].edges) == Names{"v", "w"});
  CHECK(wanted.tops[0].edges[1].target.kind == EdgeTarget::Kind::package);
  const ShapeOptions isolated = scene::all_of(graph, Layout::isolated);
  CHECK(wanted_graph(graph, isolated).tops[0].edges.size() == 1);
}

TEST_CASE("folders of the user's: inside the project they are tops, a member is itself") {
  const ResolutionGraph graph = scene::graph(R"(. -> in@1, out@1, linked@1, member@1
                                                /w w@1
                                                in@1 [folder w/libs/in] -> a@1
                                                out@1 [folder ../out] -> a@1
                                                linked@1 [link libs/linked] -> a@1
                                                member@1 [folder w]
                                                a@1)");
  const ShapeOptions options = scene::all_of(graph, Layout::isolated);
  const WantedGraph wanted = wanted_graph(graph, options);
  REQUIRE(wanted.tops.size() == 3);
  CHECK(wanted.tops[2].path == "w/libs/in");
  CHECK(wanted.tops[2].parent == 1);
  CHECK(wanted.tops[1].parent == 0);
  CHECK(wanted.top_of_package == std::vector<TopIndex>{2, kNoTop, kNoTop, 1, kNoTop});
  CHECK(wanted.edges[1].empty());
  CHECK(wanted.edges[2].empty());
}

}  // namespace hod::cache
