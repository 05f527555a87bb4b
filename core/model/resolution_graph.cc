// SPDX-License-Identifier: MIT
// The graph's canonical order, the choice of what to install on one platform, and the comparison
// with the manifests.
//
// What must stay true:
//  (1) canonicalize() is idempotent, and graphs that differ only in order and in unreachable
//  packages become equal. (2) installable() never leaves out a package that a package on disk needs
//  (production or peer edge): an optional
//      edge is followed only when everything required below its target fits the platform too.
#include "core/model/resolution_graph.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <tuple>

namespace hod {

namespace {

std::vector<bool> reachable(const ResolutionGraph& graph) {
  std::vector<bool> seen(graph.packages.size(), false);
  std::vector<PackageIndex> waiting;
  const auto visit = [&](const std::vector<GraphEdge>& edges) {
    for (const GraphEdge& edge : edges) {
      if (edge.target.kind != EdgeTarget::Kind::package || seen[edge.target.index]) continue;
      seen[edge.target.index] = true;
      waiting.push_back(edge.target.index);
    }
  };
  for (const GraphImporter& importer : graph.importers) visit(importer.edges);
  while (!waiting.empty()) {
    const PackageIndex next = waiting.back();
    waiting.pop_back();
    visit(graph.packages[next].edges);
  }
  return seen;
}

// By precedence; a version that is no semver (a folder without one) after all others.
std::strong_ordering compare_versions_of(const std::optional<VersionView>& a,
                                         const std::optional<VersionView>& b) {
  if (a && b) return compare_versions(*a, *b);
  return b.has_value() <=> a.has_value();
}

// The order of packages: order[new index] = old index, without the unreachable ones.
std::vector<PackageIndex> package_order(const ResolutionGraph& graph) {
  std::vector<std::optional<VersionView>> versions;
  versions.reserve(graph.packages.size());
  for (const GraphPackage& package : graph.packages) {
    versions.push_back(parse_version_view(package.version));
  }
  const std::vector<bool> kept = reachable(graph);
  std::vector<PackageIndex> order;
  for (PackageIndex i = 0; i < graph.packages.size(); ++i) {
    if (kept[i]) order.push_back(i);
  }
  const auto before = [&](PackageIndex i, PackageIndex j) {
    const GraphPackage& a = graph.packages[i];
    const GraphPackage& b = graph.packages[j];
    if (const int names = a.name.compare(b.name); names != 0) return names < 0;
    if (const auto by_version = compare_versions_of(versions[i], versions[j]); by_version != 0) {
      return by_version < 0;
    }
    return std::tie(a.version, a.source, a.peer_context) <
           std::tie(b.version, b.source, b.peer_context);
  };
  if (!std::is_sorted(order.begin(), order.end(), before)) {
    std::stable_sort(order.begin(), order.end(), before);
  }
  return order;
}

std::vector<std::uint32_t> importer_order(const ResolutionGraph& graph) {
  std::vector<std::uint32_t> order(graph.importers.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&graph](std::uint32_t i, std::uint32_t j) {
    const std::string& a = graph.importers[i].path;
    const std::string& b = graph.importers[j].path;
    if ((a == ".") != (b == ".")) return a == ".";
    return a < b;
  });
  return order;
}

// order[new] = old → the new index of each old one; kNoPackage for those that are gone.
std::vector<std::uint32_t> inverse(const std::vector<std::uint32_t>& order, std::size_t old_count) {
  std::vector<std::uint32_t> new_index(old_count, kNoPackage);
  for (std::uint32_t i = 0; i < order.size(); ++i) new_index[order[i]] = i;
  return new_index;
}

template <class T>
void permute(std::vector<T>& items, const std::vector<std::uint32_t>& order) {
  bool is_identity = order.size() == items.size();
  for (std::uint32_t i = 0; is_identity && i < order.size(); ++i) is_identity = order[i] == i;
  if (is_identity) return;
  std::vector<T> sorted;
  sorted.reserve(order.size());
  for (const std::uint32_t i : order) sorted.push_back(std::move(items[i]));
  items = std::move(sorted);
}

bool is_required(DependencyKind kind, const Omit& omit) {
  switch (kind) {
    case DependencyKind::production:
      return true;
    case DependencyKind::development:
      return !omit.development;
    case DependencyKind::peer:
      return !omit.peer;
    case DependencyKind::optional:
    case DependencyKind::optional_peer:
      return false;
  }
  return false;
}

// Packages that cannot work on `platform`: it is none of theirs, or none of something they require.
std::vector<bool> unusable_packages(const ResolutionGraph& graph, const Platform& platform,
                                    const Omit& omit) {
  const std::size_t count = graph.packages.size();
  std::vector<bool> unusable(count, false);
  std::vector<PackageIndex> waiting;
  for (PackageIndex i = 0; i < count; ++i) {
    if (platform_allows(graph.packages[i].platform, platform)) continue;
    unusable[i] = true;
    waiting.push_back(i);
  }
  if (waiting.empty()) return unusable;
  std::vector<std::vector<PackageIndex>> dependents(count);
  for (PackageIndex i = 0; i < count; ++i) {
    for (const GraphEdge& edge : graph.packages[i].edges) {
      if (edge.target.kind == EdgeTarget::Kind::package && is_required(edge.kind, omit)) {
        dependents[edge.target.index].push_back(i);
      }
    }
  }
  while (!waiting.empty()) {
    const PackageIndex next = waiting.back();
    waiting.pop_back();
    for (const PackageIndex dependent : dependents[next]) {
      if (unusable[dependent]) continue;
      unusable[dependent] = true;
      waiting.push_back(dependent);
    }
  }
  return unusable;
}

using EdgesByAlias = std::map<std::string_view, std::pair<std::string, DependencyKind>>;

// What one importer asks for: one entry an alias; a peer yields to any other kind, as in the graph.
EdgesByAlias wanted_edges(const Requirements& requirements, const Importer& importer) {
  EdgesByAlias wanted;
  const auto is_peer = [](DependencyKind kind) {
    return kind == DependencyKind::peer || kind == DependencyKind::optional_peer;
  };
  for (const Dependency& dependency : importer.dependencies) {
    const auto known = wanted.find(dependency.alias);
    if (known != wanted.end() && !is_peer(known->second.second)) continue;
    std::optional<std::string> specifier = effective_specifier(requirements, importer, dependency);
    if (!specifier) continue;  // an override removes it
    wanted[dependency.alias] = {std::move(*specifier), dependency.kind};
  }
  return wanted;
}

void compare_importer(const GraphImporter& locked, EdgesByAlias wanted,
                      std::vector<std::string>& lines) {
  const std::string where = "`" + locked.path + "`: ";
  for (const GraphEdge& edge : locked.edges) {
    const auto found = wanted.find(edge.alias);
    if (found == wanted.end()) {
      lines.push_back(where + "`" + edge.alias + "` is in the lockfile, but not asked for");
      continue;
    }
    const auto& [specifier, kind] = found->second;
    if (specifier != edge.specifier) {
      lines.push_back(where + "`" + edge.alias + "` is asked for as `" + specifier +
                      "`, the lockfile has `" + edge.specifier + "`");
    } else if (kind != edge.kind) {
      lines.push_back(where + "`" + edge.alias + "` is asked for as `" +
                      std::string(dependency_kind_name(kind)) + "`, the lockfile has `" +
                      std::string(dependency_kind_name(edge.kind)) + "`");
    }
    wanted.erase(found);
  }
  for (const auto& [alias, asked] : wanted) {
    // Nobody installs an importer's optional peers for their own sake, so a graph need not name
    // them.
    if (asked.second == DependencyKind::optional_peer) continue;
    lines.push_back(where + "`" + std::string(alias) + "` (`" + asked.first +
                    "`) is not in the lockfile");
  }
}

void compare_overrides(const std::vector<std::pair<std::string, std::string>>& locked,
                       const std::vector<std::pair<std::string, std::string>>& wanted,
                       std::vector<std::string>& lines) {
  std::map<std::string_view, std::string_view> before(locked.begin(), locked.end());
  for (const auto& [origin, specifier] : wanted) {
    const auto found = before.find(origin);
    if (found == before.end()) {
      lines.push_back("`" + origin + "` (`" + specifier + "`) is not in the lockfile");
      continue;
    }
    if (found->second != specifier) {
      lines.push_back("`" + origin + "` is `" + specifier + "`, the lockfile has `" +
                      std::string(found->second) + "`");
    }
    before.erase(found);
  }
  for (const auto& [origin, specifier] : before) {
    lines.push_back("`" + std::string(origin) + "` (`" + std::string(specifier) +
                    "`) is in the lockfile, but no longer set");
  }
}

}  // namespace

