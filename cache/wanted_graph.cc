// SPDX-License-Identifier: MIT
// Chooses the edges that count and numbers the names.
//
// What must stay true:
//  (1) Every edge ends at something that is on disk: a wanted package or an importer.
//  (2) A folder outside the project has no edges here: nothing is written there, so nothing could
//      be found from there. `link:` folders are the user's affair altogether.
//  (3) One edge an alias; a name that a tarball brings itself is no edge.
#include "cache/wanted_graph.h"

#include <algorithm>

#include "cache/tree_path.h"
#include "core/base/lexical_path.h"
#include "core/model/package_name.h"
#include "core/model/range.h"

namespace hod::cache {

namespace {

bool by_alias(const AbsentEdge& a, const AbsentEdge& b) { return a.alias < b.alias; }

class Builder {
 public:
  Builder(const ResolutionGraph& graph, const ShapeOptions& options) {
    out_.graph = &graph;
    out_.options = &options;
    ids_.reserve(graph.packages.size() * 2);
  }

  WantedGraph build() && {
    add_importers();
    add_packages();
    connect_tops();
    std::stable_sort(out_.absent.begin(), out_.absent.end(), by_alias);
    return std::move(out_);
  }

 private:
  AliasIndex id_of(std::string_view alias) {
    auto [found, fresh] = ids_.try_emplace(alias, static_cast<AliasIndex>(out_.aliases.size()));
    if (fresh) out_.aliases.push_back(alias);
    return found->second;
  }

  bool leads_somewhere(const EdgeTarget& target) const {
    switch (target.kind) {
      case EdgeTarget::Kind::package:
        return out_.wanted(target.index);
      case EdgeTarget::Kind::importer:
        return target.index < out_.graph->importers.size();
      case EdgeTarget::Kind::absent:
        return false;
    }
    return false;
  }

  bool omitted(DependencyKind kind) const {
    const Omit& omit = out_.options->omit;
    switch (kind) {
      case DependencyKind::production:
        return false;
      case DependencyKind::development:
        return omit.development;
      case DependencyKind::optional:
        return omit.optional;
      case DependencyKind::peer:
      case DependencyKind::optional_peer:
        return omit.peer;
    }
    return false;
  }

  // A name in dependencies and in peerDependencies: installed with the package where nobody else
  // has it, but of the dependent where that has the very version.
  bool is_also_peer(const GraphPackage& package, const GraphEdge& edge) const {
    if (package.peer_context.empty() || edge.target.kind != EdgeTarget::Kind::package) return false;
    const std::string& version = out_.graph->packages[edge.target.index].version;
    return package.peer_context.find("(" + edge.alias + "@" + version) != std::string::npos;
  }

  void add_edge(std::vector<WantedEdge>& edges, const GraphEdge& edge, bool also_peer = false) {
    if (!leads_somewhere(edge.target)) {
      if (!edge.specifier.empty()) out_.absent.push_back({id_of(edge.alias), edge.specifier});
      return;
    }
    const AliasIndex alias = id_of(edge.alias);
    if (!edges.empty() && edges.back().alias == alias) return;  // (3): edges are sorted by alias
    const bool peer = also_peer || edge.kind == DependencyKind::peer ||
                      edge.kind == DependencyKind::optional_peer;
    edges.push_back({alias, edge.target, peer});
  }

  void add_importers() {
    for (const GraphImporter& importer : out_.graph->importers) {
      TopFolder top;
      top.path = shortest_path(importer.path);
      for (const GraphEdge& edge : importer.edges) {
        if (!omitted(edge.kind)) add_edge(top.edges, edge);
      }
      add_top(std::move(top));
    }
    if (out_.options->layout == Layout::hoisted) link_members();
  }

  // npm has every workspace member in the root's node_modules, asked for or not.
  void link_members() {
    if (out_.tops.empty()) return;
    std::vector<WantedEdge>& edges = out_.tops.front().edges;
    for (std::uint32_t i = 1; i < out_.graph->importers.size(); ++i) {
      const std::string& name = out_.graph->importers[i].name;
      if (!PackageName::parse(name)) continue;
      const AliasIndex alias = id_of(name);
      const auto place = std::lower_bound(edges.begin(), edges.end(), name,
                                          [this](const WantedEdge& edge, const std::string& n) {
                                            return out_.alias(edge.alias) < n;
                                          });
      if (place != edges.end() && place->alias == alias) continue;
      edges.insert(place, {alias, {EdgeTarget::Kind::importer, i}, false});
    }
  }

