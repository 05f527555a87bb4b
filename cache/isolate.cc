// SPDX-License-Identifier: MIT
// The isolated layout (pnpm's, client.md §C):
//
//   node_modules/<dep>                                    link: what a manifest of the user's names
//   node_modules/.hod/<id>/node_modules/<name>            the package, <id> as isolated_folder()
//   node_modules/.hod/<id>/node_modules/<dep>             link: its dependencies and peers
//   node_modules/.hod/<id>/node_modules/.bin/<command>    for packages with install scripts
//   node_modules/.hod/node_modules/<name>                 link: the nearest package of each name,
//                                                         for names that nobody declared
//   <member>/node_modules/<dep>, <member>/node_modules/.bin/…
//
// Packages of the global virtual store (ShapeOptions::shared) have no folder here: links to them
// lead out of the project.
//
// What must stay true:
//  (1) From the real folder of a package, each declared name leads to the package its edge names:
//      by the sibling link; by the package itself where it means itself; or, where a package needs
//      another version of its own name, by a link inside its own folder.
//  (2) Two packages never share a folder.
#include "cache/isolate.h"

#include <algorithm>
#include <map>

#include "cache/bin_links.h"
#include "cache/hash.h"
#include "cache/tree_path.h"
#include "core/base/encoding.h"
#include "core/base/lexical_path.h"

namespace hod::cache {

namespace {

constexpr std::string_view kVirtualStore = "node_modules/.hod";

using Modules = std::vector<std::string>;  // by PackageIndex: the node_modules that holds it

std::string place_of(const WantedGraph& graph, const Modules& modules, const EdgeTarget& target) {
  if (target.kind == EdgeTarget::Kind::importer) return graph.tops[target.index].path;
  const GraphPackage& package = graph.graph->packages[target.index];
  if (graph.is_folder(target.index)) return shortest_path(package.source.location);
  return joined(modules[target.index], package.name);
}

void place_link(std::string path, const std::string& place, TreeShape& shape) {
  std::string text = relative_link(parent_path(path), place);
  shape.links.push_back({std::move(path), std::move(text)});
}

class Isolator {
 public:
  Isolator(const WantedGraph& graph, TreeShape& shape) : graph_(graph), shape_(shape) {}

  void run() {
    name_folders();
    for (PackageIndex i = 0; i < graph_.edges.size(); ++i) {
      if (graph_.wanted(i) && !graph_.is_folder(i) && !is_shared(i)) add_package(i);
    }
    for (const TopFolder& top : graph_.tops) add_top(top);
    if (graph_.options->hidden_hoist) add_hidden_hoist();
  }

 private:
  const GraphPackage& package(PackageIndex index) const { return graph_.graph->packages[index]; }

  bool is_shared(PackageIndex index) const {
    const std::vector<std::string>& shared = graph_.options->shared;
    return index < shared.size() && !shared[index].empty();
  }

  // (2): what isolated_folder() cannot tell apart gets the position among its equals.
  void name_folders() {
    modules_.resize(graph_.edges.size());
    std::map<std::string, unsigned, std::less<>> taken;
    for (PackageIndex i = 0; i < graph_.edges.size(); ++i) {
      if (!graph_.wanted(i) || graph_.is_folder(i)) continue;
      if (is_shared(i)) {
        modules_[i] = graph_.options->shared[i];
        continue;
      }
      std::string folder = isolated_folder(package(i), graph_.options->patch_of(i));
      const unsigned earlier = taken[folder]++;
      if (earlier > 0) folder += "_" + std::to_string(earlier);
      modules_[i] = std::string(kVirtualStore) + "/" + folder + "/node_modules";
    }
  }

  void add_link(std::string_view modules, std::string_view alias, const EdgeTarget& target) {
    place_link(joined(modules, alias), place_of(graph_, modules_, target), shape_);
  }

  void add_package(PackageIndex index) {
    place_isolated(graph_, modules_, index, shape_);
    if (runs_scripts(index)) {
      add_bins_of(modules_[index], BinFolder::of_package, graph_.edges[index]);
    }
  }

  // Only their scripts look for commands beside the package.
  bool runs_scripts(PackageIndex index) const {
    const std::vector<bool>& copied = graph_.options->copied;
    return package(index).has_install_script || (index < copied.size() && copied[index]);
  }

  void add_bins_of(std::string_view modules, BinFolder kind, const std::vector<WantedEdge>& edges) {
    std::vector<BinOwner> owners;
    for (const WantedEdge& edge : edges) {
      owners.push_back({graph_.alias(edge.alias), edge.target, true});
    }
    add_bins(graph_, modules, kind, owners, shape_);
  }

  void add_top(const TopFolder& top) {
    const std::string modules = joined(top.path, "node_modules");
    for (const WantedEdge& edge : top.edges)
      add_link(modules, graph_.alias(edge.alias), edge.target);
    add_bins_of(modules, BinFolder::of_user, top.edges);
  }

  // Nearest to the importers first; what the root itself declares is visible without. What is not
  // welcome where everybody sees it stays away.
  void add_hidden_hoist() {
    std::vector<bool> named(graph_.aliases.size(), false);
    std::vector<bool> seen(graph_.edges.size(), false);
    std::vector<PackageIndex> order;
    const auto reach = [&](const std::vector<WantedEdge>& edges, bool visible) {
      for (const WantedEdge& edge : edges) {
        if (edge.target.kind != EdgeTarget::Kind::package) continue;
        if (!named[edge.alias] && !graph_.is_folder(edge.target.index) &&
            (visible || graph_.is_welcome(edge.alias, edge.target))) {
          named[edge.alias] = true;
          if (!visible)
            add_link("node_modules/.hod/node_modules", graph_.alias(edge.alias), edge.target);
        }
        if (!seen[edge.target.index]) {
          seen[edge.target.index] = true;
          order.push_back(edge.target.index);
        }
      }
    };
    for (TopIndex top = 0; top < graph_.tops.size(); ++top) reach(graph_.tops[top].edges, top == 0);
    for (std::size_t i = 0; i < order.size(); ++i) reach(graph_.edges[order[i]], false);
  }

  const WantedGraph& graph_;
  TreeShape& shape_;
  Modules modules_;
};

}  // namespace

void place_isolated(const WantedGraph& graph, const Modules& modules, PackageIndex index,
                    TreeShape& shape) {
  const std::string& name = graph.graph->packages[index].name;
  const std::string own = joined(modules[index], name);
  shape.packages.push_back({own, index, {}, false, {}});
  for (const WantedEdge& edge : graph.edges[index]) {
    const std::string_view alias = graph.alias(edge.alias);
    const std::string place = place_of(graph, modules, edge.target);
    if (alias != name) {
      place_link(joined(modules[index], alias), place, shape);
    } else if (edge.target != EdgeTarget{EdgeTarget::Kind::package, index}) {
      place_link(joined(own + "/node_modules", alias), place, shape);  // (1)
    }
  }
}

void isolate(const WantedGraph& graph, TreeShape& shape) { Isolator(graph, shape).run(); }

}  // namespace hod::cache
