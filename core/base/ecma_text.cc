// SPDX-License-Identifier: MIT
// The white space of ECMA-262: WhiteSpace and LineTerminator, that is TAB LF VT FF CR SP, U+00A0,
// U+FEFF, U+2028, U+2029 and Unicode's Zs. All of them lie in the basic plane, so three bytes of
// UTF-8 are the most to look at.
#include "core/base/ecma_text.h"

namespace hod {

namespace {

constexpr bool is_ascii_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

unsigned byte_at(std::string_view text, std::size_t position) {
  return position < text.size() ? static_cast<unsigned char>(text[position]) : 0U;
}

bool is_wide_space(unsigned code_point) {
  return code_point == 0x1680 || (code_point >= 0x2000 && code_point <= 0x200A) ||
         code_point == 0x2028 || code_point == 0x2029 || code_point == 0x202F ||
         code_point == 0x205F || code_point == 0x3000 || code_point == 0xFEFF;
}

// The start of the white space character that ends just before `end`, or `end` when there is none.
std::size_t space_before(std::string_view text, std::size_t end) {
  for (std::size_t length = 1; length <= 3 && length <= end; ++length) {
    if (ecma_space_length(text, end - length) == length) return end - length;
  }
  return end;
}

}  // namespace

std::size_t ecma_space_length(std::string_view text, std::size_t position) {
  const unsigned first = byte_at(text, position);
  if (first < 0x80) return position < text.size() && is_ascii_space(text[position]) ? 1 : 0;
  const unsigned second = byte_at(text, position + 1);
  if (first == 0xC2) return second == 0xA0 ? 2 : 0;
  const unsigned third = byte_at(text, position + 2);
  if ((first & 0xF0) != 0xE0 || (second & 0xC0) != 0x80 || (third & 0xC0) != 0x80) return 0;
  return is_wide_space(((first & 0x0F) << 12) | ((second & 0x3F) << 6) | (third & 0x3F)) ? 3 : 0;
}

std::string_view ecma_trimmed(std::string_view text) {
  std::size_t begin = 0;
  while (const std::size_t length = ecma_space_length(text, begin)) begin += length;
  std::size_t end = text.size();
  while (end > begin) {
    const std::size_t before = space_before(text, end);
    if (before == end || before < begin) break;
    end = before;
  }
  return text.substr(begin, end - begin);
}

std::size_t ecma_length(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    const unsigned byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

}  // namespace hod
