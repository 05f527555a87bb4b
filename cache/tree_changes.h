// What has to be done to a tree so that it looks like a shape: pure, from what the state file says
// and what a look into the folders shows.
//
// The work is cut into units: a unit is built aside and put in place by one rename. A package
// folder is a unit; so is the whole folder of a package of the isolated layout, or a whole
// node_modules, where nothing is there yet; a link is one by itself.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "cache/link_plan.h"
#include "cache/project_folder.h"
#include "cache/tree_path.h"
#include "cache/worker_pool.h"

namespace hod::cache {

struct PathHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view path) const noexcept {
    return std::hash<std::string_view>{}(path);
  }
};
template <class T>
using PathMap = std::unordered_map<std::string, T, PathHash, std::equal_to<>>;
using PathSet = std::unordered_set<std::string, PathHash, std::equal_to<>>;

// What stands in the folders whose every entry is ours to decide about: each node_modules of the
// user's folders, its scopes, .hod and .hod/node_modules.
struct TreeListing {
  PathMap<FolderEntry::Kind> entries;  // path → kind
  PathSet listed;                      // folders that were read
  PathSet absent;                      // folders that are not there
  std::vector<std::string> tops;       // the node_modules folders of the user's folders
};

// Reads them. Error: tree_refused where one of them is a symlink.
Result<TreeListing> list_tree(const ProjectFolder& project, std::vector<std::string> tops);
// Also the .bin folders and the folders of the isolated layout (hod ci).
Result<TreeListing> list_tree_deep(const ProjectFolder& project, std::vector<std::string> tops,
                                   WorkerPool& pool);

// The node_modules folders that `shape` (and `old`, if any) place something in: those outside
// packages. Sorted; "node_modules" is always among them.
std::vector<std::string> top_modules(const TreeShape& shape, const TreeShape* old);

struct TreeItem {
  TreeEntry kind = TreeEntry::package;
  std::uint32_t index = 0;  // into the shape's list of that kind
  std::uint32_t unit = 0;
};

struct TreeChanges {
  std::vector<std::string> units;     // paths, sorted
  std::vector<TreeItem> items;        // what is built, by path within each kind
  std::vector<std::string> removals;  // paths, sorted; none below another or below a unit
  std::vector<std::string> blockers;  // removals that must go first: no folder where one must be
  std::vector<std::string> emptied;   // folders that may be empty afterwards, deepest first
  bool whole_root = false;            // units has "node_modules" itself
  bool empty() const { return units.empty() && removals.empty() && blockers.empty(); }
};

// What the last run left: its shape, and the paths that a stopped run may have touched.
struct KnownTree {
  const TreeShape* shape = nullptr;  // null: nothing is known
  std::vector<std::string> unsure;
};

// `damaged`: paths of `wanted` that are there but not as they should be.
TreeChanges tree_changes(const TreeShape& wanted, const KnownTree& known,
                         const TreeListing& listing,
                         const std::unordered_set<std::string_view>& damaged);

}  // namespace hod::cache
