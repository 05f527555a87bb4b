#include "cache/link_plan.h"

#include <random>

#include <doctest/doctest.h>

#include "cache/graph_scene_test.h"

namespace hod::cache {

namespace {

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  std::size_t below(std::size_t limit) { return engine_() % limit; }
  bool chance(unsigned percent) { return below(100) < percent; }

 private:
  std::mt19937 engine_;
};

// Anything at all: edges to any instance, peers that contradict each other, loops, bundled names,
// folders within folders.
ResolutionGraph wild_graph(unsigned seed) {
  Random random(seed);
  ResolutionGraph graph;
  const std::size_t names = 2 + random.below(7);
  for (std::size_t n = 0; n < names; ++n) {
    const std::size_t versions = 1 + random.below(3);
    for (std::size_t v = 0; v < versions; ++v) {
      GraphPackage package;
      package.name = (n % 4 == 3 ? "@s/p" : "p") + std::to_string(n);
      package.version = std::to_string(v);
      package.integrity = "sha512-" + package.id();
      if (random.chance(5)) {
        package.source = {PackageSource::Kind::directory, "libs/" + package.id()};
        if (random.chance(50)) package.source.location = "packages/w0/" + package.id();
      }
      graph.packages.push_back(package);
    }
  }
  graph.importers.push_back({".", "root", "1.0.0", {}});
  for (std::size_t w = random.below(4); w-- > 0;) {
    GraphImporter member;
    member.name = "w" + std::to_string(w);
    member.path = (w == 2 ? "packages/w0/w" : "packages/w") + std::to_string(w);
    graph.importers.push_back(member);
  }
  const auto edges = [&](std::vector<GraphEdge>& out, std::size_t most, bool peers,
                         const std::vector<std::string>& not_these) {
    std::set<std::string> used(not_these.begin(), not_these.end());
    for (std::size_t i = random.below(most + 1); i-- > 0;) {
      const PackageIndex target = static_cast<PackageIndex>(random.below(graph.packages.size()));
      GraphEdge edge;
      edge.alias = graph.packages[target].name;
      edge.target = {EdgeTarget::Kind::package, target};
      if (random.chance(10)) edge.alias = "p" + std::to_string(random.below(names));
      if (random.chance(5)) {
        const std::uint32_t importer =
            static_cast<std::uint32_t>(random.below(graph.importers.size()));
        edge.alias = graph.importers[importer].name;
        edge.target = {EdgeTarget::Kind::importer, importer};
      }
      if (peers && random.chance(30)) edge.kind = DependencyKind::peer;
      if (used.insert(edge.alias).second) out.push_back(edge);
    }
    std::sort(out.begin(), out.end(),
              [](const GraphEdge& a, const GraphEdge& b) { return a.alias < b.alias; });
  };
  for (GraphPackage& package : graph.packages) {
    if (random.chance(5)) package.bundled.push_back("p" + std::to_string(random.below(names)));
    edges(package.edges, 4, true, package.bundled);
  }
  for (GraphImporter& importer : graph.importers) edges(importer.edges, 6, false, {});
  canonicalize(graph);
  return graph;
}

// As a solver makes them: versions without loops, each peer provided by whoever depends on the
// package, one instance for each set of peers.
class SolvedGraph {
 public:
  explicit SolvedGraph(unsigned seed) : random_(seed) {
    const std::size_t names = 4 + random_.below(8);
    for (std::size_t n = 0; n < names; ++n) {
      templates_.emplace_back(1 + random_.below(3));
      for (Template& made : templates_.back()) {
        for (std::size_t i = random_.below(5); i-- > 0 && n > 0;) {
          const std::size_t on = random_.below(n);
          made.needs[on] = {random_.below(templates_[on].size()), random_.chance(35)};
        }
      }
    }
  }

  ResolutionGraph make() {
    std::vector<std::map<std::size_t, PackageIndex>> all;
    const std::size_t importers = 1 + random_.below(3);
    for (std::size_t i = 0; i < importers; ++i) {
      GraphImporter importer;
      importer.path = i == 0 ? "." : "packages/w" + std::to_string(i);
      importer.name = "w" + std::to_string(i);
      Slots slots;
      std::map<std::size_t, std::size_t> needs;
      for (std::size_t k = 1 + random_.below(6); k-- > 0;) {
        const std::size_t on = random_.below(templates_.size());
        needs[on] = random_.below(templates_[on].size());
      }
      for (const auto& [name, version] : needs) provide(slots, name, version, {});
      for (const auto& [name, version] : needs)
        importer.edges.push_back(edge(name, slots[name], false));
      sort(importer.edges);
      graph_.importers.push_back(importer);
    }
    canonicalize(graph_);
    return graph_;
  }

 private:
  using Slots = std::map<std::size_t, PackageIndex>;
  struct Need {
    std::size_t version;
    bool peer;
  };
  struct Template {
    std::map<std::size_t, Need> needs;  // by name
  };

  static std::string name_of(std::size_t name) { return "n" + std::to_string(name); }

  static GraphEdge edge(std::size_t name, PackageIndex target, bool peer) {
    GraphEdge made;
    made.alias = name_of(name);
    made.kind = peer ? DependencyKind::peer : DependencyKind::production;
    made.target = {EdgeTarget::Kind::package, target};
    return made;
  }

  static void sort(std::vector<GraphEdge>& edges) {
    std::sort(edges.begin(), edges.end(),
              [](const GraphEdge& a, const GraphEdge& b) { return a.alias < b.alias; });
  }

