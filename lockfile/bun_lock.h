// SPDX-License-Identifier: MIT
// bun.lock, bun's lockfile in text, lockfileVersion 0 to 3. (bun.lockb, its binary form, is not
// read: bun converts it.)
#pragma once

#include "lockfile/foreign_lock.h"

namespace hod::lockfile {

Result<ForeignLock> read_bun_lock(std::string_view text, std::string_view origin,
                                  const Requirements& requirements);

// JSON with comments and trailing commas, as plain JSON of the same length (what goes becomes
// blanks).
std::string plain_json(std::string_view text);

}  // namespace hod::lockfile
