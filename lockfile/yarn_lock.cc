// SPDX-License-Identifier: MIT
#include "lockfile/yarn_lock.h"

namespace hod::lockfile {

Result<ForeignLock> read_yarn_lock(std::string_view text, std::string_view origin,
                                   const Requirements& requirements) {
  const bool is_berry =
      text.starts_with("__metadata:") || text.find("\n__metadata:") != std::string_view::npos;
  return is_berry ? read_yarn_berry_lock(text, origin, requirements)
                  : read_yarn_classic_lock(text, origin, requirements);
}

}  // namespace hod::lockfile
