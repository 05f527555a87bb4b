// Failures that have one cause are told once: a full disk or a dead registry fails every package
// of an install, and the hundredth repetition helps nobody.
//
// One cause have failures of one code that say the same but for names: of the network from one
// origin, of the disk anywhere. What is wrong with a package itself (not found, wrong digest,
// damaged archive) is told for each.
#pragma once

#include "cli/stage.h"

namespace hod::cli {

// The first of each cause stays, with a line that counts and names the others. Order is kept.
Errors merged_by_cause(const Errors& errors);

}  // namespace hod::cli
