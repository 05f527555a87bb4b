// SPDX-License-Identifier: MIT
// Linking with and without the global virtual store: which packages live there, and one report for
// what was made there and in the tree. Main thread only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cache/global_store.h"
#include "cache/linker.h"
#include "cli/install_options.h"
#include "core/base/result.h"

namespace hod::cli {

class GlobalLinks {
 public:
  // Without the setting (or hoisted) nothing happens. Errors: cache_refused, cache_locked, disk_*.
  Result<void> assign(const InstallOptions& options, const std::string& project_root,
                      const ResolutionGraph& graph, cache::ShapeOptions& shape);

  // Adds the packages that link() needs for the store's part. `everything`: for proving all.
  void add_needed(std::vector<PackageIndex>& packages, bool everything);

  // Packages in the store that this project did not use before.
  std::vector<PackageIndex> fresh() const;

  // Entries first, then the tree. Damage in either ends it: see LinkReport::damaged.
  Result<cache::LinkReport> link(const cache::LinkRequest& request, cache::WorkerPool& pool);

 private:
  std::optional<cache::GlobalStore> store_;
};

}  // namespace hod::cli
