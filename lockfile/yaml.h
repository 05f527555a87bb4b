// SPDX-License-Identifier: MIT
// YAML as other package managers write it, read into Json values. The only file that sees libyaml
// is yaml.cc.
//
// A subset on purpose (T-LOCK-07): anchors, aliases, tags, merge keys and keys given twice are
// refused; mappings have text keys; depth at most 64, text at most 256 MiB. Plain `true` and
// `false` are booleans, an empty plain scalar, `~` and `null` are null, everything else is a string
// as it is written: nobody wants `1.10` to become 1.1. Pure. Threads: any.
#pragma once

#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"

namespace hod::lockfile {

// All documents of the text. Errors: lockfile_invalid at "origin:line:column".
Result<std::vector<Json>> parse_yaml(std::string_view text, std::string_view origin);

}  // namespace hod::lockfile
