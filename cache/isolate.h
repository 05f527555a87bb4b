// The isolated layout: every package in a folder of its own, its dependencies beside it as
// symlinks, so that it sees what it declares and nothing else.
#pragma once

#include <string>
#include <vector>

#include "cache/wanted_graph.h"

namespace hod::cache {

// Adds packages, links and bins to `shape`, in any order. Deterministic.
void isolate(const WantedGraph& graph, TreeShape& shape);

// One package with the links that it finds its dependencies by. `modules`: by PackageIndex, the
// node_modules that holds each.
void place_isolated(const WantedGraph& graph, const std::vector<std::string>& modules,
                    PackageIndex index, TreeShape& shape);

}  // namespace hod::cache
