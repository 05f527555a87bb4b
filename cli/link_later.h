// SPDX-License-Identifier: MIT
// Link later (cache/handover.h) as an install sees it: which packages go into the tree as they were
// unpacked, and the process that gives the store its copies. Main thread only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cache/handover.h"
#include "cache/worker_pool.h"
#include "cli/install_options.h"
#include "core/base/result.h"

namespace hod::cli {

class LinkLater {
 public:
  // Only for a project that has no tree yet: `store` holds what it unpacks from now on.
  void begin(const InstallOptions& options, const std::string& project_root, cache::Store& store);

  // Before linking: what cannot be moved becomes the store's, in `contents` too; so does everything
  // where it is not worth a process, or where `scripts` will run that may change the tree. Errors:
  // disk_*.
  Result<void> choose(const cache::TreeShape& shape, bool scripts,
                      std::vector<cache::StoredPackagePtr>& contents, cache::WorkerPool& pool);

  // The tree stands: what is left to do for link_later(). Nothing was moved: none.
  std::optional<cache::KeepOrder> order(const cache::TreeShape& shape,
                                        const std::vector<cache::StoredPackagePtr>& contents);

  // However the install ended: what is held and not in a tree becomes the store's. Errors: disk_*.
  Result<void> end();

 private:
  bool is_worth_it(const std::vector<cache::StoredPackagePtr>& contents) const;

  const InstallOptions* options_ = nullptr;  // null: not begun
  std::string project_root_;
  cache::Store* store_ = nullptr;
  std::vector<PackageIndex> moved_;
};

// Starts the keeper and returns (afterwards.h); where no process can be had it does the work
// itself. For the very end of a command.
void link_later(const cache::KeepOrder& order);

}  // namespace hod::cli
