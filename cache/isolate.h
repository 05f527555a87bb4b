// The isolated layout: every package in a folder of its own, its dependencies beside it as
// symlinks, so that it sees what it declares and nothing else.
#pragma once

#include "cache/wanted_graph.h"

namespace hod::cache {

// Adds packages, links and bins to `shape`, in any order. Deterministic.
void isolate(const WantedGraph& graph, TreeShape& shape);

}  // namespace hod::cache
