// SPDX-License-Identifier: MIT
// What the lockfile has, as the solver asks for it: which versions of a name, and what stood in a
// slot. Only what the policy does not want moved; so "update x" is a matter of what is not in here.
//
// A lockfile may hold one name@version several times with different insides (peer contexts, copies
// of another manager's tree): a slot may then have had several targets, and all of them count.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/model/resolution_graph.h"
#include "resolver/solver.h"
#include "resolver/universe.h"

namespace hod::resolver {

struct LockedTarget {
  std::string name;
  std::string version;
  PackageSource source;
  std::string specifier;  // of the edge that led to it
};

// Does the policy want packages of this name looked for anew?
bool may_move(const Policy& policy, const std::string& name);

class LockIndex {
 public:
  LockIndex(const ResolutionGraph* locked, const Policy& policy);

  bool empty() const { return versions_.empty(); }
  const LockedVersions& versions() const { return versions_; }
  // What was in the slot `alias` of an importer (by path) or of a package (by "name@version").
  std::vector<const LockedTarget*> targets(std::string_view owner, std::string_view alias) const;

 private:
  struct Edge {
    std::string alias;
    std::uint32_t target = 0;
  };
  void add_edges(const ResolutionGraph& locked, const Policy& policy, const std::string& owner,
                 const std::vector<GraphEdge>& edges);

  LockedVersions versions_;
  std::vector<LockedTarget> targets_;
  std::unordered_map<std::string, std::vector<Edge>> owners_;
};

}  // namespace hod::resolver
