#include "cache/hoist.h"

#include <doctest/doctest.h>

#include "cache/graph_scene_test.h"

namespace hod::cache {

namespace {

struct Scene {
  explicit Scene(std::string_view text) : graph(scene::graph(text)) {
    shape = make_shape(graph, scene::all_of(graph, Layout::hoisted));
    scene::Walker walker(graph, shape);
    violations = walker.violations();
    splits = walker.split_peers();
  }
  ResolutionGraph graph;
  TreeShape shape;
  std::vector<std::string> violations;
  std::vector<std::string> splits;
  std::set<std::string> packages() const { return scene::package_paths(shape); }
};

using Paths = std::set<std::string>;
const std::vector<std::string> kNone;

}  // namespace

TEST_CASE("everything goes to the top where nothing is in the way") {
  Scene s(R"(. -> a@1
             a@1 -> b@1
             b@1 -> c@1, a@1
             c@1)");
  CHECK(s.violations == kNone);
  CHECK(s.packages() == Paths{"node_modules/a", "node_modules/b", "node_modules/c"});
}

TEST_CASE(
    "a second version nests below its dependent, and takes what only it needs as high as it may") {
  Scene s(R"(. -> a@1, c@2
             a@1 -> c@1
             c@1 -> d@1
             c@2
             d@1)");
  CHECK(s.violations == kNone);
  CHECK(s.packages() == Paths{"node_modules/a", "node_modules/a/node_modules/c", "node_modules/c",
                              "node_modules/d"});
}

TEST_CASE("the version that most packages need gets the place at the top") {
  // npm's first comer would leave two copies of c@1 below b and d.
  Scene s(R"(. -> a@1, b@1, d@1
             a@1 -> c@2
             b@1 -> c@1
             d@1 -> c@1
             c@1
             c@2)");
  CHECK(s.violations == kNone);
  CHECK(s.packages() == Paths{"node_modules/a", "node_modules/a/node_modules/c", "node_modules/b",
                              "node_modules/c", "node_modules/d"});
}

TEST_CASE("a shared second version stands once, below the folder that all its dependents share") {
  Scene s(R"(. -> a@1, c@2
             a@1 -> b@1, d@1
             b@1 -> c@1, x@2
             d@1 -> c@1
             x@1
             x@2
             c@1 -> x@2
             c@2 -> x@1)");
  CHECK(s.violations == kNone);
  CHECK(s.packages().count("node_modules/b/node_modules/c") == 1);
}

TEST_CASE("a peer stands where the dependent sees it, once") {
  Scene s(R"(. -> app@1, react@17
             app@1 -> react@18, dom@18(react@18)
             dom@18(react@18) -> peer react@18
             react@17
             react@18)");
  CHECK(s.violations == kNone);
  CHECK(s.splits == kNone);
  CHECK(s.packages().count("node_modules/app/node_modules/dom") == 1);
}

TEST_CASE("peers that nobody declares are placed together with the package that asks for them") {
  Scene s(R"(. -> a@1, p@1
             a@1 -> plug@1(p@2)
             plug@1(p@2) -> peer p@2
             p@1
             p@2 -> q@1
             q@1)");
  CHECK(s.violations == kNone);
  CHECK(s.packages() == Paths{"node_modules/a", "node_modules/a/node_modules/p",
                              "node_modules/a/node_modules/plug", "node_modules/p",
                              "node_modules/q"});
}

TEST_CASE("peers in a circle are placed together") {
  Scene s(R"(. -> a@1, x@9, y@9
             a@1 -> x@1(y@1), y@1(x@1)
             x@1(y@1) -> peer y=y@1(x@1)
             y@1(x@1) -> peer x=x@1(y@1)
             x@9
             y@9)");
  CHECK(s.violations == kNone);
  CHECK(s.splits == kNone);
  CHECK(s.packages().size() == 5);
}

TEST_CASE("two instances of one version that differ in their peers are two folders") {
  Scene s(R"(. -> a@1, b@1
             a@1 -> react@17, hook@1(react@17)
             b@1 -> react@18, hook@1(react@18)
             hook@1(react@17) -> peer react@17
             hook@1(react@18) -> peer react@18
             react@17
             react@18)");
  CHECK(s.violations == kNone);
  CHECK(s.splits == kNone);
  CHECK(s.packages().size() == 6);
}

TEST_CASE("a peer that the dependent itself has in another version nests below") {
  Scene s(R"(. -> a@1
             a@1 -> p@1, plug@1(p@2)
             plug@1(p@2) -> peer p@2
             p@1
             p@2)");
  CHECK(s.violations == kNone);
}

TEST_CASE("a version that an absent optional peer would not take is not put where it sees it") {
  ResolutionGraph graph = scene::graph(R"(. -> a@1, b@1, c@1
                                          a@1 -> x?
                                          b@1 -> x@1.0.0
                                          c@1 -> x@1.0.0
                                          x@1.0.0)");
  for (GraphEdge& edge : graph.packages[0].edges) edge.specifier = "^2.0.0";
  CHECK(scene::package_paths(make_shape(graph, scene::all_of(graph, Layout::hoisted))) ==
        Paths{"node_modules/a", "node_modules/b", "node_modules/b/node_modules/x", "node_modules/c",
              "node_modules/c/node_modules/x"});
  for (GraphEdge& edge : graph.packages[0].edges) edge.specifier = ">=1";
  CHECK(scene::package_paths(make_shape(graph, scene::all_of(graph, Layout::hoisted))).size() == 4);
}

TEST_CASE("what is a dependency and a peer at once is the dependent's own") {
  Scene s(R"(. -> p@1, b@1, plug@1(p@2)
             b@1 -> p@2, plug@1(p@2)
             plug@1(p@2) -> p@2
             p@1
             p@2)");
  CHECK(s.violations == kNone);
  const Paths paths = scene::package_paths(s.shape);
  CHECK(paths.count("node_modules/b/node_modules/plug") == 1);
  CHECK(paths.count("node_modules/b/node_modules/p") == 1);
  CHECK(paths.count("node_modules/b/node_modules/plug/node_modules/p") == 0);
}

TEST_CASE("versions that need each other without end close the loop by a symlink") {
  Scene s(R"(. -> a@1, b@2
             a@1 -> b@1
             b@1 -> a@2
             a@2 -> b@2
             b@2 -> a@1)");
  CHECK(s.violations == kNone);
}

TEST_CASE("workspace members see their own versions and are linked at the top") {
  Scene s(R"(. root@1 -> a@1
             /packages/v v@1 -> a@2, b@1
             /packages/w w@1 -> v=/packages/v, b@1
             a@1
             a@2
             b@1 -> a@1)");
  CHECK(s.violations == kNone);
  CHECK(s.packages() == Paths{"node_modules/a", "node_modules/b", "packages/v/node_modules/a"});
  REQUIRE(s.shape.links.size() == 2);
  CHECK(s.shape.links[0] == PlacedLink{"node_modules/v", "../packages/v"});
  CHECK(s.shape.links[1] == PlacedLink{"node_modules/w", "../packages/w"});
}

TEST_CASE("a member inside a member looks through both folders") {
  Scene s(R"(. -> a@1
             /p p@1 -> a@2
             /p/q q@1 -> b@1
             b@1 -> a@1
             a@1
             a@2)");
  CHECK(s.violations == kNone);
}

TEST_CASE("aliases are names like others") {
  Scene s(R"(. -> a@1, old=a@0, @s/a@1
             a@1 -> a@0
             a@0
             @s/a@1 -> x=a@0)");
  CHECK(s.violations == kNone);
  CHECK(s.packages() == Paths{"node_modules/@s/a", "node_modules/a",
                              "node_modules/a/node_modules/a", "node_modules/old",
                              "node_modules/x"});
}

TEST_CASE("what a tarball brings itself shadows for everything below it") {
  Scene s(R"(. -> a@1, c@2
             a@1 [bundles x] -> c@1
             c@1 -> x@1
             c@2 -> x@1
             x@1)");
  CHECK(s.violations == kNone);
  CHECK(s.packages().count("node_modules/a/node_modules/c/node_modules/x") == 1);
}

TEST_CASE("folders of the user's are links; below one inside the project things are placed") {
  Scene s(R"(. -> lib@1, far@1, other@1, a@1
             lib@1 [folder libs/lib] -> a@2, b@1
             far@1 [folder ../far] -> c@1
             other@1 [link ../other] -> d@1
             a@1
             a@2
             b@1
             c@1
             d@1)");
  CHECK(s.violations == kNone);
  CHECK(s.packages() == Paths{"libs/lib/node_modules/a", "node_modules/a", "node_modules/b"});
  CHECK(s.shape.links[0] == PlacedLink{"node_modules/far", "../../far"});
  CHECK(s.shape.links[1] == PlacedLink{"node_modules/lib", "../libs/lib"});
}

TEST_CASE("T-LINK-03 of two commands of one name the direct dependency's wins") {
  Scene s(R"(. -> b@1
             b@1 [bin tool=b.js own=o.js] -> a@1
             a@1 [bin tool=a.js node=n.js] -> c@2
             c@1
             c@2 [bin tool=c.js])");
  REQUIRE(s.shape.bins.size() == 2);
  CHECK(s.shape.bins[0] == PlacedBin{"node_modules/.bin/own", "../b/o.js"});
  CHECK(s.shape.bins[1] == PlacedBin{"node_modules/.bin/tool", "../b/b.js"});
  CHECK(s.shape.bin_conflicts.size() == 2);
}

TEST_CASE("T-LINK-03 a command called node is only made for a direct dependency") {
  Scene s(R"(. -> a@1
             a@1 [bin npm=npm.js] -> b@1
             b@1 [bin node=n.js sh=s.js x=x.js])");
  REQUIRE(s.shape.bins.size() == 2);
  CHECK(s.shape.bins[0].path == "node_modules/.bin/npm");
  CHECK(s.shape.bins[1].path == "node_modules/.bin/x");
}

TEST_CASE("T-LINK-01 T-LINK-02 commands with paths in their names or targets are left out") {
  ResolutionGraph graph = scene::graph(R"(. -> a@1
                                          a@1)");
  graph.packages[0].bins = {{"../x", "a.js"}, {"..", "a.js"},       {"", "a.js"},
                            {"ok", "a.js"},   {"up", "../../a.js"}, {"abs", "/bin/sh"},
                            {"dot", "./a.js"}};
  TreeShape shape = make_shape(graph, scene::all_of(graph, Layout::hoisted));
  REQUIRE(shape.bins.size() == 1);
  CHECK(shape.bins[0].path == "node_modules/.bin/ok");
  CHECK(shape.packages[0].executables == std::vector<std::string>{"a.js"});
}

TEST_CASE("nested node_modules have their own commands") {
  Scene s(R"(. -> a@1, t@2
             a@1 -> t@1
             t@1 [bin t=one.js]
             t@2 [bin t=two.js])");
  REQUIRE(s.shape.bins.size() == 2);
  CHECK(s.shape.bins[0] == PlacedBin{"node_modules/.bin/t", "../t/two.js"});
  CHECK(s.shape.bins[1] == PlacedBin{"node_modules/a/node_modules/.bin/t", "../t/one.js"});
}

TEST_CASE("omitted kinds and unwanted packages are not there") {
  ResolutionGraph graph = scene::graph(R"(. -> dev a@1, b@1
                                          a@1 -> c@1
                                          b@1 -> optional c@2
                                          c@1
                                          c@2)");
  ShapeOptions options = scene::all_of(graph, Layout::hoisted);
  options.omit.development = true;
  for (PackageIndex i = 0; i < graph.packages.size(); ++i) {
    options.wanted[i] = graph.packages[i].name == "b";
  }
  CHECK(scene::package_paths(make_shape(graph, options)) == Paths{"node_modules/b"});
}

}  // namespace hod::cache
