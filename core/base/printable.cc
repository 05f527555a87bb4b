// SPDX-License-Identifier: MIT
// Decodes UTF-8 strictly and drops what could move a cursor, recolour a terminal or reorder text.
#include "core/base/printable.h"

#include <cstdint>

namespace hod {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

struct Decoded {
  std::uint32_t point;
  std::size_t length;  // 0: invalid
};

Decoded decode(std::string_view text) {
  auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  std::uint8_t first = byte(0);
  if (first < 0x80) return {first, 1};
  std::size_t length = first >= 0xF0 && first < 0xF5   ? 4
                       : first >= 0xE0 && first < 0xF0 ? 3
                       : first >= 0xC2 && first < 0xE0 ? 2
                                                       : 0;
  if (length == 0 || text.size() < length) return {0, 0};
  std::uint32_t point = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {0, 0};
    point = (point << 6) | (byte(i) & 0x3FU);
  }
  constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (point < kSmallest[length] || point > 0x10FFFF || surrogate) return {0, 0};
  return {point, length};
}

bool is_hidden_control(std::uint32_t point) {
  bool control = point < 0x20 || (point >= 0x7F && point < 0xA0);
  bool bidirectional = (point >= 0x202A && point <= 0x202E) ||
                       (point >= 0x2066 && point <= 0x2069) || point == 0x200E || point == 0x200F ||
                       point == 0x061C;
  bool separator = point == 0x2028 || point == 0x2029;
  return control || bidirectional || separator;
}

std::string cleaned(std::string_view text, bool keep_line_breaks) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    Decoded next = decode(text);
    bool kept_break = keep_line_breaks && next.length == 1 && next.point == '\n';
    bool bad = next.length == 0 || (is_hidden_control(next.point) && !kept_break);
    std::size_t length = next.length == 0 ? 1 : next.length;
    out += bad ? kReplacement : text.substr(0, length);
    text.remove_prefix(length);
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text) { return cleaned(text, false); }

std::string printable_lines(std::string_view text) { return cleaned(text, true); }

}  // namespace hod
