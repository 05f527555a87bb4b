// Where each package goes in the hoisted layout: a tree of folders in which Node's look-up finds,
// for every edge of the graph, exactly the package that the edge names.
#pragma once

#include <cstdint>
#include <vector>

#include "cache/wanted_graph.h"

namespace hod::cache {

using NodeIndex = std::uint32_t;
inline constexpr NodeIndex kNoNode = 0xFFFFFFFF;

struct HoistedNode {
  enum class Kind : std::uint8_t {
    top,      // a folder of the user's; nodes 0 … tops-1
    package,  // a package folder in its parent's node_modules
    link,     // a symlink in its parent's node_modules to `real`
    bundled,  // a name that the parent's own tarball brings
  };
  Kind kind = Kind::package;
  NodeIndex parent = kNoNode;  // whose node_modules is searched after this one's
  std::uint32_t depth = 0;
  AliasIndex alias = 0;
  EdgeTarget target;         // of packages and links; absent for tops and bundled names
  NodeIndex real = kNoNode;  // itself, or where a link leads; kNoNode: out of the project
};

struct HoistedTree {
  std::vector<HoistedNode> nodes;  // in the order of their making: nearest to the importers first
};

// Deterministic. Time about linear in edges × depth.
HoistedTree hoist(const WantedGraph& graph);

}  // namespace hod::cache
