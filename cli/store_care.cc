// SPDX-License-Identifier: MIT
#include "cli/store_care.h"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/file.h"

namespace hod::cli {

std::string HealedPackage::text() const {
  if (files.empty()) return package;
  if (files.size() == 1) return fmt::format("{} ({})", package, files.front());
  return fmt::format("{} ({} and {} more file{})", package, files.front(), files.size() - 1,
                     files.size() == 2 ? "" : "s");
}

Result<std::vector<HealedPackage>> take_out_damaged(
    cache::Store& store, const ResolutionGraph& graph,
    const std::vector<cache::StoredPackagePtr>& contents,
    const std::vector<PackageIndex>& damaged) {
  std::vector<HealedPackage> healed;
  for (PackageIndex index : damaged) {
    HealedPackage& row = healed.emplace_back();
    row.package = graph.packages[index].id();
    const cache::StoredPackagePtr& stored = contents[index];
    if (!stored) continue;
    row.files = store.damaged_files(*stored, cache::Verify::sums);
    if (row.files.size() == stored->files.size()) row.files.clear();
    HOD_CHECK(store.quarantine(stored->digest));
  }
  return healed;
}

Errors while_healing(Errors errors) {
  for (Error& error : errors)
    error = std::move(error).during("fetching anew what is damaged in the cache");
  return errors;
}

void record_findings(cache::Store& store, const std::vector<cache::StoredPackagePtr>& contents,
                     const cache::LinkReport& report, cache::WorkerPool& pool) {
  const std::string boot = boot_id();
  const auto settle = [&](PackageIndex index) {
    const cache::StoredPackage& package = *contents[index];
    // Within a boot only the files with other stamps were read.
    if (package.boot_id != boot) return store.mark_proved(package);
    static_cast<void>(store.damaged_files(package, cache::Verify::fence));
  };
  // A package of which one place was proved and another found with other stamps is in both lists.
  std::vector<PackageIndex> found = report.proved;
  found.insert(found.end(), report.stale.begin(), report.stale.end());
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  pool.for_each(found.size(), [&](std::size_t i) { settle(found[i]); });
}

}  // namespace hod::cli
