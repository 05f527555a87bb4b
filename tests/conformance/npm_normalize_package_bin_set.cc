// SPDX-License-Identifier: MIT
// Set `npm-normalize-package-bin`: a manifest's `bin` before hod's own gate for names and targets.
#include "core/model/bins.h"
#include "tests/conformance/all_sets.h"

namespace hod::conformance {

Outcome run_npm_normalize_package_bin_row(const Row& row) {
  const auto bins = npm_normalized_bins(row.arg(0));
  if (!bins) return judge(row, std::nullopt);
  Json field;  // null: dropped
  if (*bins) {
    field = Json::object();
    for (const Bin& bin : **bins) field.set(bin.name, Json::string(bin.path));
  }
  Json manifest = Json::object();
  manifest.set("bin", field);
  return judge(row, manifest);
}

}  // namespace hod::conformance
