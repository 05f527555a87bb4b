// Is what stands in a tree what should stand there? One stat a file (hod ci).
#pragma once

#include <string_view>
#include <unordered_set>

#include "cache/linker.h"
#include "cache/project_folder.h"
#include "cache/tree_changes.h"

namespace hod::cache {

// The paths of packages, links and bins of the request's shape that are missing, cut, edited or
// lead elsewhere, among those that `changes` would leave alone. Views into the shape.
std::unordered_set<std::string_view> damaged_entries(const LinkRequest& request,
                                                     const TreeChanges& changes,
                                                     const ProjectFolder& project,
                                                     WorkerPool& pool);

}  // namespace hod::cache
