// SPDX-License-Identifier: MIT
// pnpm-lock.yaml, lockfileVersion 6.x (pnpm 8) and 9.x (pnpm 9 to 12).
//
// The file holds versions where manifests hold ranges, so an edge's specifier is the version it
// leads to
// (`unknown.ranges`). Patches are recorded with their hashes.
#pragma once

#include "lockfile/foreign_lock.h"

namespace hod::lockfile {

Result<ForeignLock> read_pnpm_lock(std::string_view text, std::string_view origin,
                                   const Requirements& requirements);

}  // namespace hod::lockfile
