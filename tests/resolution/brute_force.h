// SPDX-License-Identifier: MIT
// The second opinion: the rules of resolution scenarios by trying everything. Slow and obvious on
// purpose; it shares nothing with the solver but the reading of ranges.
//
// npm mode: all instances (package, version, what its peers get) that can be reached, each with all
// ways to fill its slots; ways that need an instance without any are struck out until nothing
// changes. Flat mode: all sets of versions.
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/json.h"

namespace hod::resolution {

struct Truth {
  bool solvable = false;
  std::size_t fewest = 0;  // packages of the smallest solution with as few empty optional slots as
                           // possible; if asked for
};
// Nothing: more work than `limit` allows.
std::optional<Truth> brute_force(const Json& scenario, bool with_fewest, std::uint64_t limit);

}  // namespace hod::resolution
