// Which packages of a graph may be shared by all projects of a machine, and under which names.
//
// An entry's name says everything below it: <name>@<version>/<closure key>, where the key is a
// digest of the package's archive and commands and of the keys of all its dependencies (peers as
// they were resolved, absent ones absent). Packages that need each other in a ring get their keys
// from the ring as a whole. So equal names mean equal content, whoever made the entry.
//
// Not shared, with all that needs them: folders of the user's (workspace members, `file:` and
// `link:`), packages that scripts may write to or that are patched (ShapeOptions::copied), and
// packages that no SHA-512 proves.
#pragma once

#include <string>
#include <vector>

#include "cache/wanted_graph.h"

namespace hod::cache {

// By PackageIndex: "a@1.0.0/5f0c…" (32 hex), "" for what stays in the project. Pure; deterministic;
// linear in packages and edges.
std::vector<std::string> global_entries(const WantedGraph& graph);

}  // namespace hod::cache
