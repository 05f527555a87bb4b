// SPDX-License-Identifier: MIT
#include "lockfile/foreign_lock.h"

#include "lockfile/bun_lock.h"
#include "lockfile/npm_lock.h"
#include "lockfile/pnpm_lock.h"
#include "lockfile/yarn_lock.h"

namespace hod::lockfile {

const std::vector<ForeignFile>& foreign_files() {
  static const std::vector<ForeignFile> kFiles = {
      {"npm-shrinkwrap.json", ForeignFormat::npm},
      {"package-lock.json", ForeignFormat::npm},
      {"pnpm-lock.yaml", ForeignFormat::pnpm},
      {"yarn.lock", ForeignFormat::yarn},
      {"bun.lock", ForeignFormat::bun},
  };
  return kFiles;
}

Result<ForeignLock> read_foreign_lock(ForeignFormat format, std::string_view text,
                                      std::string_view origin, const Requirements& requirements) {
  switch (format) {
    case ForeignFormat::npm:
      return read_npm_lock(text, origin, requirements);
    case ForeignFormat::pnpm:
      return read_pnpm_lock(text, origin, requirements);
    case ForeignFormat::yarn:
      return read_yarn_lock(text, origin, requirements);
    case ForeignFormat::bun:
      return read_bun_lock(text, origin, requirements);
  }
  return failure(ErrorCode::internal, "an unknown lockfile format");
}

}  // namespace hod::lockfile
