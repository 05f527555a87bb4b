// Text the way JavaScript sees it, for rules that were written in JavaScript: its white space and
// its string length. Texts are UTF-8; malformed bytes count as one unit each and are never white
// space.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hod {

class Json;

// The bytes of the white space character (`\s` of a JavaScript regular expression) at `position`; 0
// when there is none.
std::size_t ecma_space_length(std::string_view text, std::size_t position);

// String.prototype.trim
std::string_view ecma_trimmed(std::string_view text);

// String.prototype.length: UTF-16 units.
std::size_t ecma_length(std::string_view text);

// Number(text): blanks around, "" is 0, 0x1F, 1e3, Infinity. Nothing when that is not a number.
std::optional<double> ecma_number(std::string_view text);

// Date.parse(text) for the forms the standard names: "2024-01-31", "2024-01-31T10:00:00.000Z" and
// shorter ones; a time without an offset is taken as UTC. Milliseconds since the epoch, or nothing.
std::optional<std::int64_t> ecma_date(std::string_view text);

// Date.prototype.toISOString
std::string ecma_date_text(std::int64_t milliseconds);

// String(value) of JavaScript: what a value becomes where a text is wanted.
std::string ecma_string(const Json& value);

}  // namespace hod
