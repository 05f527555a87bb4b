// Do the files of a tree hold the bytes they should? Every file is read: for a tree that stood on
// the disk when a boot ended, as nothing of a tree is ever synced (one stat a file would not tell
// zeros of the right length).
#pragma once

#include <string_view>
#include <unordered_set>

#include "cache/linker.h"
#include "cache/project_folder.h"
#include "cache/tree_changes.h"

namespace hod::cache {

// Adds to `damaged` the paths of packages that `changes` would leave alone and that have a file
// with other bytes than the request's contents say. Views into the request's shape.
void add_unproved(const LinkRequest& request, const TreeChanges& changes,
                  const ProjectFolder& project, WorkerPool& pool,
                  std::unordered_set<std::string_view>& damaged);

}  // namespace hod::cache
