// Builds the units of a change aside, on all threads. Nothing of the tree is touched.
#pragma once

#include <string>
#include <vector>

#include "cache/linker.h"
#include "cache/tree_changes.h"
#include "cache/unpack.h"

namespace hod::cache {

// Of every folder and link, so that two trees of one shape are equal to the last byte.
inline constexpr timespec kTreeTime{kFileTime, 0};

// The name of a unit in the staging folder.
std::string staged_name(std::size_t unit);

// `stage`: the empty staging folder. Fills the counts of a report, `damaged` and `proved`.
Result<LinkReport> build_units(const LinkRequest& request, const TreeChanges& changes, int stage,
                               WorkerPool& pool);

}  // namespace hod::cache
