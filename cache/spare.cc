// SPDX-License-Identifier: MIT
// Using a spare tree: looked at where it lies, then moved by one rename. Of two installs that want
// the same one the slower finds it gone and links for itself.
#include "cache/spare.h"

#include <algorithm>
#include <cerrno>

#include "cache/project_folder.h"
#include "cache/spare_store.h"
#include "cache/tree_check.h"
#include "cache/tree_stage.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

// The unit "node_modules" of a change, if the whole of it is built.
std::optional<std::uint32_t> root_unit(const TreeChanges& changes) {
  if (!changes.whole_root) return std::nullopt;
  const auto unit = std::find(changes.units.begin(), changes.units.end(), kSpareTree);
  if (unit == changes.units.end()) return std::nullopt;
  return static_cast<std::uint32_t>(unit - changes.units.begin());
}

bool all_are_known(const LinkRequest& request, const std::vector<TreeItem>& items) {
  return std::all_of(items.begin(), items.end(), [&request](const TreeItem& item) {
    if (item.kind != TreeEntry::package) return true;
    const PackageIndex package = request.shape->packages[item.index].package;
    return package < request.contents.size() && request.contents[package] != nullptr;
  });
}

std::optional<SpareRecord> read_record(const std::string& folder) {
  const auto text = read_file(folder + "/" + kSpareRecord, 4096);
  return text ? decode_record(*text) : std::nullopt;
}

}  // namespace

std::optional<TreeChanges> take_spare(const LinkRequest& request, const TreeChanges& changes,
                                      int stage, WorkerPool& pool) {
  const std::optional<std::uint32_t> unit = root_unit(changes);
  if (request.spares.empty() || request.verify != Verify::fence || !unit) return std::nullopt;
  std::vector<TreeItem> items;
  TreeChanges rest = changes;
  rest.items.clear();
  for (const TreeItem& item : changes.items) {
    (item.unit == *unit ? items : rest.items).push_back(item);
  }
  if (!all_are_known(request, items)) return std::nullopt;
  const std::optional<std::string> key = spare_key(*request.shape, items);
  if (!key) return std::nullopt;
  const std::string folder = request.spares + "/" + *key;
  const std::optional<SpareRecord> record = read_record(folder);
  if (!record || record->boot_id != boot_id()) return std::nullopt;
  const Result<ProjectFolder> place = ProjectFolder::open(folder);
  if (!place) return std::nullopt;
  const TreeRule rule = record->copies ? TreeRule::fenced_copies : TreeRule::fenced;
  if (!damaged_entries(request, rest, *place, pool, rule).empty()) {
    // Somebody edited a file of the store's, or this. It goes with the staging folder.
    io::renameat(AT_FDCWD, folder.c_str(), stage, "unfit");
    return std::nullopt;
  }
  // By its path, not by the open folder: what a maker moved away to delete must not be taken.
  const std::string tree = folder + "/" + kSpareTree;
  if (io::renameat(AT_FDCWD, tree.c_str(), stage, staged_name(*unit).c_str()) != 0) {
    return std::nullopt;  // taken by somebody else, or the project is on another file system
  }
  io::unlinkat(place->descriptor(), kSpareRecord, 0);
  io::unlinkat(AT_FDCWD, folder.c_str(), AT_REMOVEDIR);
  return rest;
}

}  // namespace hod::cache
