#include "cache/bin_links.h"

#include <doctest/doctest.h>

#include "cache/graph_scene_test.h"

namespace hod::cache {

TEST_CASE("T-LINK-03 direct before others, namesake before others, near before far") {
  const ResolutionGraph graph = scene::graph(R"(. -> a@1, tool@1, z@1
                                                a@1 [bin tool=a.js x=a.js]
                                                tool@1 [bin tool=t.js]
                                                z@1 [bin x=z.js])");
  const ShapeOptions options = scene::all_of(graph, Layout::hoisted);
  const WantedGraph wanted = wanted_graph(graph, options);
  const EdgeTarget a{EdgeTarget::Kind::package, 0};
  const EdgeTarget tool{EdgeTarget::Kind::package, 1};
  const EdgeTarget z{EdgeTarget::Kind::package, 2};
  TreeShape shape;
  add_bins(wanted, "node_modules", BinFolder::of_user,
           {{"a", a, false}, {"tool", tool, false}, {"z", z, true}}, shape);
  REQUIRE(shape.bins.size() == 2);
  CHECK(shape.bins[0] == PlacedBin{"node_modules/.bin/tool", "../tool/t.js"});
  CHECK(shape.bins[1] == PlacedBin{"node_modules/.bin/x", "../z/z.js"});
  CHECK(shape.bin_conflicts ==
        std::vector<std::string>{"`tool` in node_modules/.bin is that of `tool`, not of `a`",
                                 "`x` in node_modules/.bin is that of `z`, not of `a`"});
}

TEST_CASE("T-LINK-02 only targets inside the package are made executable") {
  CHECK(executables_of({{"b", "bin/b.js"}, {"a", "bin/b.js"}, {"c", "../c"}, {"../d", "d"}}) ==
        std::vector<std::string>{"bin/b.js"});
}

}  // namespace hod::cache