  TopIndex add_top(TopFolder top) {
    const TopIndex index = static_cast<TopIndex>(out_.tops.size());
    top_at_.try_emplace(top.path, index);
    out_.tops.push_back(std::move(top));
    return index;
  }

  TopIndex top_at(const std::string& path) const {
    const auto found = top_at_.find(path);
    return found == top_at_.end() ? kNoTop : found->second;
  }

  void add_packages() {
    const std::size_t count = out_.graph->packages.size();
    out_.edges.resize(count);
    out_.bundled.resize(count);
    out_.top_of_package.assign(count, kNoTop);
    for (PackageIndex i = 0; i < count; ++i) {
      const GraphPackage& package = out_.graph->packages[i];
      if (!out_.wanted(i)) continue;
      if (out_.is_folder(i)) {
        add_folder(i, package);
        continue;
      }
      for (const std::string& name : package.bundled) out_.bundled[i].push_back(id_of(name));
      out_.edges[i].reserve(package.edges.size());
      add_package_edges(out_.edges[i], package);
    }
  }

  void add_package_edges(std::vector<WantedEdge>& edges, const GraphPackage& package) {
    for (const GraphEdge& edge : package.edges) {
      const bool brought = std::find(package.bundled.begin(), package.bundled.end(), edge.alias) !=
                           package.bundled.end();
      if (!brought) add_edge(edges, edge, is_also_peer(package, edge));
    }
  }

  void add_folder(PackageIndex index, const GraphPackage& package) {
    std::string path = shortest_path(package.source.location);
    out_.top_of_package[index] = top_at(path);
    const bool outside = path.empty() || path[0] == '/' || path == ".." || path.starts_with("../");
    if (out_.top_of_package[index] != kNoTop || outside ||
        package.source.kind == PackageSource::Kind::link) {
      return;
    }
    TopFolder top;
    top.path = std::move(path);
    top.package = index;
    add_package_edges(top.edges, package);
    out_.top_of_package[index] = add_top(std::move(top));
  }

  void connect_tops() {
    for (TopFolder& top : out_.tops) {
      for (std::string_view path = top.path; !path.empty() && top.parent == kNoTop;) {
        path = parent_path(path);
        if (path != "..") top.parent = top_at(std::string(path));
      }
    }
  }

  WantedGraph out_;
  std::unordered_map<std::string_view, AliasIndex> ids_;
  std::unordered_map<std::string, TopIndex> top_at_;
};

}  // namespace

bool WantedGraph::is_welcome(AliasIndex alias, const EdgeTarget& target) const {
  if (target.kind != EdgeTarget::Kind::package) return true;
  const auto [first, last] =
      std::equal_range(absent.begin(), absent.end(), AbsentEdge{alias, {}}, by_alias);
  if (first == last) return true;
  const auto version = parse_version_view(graph->packages[target.index].version);
  return !version || std::all_of(first, last, [&](const AbsentEdge& edge) {
    const Result<Range> range = Range::parse(edge.specifier);
    return !range || range->contains(*version);
  });
}

bool WantedGraph::is_folder(PackageIndex package) const {
  const PackageSource::Kind kind = graph->packages[package].source.kind;
  return kind == PackageSource::Kind::directory || kind == PackageSource::Kind::link;
}

const std::vector<Bin>& WantedGraph::bins_of(const EdgeTarget& target) const {
  static const std::vector<Bin> none;
  if (target.kind == EdgeTarget::Kind::package) return graph->packages[target.index].bins;
  if (target.kind == EdgeTarget::Kind::importer && target.index < options->importer_bins.size()) {
    return options->importer_bins[target.index];
  }
  return none;
}

WantedGraph wanted_graph(const ResolutionGraph& graph, const ShapeOptions& options) {
  return Builder(graph, options).build();
}

}  // namespace hod::cache
