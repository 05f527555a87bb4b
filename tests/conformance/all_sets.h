// The functions that run a row of each set; all_sets.cc names them.
#pragma once

#include "tests/conformance/conformance_set.h"

namespace hod::conformance {

Outcome run_semver_row(const Row& row);

}  // namespace hod::conformance
