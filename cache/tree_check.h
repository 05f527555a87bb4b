// Is what stands in a tree what should stand there? One stat a file (hod ci, and a spare
// tree before it is used).
#pragma once

#include <string_view>
#include <unordered_set>

#include "cache/linker.h"
#include "cache/project_folder.h"
#include "cache/tree_changes.h"

namespace hod::cache {

// repaired: hod ci looks at a tree that was in use; a copy with the stored time is as good as a
// link. fenced: as strict as the fence that a stored file passes when it is linked: its inode, or,
// where the tree has to have a copy, a copy.
enum class TreeRule : unsigned char { repaired, fenced, fenced_copies };

// The paths of packages, links and bins of the request's shape that are missing, cut, edited or
// lead elsewhere, among those that `changes` would leave alone. Views into the shape.
std::unordered_set<std::string_view> damaged_entries(const LinkRequest& request,
                                                     const TreeChanges& changes,
                                                     const ProjectFolder& project, WorkerPool& pool,
                                                     TreeRule rule = TreeRule::repaired);

}  // namespace hod::cache
