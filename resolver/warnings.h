// SPDX-License-Identifier: MIT
// What somebody should know of a solution: peers that are wrong or right only by an override,
// deprecated packages, versions held back by their age, optional dependencies that could not be
// had. Each once, with the way to it.
#pragma once

#include <vector>

#include "resolver/engine.h"

namespace hod::resolver {

// Of an engine whose outcome is `solved`. In the order of the way from the project.
std::vector<Warning> find_warnings(Engine& engine);

}  // namespace hod::resolver
