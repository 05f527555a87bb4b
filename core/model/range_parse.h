// From a range's text to its comparator sets; the inside of Range::parse, shared with
// range_algebra.cc only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/model/range.h"

namespace hod::range_parse {

// One side of `||`: its text without build metadata, and what it means.
struct Alternative {
  std::string text;
  std::vector<Comparator> comparators;
};

// The text trimmed, each row of blanks turned into one; cut off where it is too long for a range
// anyway.
std::string collapsed(std::string_view text);

// `raw` is collapsed text. Impossible alternatives are left out where others remain; one that
// allows everything stands for all. Error: range_invalid.
Result<std::vector<Alternative>> parse_alternatives(std::string_view raw, RangeOptions options);

}  // namespace hod::range_parse
