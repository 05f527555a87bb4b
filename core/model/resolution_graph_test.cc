// SPDX-License-Identifier: MIT
#include "core/model/resolution_graph.h"

#include <algorithm>
#include <random>
#include <sstream>

#include <doctest/doctest.h>

using namespace hod;

namespace {

const Platform kLinux{"linux", "x64", "glibc"};

DependencyKind kind_named(const std::string& name) {
  for (const auto kind :
       {DependencyKind::production, DependencyKind::development, DependencyKind::optional,
        DependencyKind::peer, DependencyKind::optional_peer}) {
    if (dependency_kind_name(kind) == name) return kind;
  }
  return DependencyKind::production;
}

// A graph from lines "from: to[/kind] …"; "." is the importer, "name!" a package for win32 only.
// All have version 1.0.0.
ResolutionGraph graph_of(const char* text) {
  ResolutionGraph graph;
  graph.importers.push_back({".", "app", "1.0.0", {}});
  const auto index_of = [&graph](std::string name) {
    const bool foreign = name.ends_with('!');
    if (foreign) name.pop_back();
    for (PackageIndex i = 0; i < graph.packages.size(); ++i) {
      if (graph.packages[i].name == name) return i;
    }
    GraphPackage package;
    package.name = name;
    package.version = "1.0.0";
    if (foreign) package.platform.os = {"win32"};
    graph.packages.push_back(std::move(package));
    return static_cast<PackageIndex>(graph.packages.size() - 1);
  };
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string from;
    if (!(words >> from)) continue;
    from.pop_back();  // ":"
    std::vector<GraphEdge> edges;
    for (std::string to; words >> to;) {
      const std::size_t slash = to.find('/');
      const DependencyKind kind = slash == std::string::npos ? DependencyKind::production
                                                             : kind_named(to.substr(slash + 1));
      const PackageIndex target = index_of(to.substr(0, slash));
      edges.push_back(
          {graph.packages[target].name, "^1.0.0", kind, {EdgeTarget::Kind::package, target}});
    }
    if (from == ".") {
      graph.importers[0].edges = std::move(edges);
    } else {
      graph.packages[index_of(from)].edges = std::move(edges);
    }
  }
  return graph;
}

std::string names_of(const ResolutionGraph& graph, const std::vector<bool>& chosen) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (chosen[i]) names.push_back(graph.packages[i].name);
  }
  std::sort(names.begin(), names.end());
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

std::string installed(const char* text, const Omit& omit = {}) {
  const ResolutionGraph graph = graph_of(text);
  return names_of(graph, installable(graph, kLinux, omit).packages);
}

std::string unsupported(const char* text) {
  const ResolutionGraph graph = graph_of(text);
  std::vector<bool> chosen(graph.packages.size(), false);
  for (const PackageIndex i : installable(graph, kLinux, {}).unsupported) chosen[i] = true;
  return names_of(graph, chosen);
}

GraphPackage package_of(const char* name, const char* version, const char* peer_context = "") {
  GraphPackage package;
  package.name = name;
  package.version = version;
  package.peer_context = peer_context;
  return package;
}

Requirements requirements_of(std::vector<Dependency> dependencies) {
  Requirements requirements;
  requirements.importers.push_back({".", "app", "1.0.0", std::move(dependencies)});
  return requirements;
}

ResolutionGraph locked_with(std::vector<GraphEdge> edges) {
  ResolutionGraph graph;
  graph.importers.push_back({".", "app", "1.0.0", std::move(edges)});
  return graph;
}