void canonicalize(ResolutionGraph& graph) {
  const std::vector<PackageIndex> packages = package_order(graph);
  const std::vector<std::uint32_t> importers = importer_order(graph);
  const std::vector<std::uint32_t> new_package = inverse(packages, graph.packages.size());
  const std::vector<std::uint32_t> new_importer = inverse(importers, graph.importers.size());
  permute(graph.packages, packages);
  permute(graph.importers, importers);
  const auto settle = [&](std::vector<GraphEdge>& edges) {
    for (GraphEdge& edge : edges) {
      if (edge.target.kind == EdgeTarget::Kind::package) {
        edge.target.index = new_package[edge.target.index];
      } else if (edge.target.kind == EdgeTarget::Kind::importer) {
        edge.target.index = new_importer[edge.target.index];
      }
    }
    const auto by_alias = [](const GraphEdge& a, const GraphEdge& b) { return a.alias < b.alias; };
    if (!std::is_sorted(edges.begin(), edges.end(), by_alias)) {
      std::stable_sort(edges.begin(), edges.end(), by_alias);
    }
  };
  for (GraphImporter& importer : graph.importers) settle(importer.edges);
  for (GraphPackage& package : graph.packages) {
    settle(package.edges);
    std::sort(package.bins.begin(), package.bins.end());
    std::sort(package.bundled.begin(), package.bundled.end());
  }
  std::sort(graph.overrides.begin(), graph.overrides.end());
  std::sort(graph.patches.begin(), graph.patches.end());
}

