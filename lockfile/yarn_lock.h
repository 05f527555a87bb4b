// SPDX-License-Identifier: MIT
// yarn.lock, of yarn 1 ("classic") and of yarn 2 and later ("berry", told by its `__metadata`).
//
// Neither holds ranges of the project that the manifests do not hold too, so importers come from
// the manifests. Berry's checksums are of its own archives, not of the registry's: integrities are
// unknown and must be asked for.
#pragma once

#include "lockfile/foreign_lock.h"

namespace hod::lockfile {

Result<ForeignLock> read_yarn_lock(std::string_view text, std::string_view origin,
                                   const Requirements& requirements);

// The two kinds, for read_yarn_lock.
Result<ForeignLock> read_yarn_classic_lock(std::string_view text, std::string_view origin,
                                           const Requirements& requirements);
Result<ForeignLock> read_yarn_berry_lock(std::string_view text, std::string_view origin,
                                         const Requirements& requirements);

}  // namespace hod::lockfile
