// SPDX-License-Identifier: MIT
// Why there is no solution, as `--json` has it: the derivation in the order of the printed numbers,
// and the ways out. Pure.
#pragma once

#include "core/base/json.h"
#include "resolver/solver.h"

namespace hod::cli {

// {"reasons": [{kind, who, dependency, range, note, text}], "conclusion": "so …",
//  "waysOut": [{command, explanation}]}
Json conflict_document(const resolver::Conflict& conflict);

}  // namespace hod::cli
