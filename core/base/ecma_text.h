// Text the way JavaScript sees it, for rules that were written in JavaScript: its white space and
// its string length. Texts are UTF-8; malformed bytes count as one unit each and are never white
// space.
#pragma once

#include <cstddef>
#include <string_view>

namespace hod {

// The bytes of the white space character (`\s` of a JavaScript regular expression) at `position`; 0
// when there is none.
std::size_t ecma_space_length(std::string_view text, std::size_t position);

// String.prototype.trim
std::string_view ecma_trimmed(std::string_view text);

// String.prototype.length: UTF-16 units.
std::size_t ecma_length(std::string_view text);

}  // namespace hod
