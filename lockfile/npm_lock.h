// SPDX-License-Identifier: MIT
// package-lock.json and npm-shrinkwrap.json, lockfileVersion 1, 2 and 3. A later version is refused
// by name: it says that the tree was changed by means we would have to know (patches, extensions).
#pragma once

#include "core/base/json.h"
#include "lockfile/foreign_lock.h"

namespace hod::lockfile {

Result<ForeignLock> read_npm_lock(std::string_view text, std::string_view origin,
                                  const Requirements& requirements);

// The two shapes, for read_npm_lock: a map from place to facts (versions 2, 3), and a tree of names
// (version 1).
Result<ForeignLock> read_npm_places(const Json& lock, std::string_view origin,
                                    const Requirements& requirements);
Result<ForeignLock> read_npm_tree(const Json& lock, std::string_view origin,
                                  const Requirements& requirements);

}  // namespace hod::lockfile
