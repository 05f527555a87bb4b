// SPDX-License-Identifier: MIT
// The white space of ECMA-262: WhiteSpace and LineTerminator, that is TAB LF VT FF CR SP, U+00A0,
// U+FEFF, U+2028, U+2029 and Unicode's Zs. All of them lie in the basic plane, so three bytes of
// UTF-8 are the most to look at.
#include "core/base/ecma_text.h"

#include <cstdio>
#include <cstdlib>
#include <limits>

#include "core/base/ascii.h"
#include "core/base/json.h"

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

namespace {

// 0x1F and the like, behind their "0x".
std::optional<double> number_of_base(std::string_view digits, int base) {
  if (digits.empty()) return std::nullopt;
  double value = 0;
  for (const char c : digits) {
    const int digit = is_ascii_digit(c)      ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : base;
    if (digit >= base) return std::nullopt;
    value = value * base + digit;
  }
  return value;
}

// Digits with or without point and exponent; strtod alone would take more ("nan", "0x1p3").
bool is_decimal(std::string_view text) {
  std::size_t position = 0, digits = 0;
  const auto take_digits = [&] {
    const std::size_t begin = position;
    while (position < text.size() && is_ascii_digit(text[position])) ++position;
    return position - begin;
  };
  digits = take_digits();
  if (position < text.size() && text[position] == '.') {
    ++position;
    digits += take_digits();
  }
  if (digits == 0) return false;
  if (position < text.size() && (text[position] == 'e' || text[position] == 'E')) {
    ++position;
    if (position < text.size() && (text[position] == '+' || text[position] == '-')) ++position;
    if (take_digits() == 0) return false;
  }
  return position == text.size();
}

// Reads a date from left to right; `good` falls with the first thing that is not there.
struct DateReader {
  std::string_view text;
  bool good = true;

  bool take(char c) {
    if (text.empty() || text[0] != c) return false;
    text.remove_prefix(1);
    return true;
  }
  int number(std::size_t digits, int lowest, int highest) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (i >= text.size() || !is_ascii_digit(text[i])) return good = false, 0;
      value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    good = good && value >= lowest && value <= highest;
    return value;
  }
  int milliseconds() {
    int value = 0, scale = 100;
    if (text.empty() || !is_ascii_digit(text[0])) good = false;
    for (; !text.empty() && is_ascii_digit(text[0]); text.remove_prefix(1), scale /= 10)
      value += (text[0] - '0') * scale;
    return value;
  }
};

// Days since 1970-01-01 in the Gregorian calendar.
std::int64_t days_of(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719468;
}

int days_in(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

// "T10:00:00.000+02:00", in milliseconds of the day (UTC).
std::int64_t read_time(DateReader& reader) {
  const int hours = reader.number(2, 0, 24);
  if (!reader.take(':')) reader.good = false;
  const int minutes = reader.number(2, 0, 59);
  int seconds = 0, milliseconds = 0;
  if (reader.take(':')) {
    seconds = reader.number(2, 0, 59);
    if (reader.take('.')) milliseconds = reader.milliseconds();
  }
  if (hours == 24 && (minutes != 0 || seconds != 0 || milliseconds != 0)) reader.good = false;
  int offset = 0;
  if (!reader.take('Z') && !reader.text.empty()) {
    const int sign = reader.take('+') ? 1 : reader.take('-') ? -1 : 0;
    if (sign == 0) reader.good = false;
    offset = reader.number(2, 0, 23) * 60;
    if (!reader.take(':')) reader.good = false;
    offset = sign * (offset + reader.number(2, 0, 59));
  }
  return ((static_cast<std::int64_t>(hours) * 60 + minutes - offset) * 60 + seconds) * 1000 +
         milliseconds;
}

constexpr std::int64_t kDay = 86'400'000;

}  // namespace

std::optional<double> ecma_number(std::string_view text) {
  text = ecma_trimmed(text);
  if (text.empty()) return 0;
  const std::string_view radix = text.substr(0, 2);
  if (radix == "0x" || radix == "0X") return number_of_base(text.substr(2), 16);
  if (radix == "0o" || radix == "0O") return number_of_base(text.substr(2), 8);
  if (radix == "0b" || radix == "0B") return number_of_base(text.substr(2), 2);
  const bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  const double sign = negative ? -1 : 1;
  if (text == "Infinity") return sign * std::numeric_limits<double>::infinity();
  if (!is_decimal(text)) return std::nullopt;
  return sign * std::strtod(std::string(text).c_str(), nullptr);
}

std::optional<std::int64_t> ecma_date(std::string_view text) {
  DateReader reader{text};
  const int year = reader.number(4, 0, 9999);
  int month = 1, day = 1;
  if (reader.take('-')) {
    month = reader.number(2, 1, 12);
    if (reader.take('-')) day = reader.number(2, 1, 31);
  }
  const std::int64_t time = reader.good && reader.take('T') ? read_time(reader) : 0;
  if (!reader.good || !reader.text.empty() || day > days_in(year, month)) return std::nullopt;
  return days_of(year, month, day) * kDay + time;
}

std::string ecma_date_text(std::int64_t milliseconds) {
  std::int64_t days = milliseconds / kDay, rest = milliseconds % kDay;
  if (rest < 0) rest += kDay, --days;
  std::int64_t year = 1970 + days / 366;  // never too late; then step forward
  while (days_of(year + 1, 1, 1) <= days) ++year;
  while (days_of(year, 1, 1) > days) --year;
  int month = 12;
  while (days_of(year, month, 1) > days) --month;
  const auto day = static_cast<int>(days - days_of(year, month, 1)) + 1;
  const auto part = [&](std::int64_t unit, std::int64_t modulus) {
    return static_cast<int>(rest / unit % modulus);
  };
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", static_cast<int>(year),
                month, day, part(3'600'000, 24), part(60'000, 60), part(1000, 60), part(1, 1000));
  return text;
}

std::string ecma_string(const Json& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_object()) return "[object Object]";
  if (!value.is_array()) return value.dump();
  std::string joined;
  for (const Json& element : value.elements()) {
    if (&element != &value.elements().front()) joined += ',';
    if (!element.is_null()) joined += ecma_string(element);
  }
  return joined;
}

}  // namespace hod