GraphEdge edge(const char* alias, const char* specifier,
               DependencyKind kind = DependencyKind::production) {
  return {alias, specifier, kind, {}};
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace

TEST_CASE("a canonical graph is sorted by name, version precedence, source and peer context") {
  ResolutionGraph graph;
  graph.importers = {{"packages/b", "b", "", {}}, {"-first", "c", "", {}}, {".", "app", "", {}}};
  graph.packages = {package_of("b", "1.10.0"),
                    package_of("b", "1.9.0"),
                    package_of("a", "1.0.0", "(x@2.0.0)"),
                    package_of("a", "1.0.0", "(x@1.0.0)"),
                    package_of("unreachable", "1.0.0"),
                    package_of("b", "")};
  graph.packages[0].bins = {{"z", "z.js"}, {"a", "a.js"}};
  graph.packages[0].bundled = {"q", "p"};
  const auto to = [](const char* alias, std::uint32_t index,
                     EdgeTarget::Kind kind = EdgeTarget::Kind::package) {
    return GraphEdge{alias, "*", DependencyKind::production, {kind, index}};
  };
  graph.importers[2].edges = {to("z", 0), to("y", 1), to("x", 2),
                              to("w", 3), to("v", 5), to("c", 1, EdgeTarget::Kind::importer)};
  canonicalize(graph);

  std::vector<std::string> ids;
  for (const GraphPackage& package : graph.packages) {
    ids.push_back(package.id() + package.peer_context);
  }
  CHECK(ids == std::vector<std::string>{"a@1.0.0(x@1.0.0)", "a@1.0.0(x@2.0.0)", "b@1.9.0",
                                        "b@1.10.0", "b@"});
  CHECK(graph.importers[0].path == ".");
  CHECK(graph.importers[1].path == "-first");
  const std::vector<GraphEdge>& edges = graph.importers[0].edges;
  REQUIRE(edges.size() == 6);
  CHECK(edges[0] == to("c", 1, EdgeTarget::Kind::importer));
  CHECK(edges[1] == to("v", 4));
  CHECK(edges[2] == to("w", 0));
  CHECK(edges[3] == to("x", 1));
  CHECK(edges[4] == to("y", 2));
  CHECK(edges[5] == to("z", 3));
  CHECK(graph.packages[3].bins.front().name == "a");
  CHECK(graph.packages[3].bundled.front() == "p");
}

TEST_CASE("canonical form does not depend on the order in which a graph was built") {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    ResolutionGraph graph;
    graph.importers = {{".", "app", "", {}}, {"m", "m", "", {}}};
    const std::size_t count = 1 + random() % 12;
    for (std::size_t i = 0; i < count; ++i) {
      graph.packages.push_back(package_of("p", ("1." + std::to_string(i) + ".0").c_str()));
    }
    const auto add_edges = [&](std::vector<GraphEdge>& edges) {
      for (std::size_t k = random() % 4; k > 0; --k) {
        const auto target = static_cast<PackageIndex>(random() % count);
        edges.push_back({"e" + std::to_string(k),
                         "*",
                         DependencyKind::production,
                         {EdgeTarget::Kind::package, target}});
      }
    };
    for (auto& importer : graph.importers) add_edges(importer.edges);
    for (auto& package : graph.packages) add_edges(package.edges);

    ResolutionGraph shuffled = graph;
    std::vector<PackageIndex> order(count);
    for (PackageIndex i = 0; i < count; ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), random);
    for (PackageIndex i = 0; i < count; ++i) shuffled.packages[order[i]] = graph.packages[i];
    const auto renumber = [&](std::vector<GraphEdge>& edges) {
      for (GraphEdge& e : edges) e.target.index = order[e.target.index];
      std::shuffle(edges.begin(), edges.end(), random);
    };
    for (auto& importer : shuffled.importers) renumber(importer.edges);
    for (auto& package : shuffled.packages) renumber(package.edges);

    canonicalize(graph);
    canonicalize(shuffled);
    REQUIRE(graph == shuffled);
    canonicalize(shuffled);
    REQUIRE(graph == shuffled);
  }
}

TEST_CASE("what importers reach is installed, by kind") {
  const char* text = R"(
    .: a b/dev c/optional d/peer e/peerOptional
    a: f
    b: g
    c: h
    d: i)";
  CHECK(installed(text) == "a b c d f g h i");
  CHECK(installed(text, {.development = true}) == "a c d f h i");
  CHECK(installed(text, {.optional = true}) == "a b d f g i");
  CHECK(installed(text, {.peer = true}) == "a b c f g h");
}

TEST_CASE("an optional peer follows its target only when that is installed anyway") {
  CHECK(installed(".: a \n a: b/peerOptional") == "a");
  CHECK(installed(".: a b \n a: b/peerOptional") == "a b");
}

TEST_CASE("an optional package of another platform is left out with what only it needs") {
  CHECK(installed(".: a win!/optional \n win: x y \n a: y") == "a y");
  CHECK(unsupported(".: a win!/optional \n win: x") == "");
}

