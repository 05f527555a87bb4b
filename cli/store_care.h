// SPDX-License-Identifier: MIT
// What linking finds out about the store's packages goes back into the store: damaged ones leave
// it, proved ones are trusted again. Main thread only.
#pragma once

#include <string>
#include <vector>

#include "cache/linker.h"
#include "cache/store.h"
#include "cli/stage.h"
#include "core/base/result.h"
#include "core/model/resolution_graph.h"

namespace hod::cli {

// A package that was damaged in the store, and its files that were.
struct HealedPackage {
  std::string package;             // name@version
  std::vector<std::string> files;  // empty: it was gone as a whole
  // "a@1.0.0 (index.js and 2 more files)"
  std::string text() const;
};

// Moves the damaged packages out of the way, so that they are fetched again, and says what was
// wrong. `contents`: by PackageIndex.
Result<std::vector<HealedPackage>> take_out_damaged(
    cache::Store& store, const ResolutionGraph& graph,
    const std::vector<cache::StoredPackagePtr>& contents, const std::vector<PackageIndex>& damaged);

// The error of fetching them anew, saying that it was for damage in the cache.
Errors while_healing(Errors errors);

// Packages whose sums were right count as proved in this boot; stamps that differ are put right.
// Queued: Store::flush() writes it.
void record_findings(cache::Store& store, const std::vector<cache::StoredPackagePtr>& contents,
                     const cache::LinkReport& report, cache::WorkerPool& pool);

}  // namespace hod::cli
