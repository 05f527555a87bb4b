// SPDX-License-Identifier: MIT
// See locked.h.
#include "resolver/locked.h"

#include <algorithm>

namespace hod::resolver {

bool may_move(const Policy& policy, const std::string& name) {
  return policy.update.contains("*") || policy.update.contains(name);
}

LockIndex::LockIndex(const ResolutionGraph* locked, const Policy& policy) {
  if (!locked) return;
  for (const GraphPackage& package : locked->packages) {
    if (package.source.kind != PackageSource::Kind::registry || may_move(policy, package.name)) {
      continue;
    }
    std::vector<std::string>& versions = versions_[package.name];
    if (std::find(versions.begin(), versions.end(), package.version) == versions.end()) {
      versions.push_back(package.version);
    }
  }
  owners_.reserve(locked->packages.size() + locked->importers.size());
  for (const GraphImporter& importer : locked->importers) {
    add_edges(*locked, policy, importer.path, importer.edges);
  }
  for (const GraphPackage& package : locked->packages) {
    add_edges(*locked, policy, package.id(), package.edges);
  }
}

void LockIndex::add_edges(const ResolutionGraph& locked, const Policy& policy,
                          const std::string& owner, const std::vector<GraphEdge>& edges) {
  for (const GraphEdge& edge : edges) {
    if (edge.target.kind != EdgeTarget::Kind::package) continue;
    const GraphPackage& target = locked.packages[edge.target.index];
    if (may_move(policy, target.name) || may_move(policy, edge.alias)) continue;
    owners_[owner].push_back({edge.alias, static_cast<std::uint32_t>(targets_.size())});
    targets_.push_back({target.name, target.version, target.source, edge.specifier});
  }
}

std::vector<const LockedTarget*> LockIndex::targets(std::string_view owner,
                                                    std::string_view alias) const {
  std::vector<const LockedTarget*> found;
  const auto edges = owners_.find(std::string(owner));
  if (edges == owners_.end()) return found;
  for (const Edge& edge : edges->second) {
    if (edge.alias == alias) found.push_back(&targets_[edge.target]);
  }
  return found;
}

}  // namespace hod::resolver