Installable installable(const ResolutionGraph& graph, const Platform& platform, const Omit& omit) {
  const std::vector<bool> unusable = unusable_packages(graph, platform, omit);
  Installable result;
  result.packages.assign(graph.packages.size(), false);
  std::vector<PackageIndex> waiting;
  const auto visit = [&](const std::vector<GraphEdge>& edges) {
    for (const GraphEdge& edge : edges) {
      if (edge.target.kind != EdgeTarget::Kind::package) continue;
      const PackageIndex target = edge.target.index;
      const bool wanted = edge.kind == DependencyKind::optional
                              ? !omit.optional && !unusable[target]
                              : is_required(edge.kind, omit);
      if (!wanted || result.packages[target]) continue;
      result.packages[target] = true;
      waiting.push_back(target);
    }
  };
  for (const GraphImporter& importer : graph.importers) visit(importer.edges);
  while (!waiting.empty()) {
    const PackageIndex next = waiting.back();
    waiting.pop_back();
    visit(graph.packages[next].edges);
  }
  for (PackageIndex i = 0; i < graph.packages.size(); ++i) {
    if (result.packages[i] && unusable[i] &&
        !platform_allows(graph.packages[i].platform, platform)) {
      result.unsupported.push_back(i);
    }
  }
  return result;
}

std::vector<std::string> differences(const ResolutionGraph& locked,
                                     const Requirements& requirements) {
  std::vector<std::string> lines;
  std::map<std::string_view, const Importer*> wanted;
  for (const Importer& importer : requirements.importers) wanted[importer.path] = &importer;
  for (const GraphImporter& importer : locked.importers) {
    const auto found = wanted.find(importer.path);
    if (found == wanted.end()) {
      lines.push_back("`" + importer.path + "` is in the lockfile, but not in the project");
      continue;
    }
    compare_importer(importer, wanted_edges(requirements, *found->second), lines);
    wanted.erase(found);
  }
  for (const auto& [path, importer] : wanted) {
    lines.push_back("`" + std::string(path) + "` is not in the lockfile");
  }
  compare_overrides(locked.overrides, override_record(requirements), lines);
  return lines;
}

}  // namespace hod
