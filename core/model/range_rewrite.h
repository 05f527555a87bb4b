// What node-semver does to the text of an alternative before it looks at single comparators; the
// inside of range_parse.cc.
#pragma once

#include <string>
#include <string_view>

#include "core/model/range.h"

namespace hod::range_rewrite {

// `text` without "+build" parts.
std::string without_builds(std::string_view text);

// "1.2 - 3.4" as ">=1.2.0 <3.5.0-0", blanks between an operator and its version taken out ("> 1",
// "~ 1", "^ 1").
std::string rewritten(std::string_view text, RangeOptions options);

// The number behind `digits` as JavaScript prints it: from 1e21 on with an exponent, which semver
// cannot read as a number.
std::string successor(std::string_view digits);

}  // namespace hod::range_rewrite
