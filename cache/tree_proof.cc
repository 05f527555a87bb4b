// SPDX-License-Identifier: MIT
// A tree's package is held against the store's sums as one of the store's folders would be.
// Commands whose first line was mended when they were placed are built anew: nobody has the sum of
// those.
#include "cache/tree_proof.h"

#include <mutex>

#include "cache/store_check.h"

namespace hod::cache {

namespace {

bool holds_what_it_should(const StoredPackage& stored, std::string folder) {
  StoredPackage here = stored;
  here.folder = std::move(folder);
  here.of_layer = true;  // only looked at
  // What is placed inside it may stand where the archive had something.
  std::erase_if(here.files,
                [](const StoredFile& file) { return file.path.starts_with("node_modules/"); });
  return check_package(here, Verify::sums).damaged.empty();
}

}  // namespace

void add_unproved(const LinkRequest& request, const TreeChanges& changes,
                  const ProjectFolder& project, WorkerPool& pool,
                  std::unordered_set<std::string_view>& damaged) {
  const std::vector<PlacedPackage>& packages = request.shape->packages;
  std::vector<bool> known(packages.size(), false);
  for (const TreeItem& item : changes.items) {
    if (item.kind == TreeEntry::package) known[item.index] = true;
  }
  for (std::size_t i = 0; i < packages.size(); ++i)
    known[i] = known[i] || packages[i].copied || damaged.contains(packages[i].path);
  std::mutex mutex;
  pool.for_each(packages.size(), [&](std::size_t i) {
    const PlacedPackage& placed = packages[i];
    if (known[i] || placed.package >= request.contents.size()) return;
    const StoredPackagePtr& stored = request.contents[placed.package];
    if (!stored || holds_what_it_should(*stored, project.full_path(placed.path))) return;
    const std::lock_guard lock(mutex);
    damaged.insert(placed.path);
  });
}

}  // namespace hod::cache
