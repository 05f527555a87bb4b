// SPDX-License-Identifier: MIT
// From solved scopes to the graph. A scope knows its peers by version; a graph's package knows them
// by instance, since two copies of a provider may differ in their own peers. So a package of the
// graph is a scope together with everything it reaches through peers.
#pragma once

#include "core/model/resolution_graph.h"
#include "resolver/search.h"

namespace hod::resolver {

ResolutionGraph make_graph(const Requirements& requirements, Knowledge& knowledge, Search& search);

}  // namespace hod::resolver
