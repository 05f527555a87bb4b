// SPDX-License-Identifier: MIT
// From a placement to paths, and what says that a folder is what it should be.
//
// A package folder's content is a function of the package and its flags alone, never of where it
// stands or which commands are linked: so equal identity means that nothing has to be done.
#include "cache/link_plan.h"

#include <algorithm>
#include <array>
#include <span>

#include "cache/bin_links.h"
#include "cache/hash.h"
#include "cache/hoist.h"
#include "cache/isolate.h"
#include "cache/tree_path.h"
#include "cache/wanted_graph.h"
#include "core/base/lexical_path.h"

namespace hod::cache {

namespace {

constexpr std::size_t kDigestCharacters = 31;  // "sha512-" and 144 bits of base64

std::string hex16(std::uint64_t value) {
  std::string out(16, '0');
  for (std::size_t i = 16; i-- > 0; value >>= 4) out[i] = "0123456789abcdef"[value & 15];
  return out;
}

std::string identity_of(const GraphPackage& package, const PlacedPackage& placed,
                        std::string_view patch) {
  std::string out = package.integrity.empty() ? package.source.location
                                              : package.integrity.substr(0, kDigestCharacters);
  if (placed.copied) out += "+copy";
  if (!patch.empty()) out.append("+patch-").append(patch);
  if (!placed.executables.empty()) {
    std::string listed;
    for (const std::string& path : placed.executables) listed += path + '\n';
    out += "+" + hex16(xxh3(std::as_bytes(std::span(listed.data(), listed.size()))));
  }
  return out;
}

// The paths of all nodes: of packages and links where they stand, of tops their folder.
std::vector<std::string> paths_of(const WantedGraph& graph, const HoistedTree& tree) {
  std::vector<std::string> paths(tree.nodes.size());
  for (NodeIndex i = 0; i < tree.nodes.size(); ++i) {
    const HoistedNode& node = tree.nodes[i];
    if (node.kind == HoistedNode::Kind::top) {
      paths[i] = graph.tops[i].path;
    } else {
      paths[i] = joined(joined(paths[node.parent], "node_modules"), graph.alias(node.alias));
    }
  }
  return paths;
}

std::string link_text(const WantedGraph& graph, const std::vector<std::string>& paths,
                      const HoistedNode& node, std::string_view path) {
  if (node.real != kNoNode) return relative_link(parent_path(path), paths[node.real]);
  const std::string& location = graph.graph->packages[node.target.index].source.location;
  return relative_link(parent_path(path), shortest_path(location));
}

bool is_direct(const WantedGraph& graph, const HoistedTree& tree, const HoistedNode& node) {
  const HoistedNode& parent = tree.nodes[node.parent];
  const std::vector<WantedEdge>& edges = parent.kind == HoistedNode::Kind::top
                                             ? graph.tops[node.parent].edges
                                             : graph.edges[parent.target.index];
  return std::any_of(edges.begin(), edges.end(), [&node](const WantedEdge& edge) {
    return edge.alias == node.alias && edge.target == node.target;
  });
}

void add_hoisted_bins(const WantedGraph& graph, const HoistedTree& tree,
                      const std::vector<std::string>& paths, TreeShape& shape) {
  std::vector<std::vector<BinOwner>> owners(tree.nodes.size());
  for (const HoistedNode& node : tree.nodes) {
    const bool placed =
        node.kind == HoistedNode::Kind::package || node.kind == HoistedNode::Kind::link;
    if (!placed || graph.bins_of(node.target).empty()) continue;
    owners[node.parent].push_back(
        {graph.alias(node.alias), node.target, is_direct(graph, tree, node)});
  }
  for (NodeIndex i = 0; i < tree.nodes.size(); ++i) {
    if (owners[i].empty()) continue;
    const BinFolder kind =
        tree.nodes[i].kind == HoistedNode::Kind::top ? BinFolder::of_user : BinFolder::of_package;
    add_bins(graph, joined(paths[i], "node_modules"), kind, owners[i], shape);
  }
}

void add_hoisted(const WantedGraph& graph, TreeShape& shape) {
  const HoistedTree tree = hoist(graph);
  const std::vector<std::string> paths = paths_of(graph, tree);
  shape.packages.reserve(tree.nodes.size());
  for (NodeIndex i = 0; i < tree.nodes.size(); ++i) {
    const HoistedNode& node = tree.nodes[i];
    if (node.kind == HoistedNode::Kind::package) {
      shape.packages.push_back({paths[i], node.target.index, {}, false, {}});
    } else if (node.kind == HoistedNode::Kind::link) {
      shape.links.push_back({paths[i], link_text(graph, paths, node, paths[i])});
    }
  }
  add_hoisted_bins(graph, tree, paths, shape);
}

void describe(const ResolutionGraph& graph, const ShapeOptions& options, PlacedPackage& placed) {
  const GraphPackage& package = graph.packages[placed.package];
  placed.copied = placed.package < options.copied.size() && options.copied[placed.package];
  placed.executables = executables_of(package.bins);
  placed.identity = identity_of(package, placed, options.patch_of(placed.package));
}

template <class Entry>
void sort_by_path(std::vector<Entry>& entries) {
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.path < b.path; });
}

}  // namespace

TreeShape make_shape(const ResolutionGraph& graph, const ShapeOptions& options) {
  TreeShape shape;
  const WantedGraph wanted = wanted_graph(graph, options);
  switch (options.layout) {
    case Layout::isolated:
      isolate(wanted, shape);
      break;
    case Layout::hoisted:
      add_hoisted(wanted, shape);
      break;
  }
  for (PlacedPackage& placed : shape.packages) describe(graph, options, placed);
  sort_by_path(shape.packages);
  sort_by_path(shape.links);
  sort_by_path(shape.bins);
  return shape;
}

}  // namespace hod::cache