  // Fills slot `name` of a dependent. Peers come from its slots, from `outer` (its own peers), or
  // fill an implicit slot.
  PackageIndex provide(Slots& slots, std::size_t name, std::size_t version, const Slots& outer) {
    if (const auto found = slots.find(name); found != slots.end()) return found->second;
    const Template& made = templates_[name][version];
    Slots peers;
    for (const auto& [on, need] : made.needs) {
      if (!need.peer) continue;
      const auto given = outer.find(on);
      peers[on] = given != outer.end() && slots.count(on) == 0
                      ? given->second
                      : provide(slots, on, need.version, outer);
    }
    return slots[name] = instance(name, version, peers);
  }

  PackageIndex instance(std::size_t name, std::size_t version, const Slots& peers) {
    const auto known = instances_.find({name, version, peers});
    if (known != instances_.end()) return known->second;
    GraphPackage package;
    package.name = name_of(name);
    package.version = std::to_string(version);
    package.integrity = "sha512-" + package.id();
    for (const auto& [on, target] : peers) {
      package.peer_context += "(" + name_of(on) + "#" + std::to_string(target) + ")";
      package.edges.push_back(edge(on, target, true));
    }
    Slots slots;
    for (const auto& [on, need] : templates_[name][version].needs) {
      if (need.peer) continue;
      package.edges.push_back(edge(on, provide(slots, on, need.version, peers), false));
    }
    sort(package.edges);
    graph_.packages.push_back(package);
    return instances_[{name, version, peers}] =
               static_cast<PackageIndex>(graph_.packages.size() - 1);
  }

  Random random_;
  std::vector<std::vector<Template>> templates_;
  std::map<std::tuple<std::size_t, std::size_t, Slots>, PackageIndex> instances_;
  ResolutionGraph graph_;
};

std::string first_of(const std::vector<std::string>& lines) {
  return lines.empty() ? "" : lines.front();
}

void check_paths(const TreeShape& shape) {
  bool safe = true;
  for (const PlacedPackage& p : shape.packages)
    safe &= tree_path_is_safe(p.path, TreeEntry::package);
  for (const PlacedLink& l : shape.links) safe &= tree_path_is_safe(l.path, TreeEntry::link);
  for (const PlacedBin& b : shape.bins) safe &= tree_path_is_safe(b.path, TreeEntry::bin);
  CHECK(safe);
}

}  // namespace

TEST_CASE("every edge of any graph leads where it should, in both layouts") {
  for (unsigned seed = 1; seed <= 6000; ++seed) {
    const ResolutionGraph graph = wild_graph(seed);
    for (const Layout layout : {Layout::hoisted, Layout::isolated}) {
      const TreeShape shape = make_shape(graph, scene::all_of(graph, layout));
      const std::string wrong = first_of(scene::Walker(graph, shape).violations());
      if (wrong.empty() && shape.packages.size() < 2000) continue;
      CAPTURE(seed);
      CAPTURE(static_cast<int>(layout));
      CAPTURE(shape.packages.size());
      CHECK(wrong == "");
      CHECK(shape.packages.size() < 2000);
      return;
    }
    if (seed % 100 == 0) check_paths(make_shape(graph, scene::all_of(graph, Layout::hoisted)));
    if (seed % 100 == 0) check_paths(make_shape(graph, scene::all_of(graph, Layout::isolated)));
  }
}

TEST_CASE("solved graphs: every peer is the very folder that the dependent sees") {
  for (unsigned seed = 1; seed <= 6000; ++seed) {
    const ResolutionGraph graph = SolvedGraph(seed).make();
    for (const Layout layout : {Layout::hoisted, Layout::isolated}) {
      const TreeShape shape = make_shape(graph, scene::all_of(graph, layout));
      const scene::Walker walker(graph, shape);
      const std::string wrong = first_of(walker.violations());
      const std::string split = first_of(walker.split_peers());
      if (wrong.empty() && split.empty()) continue;
      CAPTURE(seed);
      CAPTURE(static_cast<int>(layout));
      CHECK(wrong == "");
      CHECK(split == "");
      return;
    }
  }
}

TEST_CASE("the same graph gives the same shape") {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    const ResolutionGraph graph = wild_graph(seed);
    for (const Layout layout : {Layout::hoisted, Layout::isolated}) {
      const TreeShape a = make_shape(graph, scene::all_of(graph, layout));
      const TreeShape b = make_shape(graph, scene::all_of(graph, layout));
      CHECK(a.links == b.links);
      CHECK(a.bins == b.bins);
      CHECK(scene::package_paths(a) == scene::package_paths(b));
    }
  }
}

TEST_CASE("a folder's identity tells contents, copying and commands apart") {
  ResolutionGraph graph = scene::graph(R"(. -> a@1
                                          a@1 [bin a=a.js])");
  ShapeOptions options = scene::all_of(graph, Layout::hoisted);
  const std::string plain = make_shape(graph, options).packages[0].identity;
  options.copied = {true};
  const PlacedPackage copied = make_shape(graph, options).packages[0];
  CHECK(copied.copied);
  CHECK(copied.identity != plain);
  options.copied.clear();
  graph.packages[0].bins[0].path = "b.js";
  CHECK(make_shape(graph, options).packages[0].identity != plain);
  graph.packages[0].bins[0] = {"other", "a.js"};
  CHECK(make_shape(graph, options).packages[0].identity == plain);
}

}  // namespace hod::cache
