// SPDX-License-Identifier: MIT
#include "lockfile/npm_lock.h"

namespace hod::lockfile {

Result<ForeignLock> read_npm_lock(std::string_view text, std::string_view origin,
                                  const Requirements& requirements) {
  const auto invalid = [origin](std::string what) {
    return Error(ErrorCode::lockfile_invalid, "the lockfile cannot be read: " + std::move(what))
        .at(std::string(origin));
  };
  HOD_TRY(const Json lock, Json::parse(text, origin));
  if (!lock.is_object()) return failure(invalid("it is " + std::string(lock.kind_name())));
  const Json* version = lock.find("lockfileVersion");
  const double number = version && version->is_number() ? version->as_number() : 1;
  if (number != 1 && number != 2 && number != 3) {
    return failure(
        invalid("its `lockfileVersion` is `" + version->dump() + "`, and hod knows 1, 2 and 3")
            .hint("let npm write it anew with `npm install --package-lock-only "
                  "--lockfile-version=3`"));
  }
  if (const Json* places = lock.find("packages"); places && places->is_object()) {
    return read_npm_places(lock, origin, requirements);
  }
  if (number == 3) return failure(invalid("it has no `packages`"));
  return read_npm_tree(lock, origin, requirements);
}

}  // namespace hod::lockfile
