// SPDX-License-Identifier: MIT
// Small random registries with a project, as scenarios (see scenario.h). The same seed gives the
// same one everywhere.
#pragma once

#include <cstdint>

#include "core/base/json.h"

namespace hod::resolution {

Json random_universe(std::uint64_t seed);

}  // namespace hod::resolution
