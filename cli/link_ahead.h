// SPDX-License-Identifier: MIT
// Spare trees (cache/spare.h) after a command: whether one is worth making, and the process that
// makes it, which nobody waits for. Main thread only.
#pragma once

#include <cstddef>

#include "cache/spare.h"
#include "cli/settings.h"

namespace hod::cli {

// automatic: outside of CI, when a whole tree was made from what the cache had. Who makes a tree
// that was made before is likely to make it again; a first install, an image that is being built or
// a project that only grows gets none.
bool should_link_ahead(Afterwards setting, bool ci, const cache::LinkReport& links,
                       std::size_t downloaded);

// Starts the maker and returns (afterwards.h). For the very end of a command. The makers' lock is
// taken before, and inherited, so that it is held without a gap.
void link_ahead(cache::SpareOrder order);

}  // namespace hod::cli
