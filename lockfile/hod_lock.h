// hod.lock: text in, graph out, and back. Canonical: the same graph gives the same bytes
// (docs/lockfile-format.md is the specification). No registry host, no absolute path, no time.
// Pure.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/model/resolution_graph.h"

namespace hod::lockfile {

// `graph` must be canonical (canonicalize()).
std::string write_hod_lock(const ResolutionGraph& graph);

// Errors: lockfile_invalid with line; merge conflict markers are named as such (T-LOCK-08); every
// name and version is validated; a registry package without integrity: integrity_missing
// (T-LOCK-02). `origin` for messages.
Result<ResolutionGraph> read_hod_lock(std::string_view text, std::string_view origin);

}  // namespace hod::lockfile
