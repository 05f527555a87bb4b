// SPDX-License-Identifier: MIT
// The table of sets, sorted by name.
#include "tests/conformance/all_sets.h"

namespace hod::conformance {

std::span<const Set> all_sets() {
  static constexpr Set kSets[] = {
      {"semver", run_semver_row},
  };
  return kSets;
}

}  // namespace hod::conformance
