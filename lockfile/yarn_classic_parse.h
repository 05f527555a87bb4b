// SPDX-License-Identifier: MIT
// The text form of yarn 1's lockfile, without its meaning.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"

namespace hod::lockfile {

struct YarnEntry {
  std::vector<std::string> patterns;  // "a@^1.0.0", "b@npm:c@2"
  std::string version;
  std::string resolved;
  std::string integrity;
  std::vector<std::pair<std::string, std::string>> dependencies;
  std::vector<std::pair<std::string, std::string>> optional_dependencies;
};

// Blocks `pattern, pattern:` with indented facts; unknown facts and blocks within an entry are
// passed over. An entry without a version is refused, as are patterns that stand in two entries.
// Errors: lockfile_invalid with the line.
Result<std::vector<YarnEntry>> parse_yarn_classic(std::string_view text, std::string_view origin);

}  // namespace hod::lockfile
