// SPDX-License-Identifier: MIT
// The lockfile of another package manager beside package.json, where there is no hod.lock: found,
// read, and completed from the registry. None of its versions moves.
#pragma once

#include <optional>
#include <string>

#include "cli/services.h"
#include "core/model/requirements.h"
#include "lockfile/foreign_lock.h"

namespace hod::cli {

// The file's name when the folder has one that can be read.
std::optional<std::string> foreign_lockfile_in(const std::string& root);

struct ForeignLockfile {
  std::string name;  // "package-lock.json"
  std::string text;
  lockfile::ForeignLock lock;
};

// Nothing: there is none. Errors: lockfile_invalid, integrity_missing, disk_*; for a binary
// bun.lockb alone: lockfile_invalid, with the way to a text.
Result<std::optional<ForeignLockfile>> read_foreign_lockfile(const std::string& root,
                                                             const Requirements& requirements);

// Facts that the format has no place for, asked of the registry. Errors: version_not_found, and
// what keeps documents from being had.
Result<void> complete_foreign_lockfile(ForeignLockfile& file, const std::string& root,
                                       Services& services);

}  // namespace hod::cli
