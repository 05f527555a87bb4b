// SPDX-License-Identifier: MIT
// Why there is no solution, in sentences. The proof leads back to requirements; of those only the
// ones are kept without which the rest could hold together, found by solving the same project with
// nothing but them.
#pragma once

#include "resolver/core_of_conflict.h"
#include "resolver/engine.h"

namespace hod::resolver {

struct Explanation {
  Conflict conflict;  // its repairs are still to be found
  Error error;
  std::vector<Requirement> core;
};

// Of an engine whose outcome is `impossible`.
Explanation explain(Engine& engine);
void add_repairs(Explanation& explanation, std::vector<Repair> repairs);

// Of an engine whose outcome is `exhausted`.
Error budget_error(Engine& engine);

}  // namespace hod::resolver