TEST_CASE("an optional edge is dropped when something required below it is of another platform") {
  CHECK(installed(".: a/optional b \n a: c \n c: win!") == "b");
  CHECK(installed(".: a/optional \n a: c \n c: win!/optional") == "a c");
  CHECK(installed(".: a/optional \n a: b win! \n b: a") == "");
}

TEST_CASE("a required package of another platform is told, wherever it stands") {
  CHECK(unsupported(".: a \n a: win!") == "win");
  CHECK(unsupported(".: win!/dev") == "win");
  // Reached both ways: the required way counts.
  CHECK(unsupported(".: a win!/optional \n a: win!") == "win");
  CHECK(installed(".: a win!/optional \n a: win! \n win: x") == "a win x");
}

TEST_CASE("cycles between packages end") {
  CHECK(installed(".: a \n a: b \n b: a c/optional \n c: a") == "a b c");
}

TEST_CASE("a lockfile that answers the manifests has no differences") {
  const ResolutionGraph locked =
      locked_with({edge("a", "^1"), edge("b", "~2", DependencyKind::development)});
  CHECK(differences(locked, requirements_of({{"a", "^1", DependencyKind::production},
                                             {"b", "~2", DependencyKind::development},
                                             {"b", "*", DependencyKind::peer},
                                             {"o", "*", DependencyKind::optional_peer}}))
            .empty());
}

TEST_CASE("every difference between lockfile and manifests is a line") {
  const ResolutionGraph locked = locked_with({edge("a", "^1"), edge("b", "^1"), edge("c", "^1")});
  CHECK(joined(differences(locked, requirements_of({{"a", "^2", DependencyKind::production},
                                                    {"b", "^1", DependencyKind::development},
                                                    {"d", "^1", DependencyKind::production}}))) ==
        "`.`: `a` is asked for as `^2`, the lockfile has `^1`\n"
        "`.`: `b` is asked for as `dev`, the lockfile has `prod`\n"
        "`.`: `c` is in the lockfile, but not asked for\n"
        "`.`: `d` (`^1`) is not in the lockfile\n");
}

TEST_CASE("members that come and go are differences") {
  ResolutionGraph locked = locked_with({});
  locked.importers.push_back({"packages/old", "old", "", {}});
  Requirements requirements = requirements_of({});
  requirements.importers.push_back({"packages/new", "new", "", {}});
  CHECK(joined(differences(locked, requirements)) ==
        "`packages/old` is in the lockfile, but not in the project\n"
        "`packages/new` is not in the lockfile\n");
}

TEST_CASE("overrides that were added, changed or dropped are differences") {
  ResolutionGraph locked = locked_with({edge("a", "1.0.0")});
  locked.overrides = {{"overrides.a", "1.0.0"}, {"overrides.b", "1"}};
  Requirements requirements = requirements_of({{"a", "^1", DependencyKind::production}});
  const auto rule = [](const char* name, const char* specifier) {
    return Override{
        {}, false, {name, std::nullopt, ""}, specifier, std::string("overrides.") + name};
  };
  requirements.overrides.rules = {rule("a", "1.0.0"), rule("b", "1")};
  CHECK(joined(differences(locked, requirements)) == "");
  requirements.overrides.rules = {rule("a", "1.0.0"), rule("b", "2"), rule("c", "3")};
  CHECK(joined(differences(locked, requirements)) ==
        "`overrides.b` is `2`, the lockfile has `1`\n"
        "`overrides.c` (`3`) is not in the lockfile\n");
  requirements.overrides.rules = {rule("a", "1.0.0")};
  CHECK(joined(differences(locked, requirements)) ==
        "`overrides.b` (`1`) is in the lockfile, but no longer set\n");
}

TEST_CASE("a changed catalog is a difference although the manifest still says catalog:") {
  const ResolutionGraph locked = locked_with({edge("a", "^1")});
  Requirements requirements = requirements_of({{"a", "catalog:", DependencyKind::production}});
  requirements.catalogs[""]["a"] = "^1";
  CHECK(differences(locked, requirements).empty());
  requirements.catalogs[""]["a"] = "^2";
  CHECK(joined(differences(locked, requirements)) ==
        "`.`: `a` is asked for as `^2`, the lockfile has `^1`\n");
}
