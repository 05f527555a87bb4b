// SPDX-License-Identifier: MIT
// node-semver turns a range into comparators by rewriting its text with regular expressions that
// also match in the middle of words. Which odd ranges are valid, and what they mean, follows from
// where those matches begin and end, so the rewriting is done here as text too, each step one pass
// (the tests hold it against node-semver's own answers).
//
// Only texts with a blank or a `+` come here; "^1.2.3" does not.
#include "core/model/range_rewrite.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "core/model/semver_scan.h"

namespace hod::range_rewrite {

using namespace semver_scan;

namespace {

bool is_space(std::string_view text, std::size_t position) {
  return position < text.size() && text[position] == ' ';
}

bool is_identifier_at(std::string_view text, std::size_t position) {
  return position < text.size() && is_identifier_char(text[position]);
}

// The lower end of "a - b".
std::string hyphen_from(std::string_view written, const PartialVersion& from, bool prerelease) {
  const char* lowest = prerelease ? "-0" : "";
  if (is_wildcard(from.major)) return "";
  if (is_wildcard(from.minor)) return ">=" + std::string(from.major) + ".0.0" + lowest;
  if (is_wildcard(from.patch)) {
    return ">=" + std::string(from.major) + '.' + std::string(from.minor) + ".0" + lowest;
  }
  return ">=" + std::string(written) + (from.prerelease.empty() ? lowest : "");
}

// The upper end of "a - b": what is missing in it means "any".
std::string hyphen_to(std::string_view written, const PartialVersion& to, bool prerelease) {
  if (is_wildcard(to.major)) return "";
  if (is_wildcard(to.minor)) return '<' + successor(to.major) + ".0.0-0";
  const std::string start = std::string(to.major) + '.';
  if (is_wildcard(to.patch)) return '<' + start + successor(to.minor) + ".0-0";
  const std::string middle = start + std::string(to.minor) + '.';
  if (!to.prerelease.empty()) {
    return "<=" + middle + std::string(to.patch) + '-' + std::string(to.prerelease);
  }
  if (prerelease) return '<' + middle + successor(to.patch) + "-0";
  return "<=" + std::string(written);
}

// "a - b" as two comparators; the text itself when it is something else.
std::string without_hyphen(std::string_view text, RangeOptions options) {
  const std::size_t begin = is_space(text, 0) ? 1 : 0;
  const std::size_t end = std::min(text.find(' ', end_of_prefix(text, begin)), text.size());
  if (text.substr(end, 3) != " - ") return std::string(text);
  const std::string_view from = text.substr(begin, end - begin);
  std::string_view to = text.substr(end + 3);
  if (const std::size_t prefix = end_of_prefix(to, 0); prefix < to.size()) {
    const std::size_t to_end = std::min(to.find(' ', prefix), to.size());
    if (to.size() - to_end <= 1) to = to.substr(0, to_end);
  }
  const auto lower = parse_partial(from, options.loose), upper = parse_partial(to, options.loose);
  if (!lower || !upper) return std::string(text);
  const std::string low = hyphen_from(from, *lower, options.include_prerelease);
  const std::string high = hyphen_to(to, *upper, options.include_prerelease);
  return low.empty() || high.empty() ? low + high : low + ' ' + high;
}

// Behind a row of identifiers, the first of which must be there.
std::size_t end_of_identifiers(std::string_view text, std::size_t position) {
  position = end_of_identifier(text, position);
  while (position < text.size() && text[position] == '.' && is_identifier_at(text, position + 1)) {
    position = end_of_identifier(text, position + 1);
  }
  return position;
}

// Three numbers and what looks like a prerelease, loosely; `position` when there is none.
std::size_t end_of_full_version(std::string_view text, const std::size_t position) {
  std::size_t end = position;
  for (int part = 0; part < 3; ++part) {
    if (part > 0) {
      if (end >= text.size() || text[end] != '.') return position;
      ++end;
    }
    const std::size_t behind = end_of_digits(text, end);
    if (behind == end) return position;
    end = behind;
  }
  if (end < text.size() && text[end] == '-' && is_identifier_at(text, end + 1)) ++end;
  return is_identifier_at(text, end) ? end_of_identifiers(text, end) : end;
}

std::size_t end_of_part(std::string_view text, std::size_t position) {
  if (position >= text.size()) return position;
  const char c = text[position];
  if (c == 'x' || c == 'X' || c == '*') return position + 1;
  return end_of_strict_number(text, position);
}

// One identifier, strictly: of "01" only the "0".
std::size_t end_of_strict_identifier(std::string_view text, std::size_t position) {
  const std::size_t end = end_of_identifier(text, position);
  return all_digits(text.substr(position, end - position)) ? end_of_strict_number(text, position)
                                                           : end;
}

// "1", "1.x", "1.2.x-beta", strictly; at least the first part is there.
std::size_t end_of_partial_version(std::string_view text, std::size_t position) {
  position = end_of_part(text, position);
  for (int part = 1; part < 3; ++part) {
    if (position >= text.size() || text[position] != '.') return position;
    const std::size_t end = end_of_part(text, position + 1);
    if (end == position + 1) return position;
    position = end;
  }
  if (position >= text.size() || text[position] != '-' || !is_identifier_at(text, position + 1))
    return position;
  position = end_of_strict_identifier(text, position + 1);
  while (position < text.size() && text[position] == '.' && is_identifier_at(text, position + 1)) {
    position = end_of_strict_identifier(text, position + 1);
  }
  return position;
}

// "> 1" as ">1": takes out the blank between an operator and what begins like a version, wherever
// that is.
std::string without_operator_blanks(std::string_view text) {
  std::string result;
  std::size_t position = 0;
  while (position < text.size()) {
    std::size_t end = position + (is_space(text, position) ? 1 : 0);
    if (end < text.size() && (text[end] == '<' || text[end] == '>')) ++end;
    if (end < text.size() && text[end] == '=') ++end;
    const std::size_t blank = end;
    const std::size_t version = end_of_prefix(text, end);
    if (end_of_part(text, version) == version) {
      // No version behind the prefix: nor is there one behind any shorter start within it.
      const std::size_t next = std::max(version, position + 1);
      result.append(text.substr(position, next - position));
      position = next;
      continue;
    }
    std::size_t behind = end_of_full_version(text, version);
    if (behind == version) behind = end_of_partial_version(text, version);
    result.append(text.substr(position, blank - position));
    const std::size_t kept = blank + (is_space(text, blank) ? 1 : 0);
    result.append(text.substr(kept, behind - kept));
    position = behind;
  }
  return result;
}

// "~ 1" and "~> 1" as "~1", "^ 1" as "^1".
std::string without_tilde_and_caret_blanks(std::string_view text) {
  std::string result;
  for (std::size_t position = 0; position < text.size(); ++position) {
    const char c = text[position];
    result += c;
    if (c == '~' && text.substr(position + 1, 2) == "> ") {
      position += 2;
    } else if ((c == '~' || c == '^') && is_space(text, position + 1)) {
      position += 1;
    }
  }
  return result;
}

}  // namespace

std::string without_builds(std::string_view text) {
  std::string result;
  std::size_t position = 0;
  while (position < text.size()) {
    if (text[position] == '+' && is_identifier_at(text, position + 1)) {
      position = end_of_identifiers(text, position + 1);
    } else {
      result += text[position++];
    }
  }
  return result;
}

std::string rewritten(std::string_view text, RangeOptions options) {
  return without_tilde_and_caret_blanks(without_operator_blanks(without_hyphen(text, options)));
}

std::string successor(std::string_view digits) {
  if (const auto number = number_of(digits)) return std::to_string(*number + 1);
  const double value = std::strtod(std::string(digits).c_str(), nullptr) + 1;
  char text[64];
  const auto format = value < 1e21 ? std::chars_format::fixed : std::chars_format::scientific;
  return {text, std::to_chars(text, text + sizeof text, value, format).ptr};
}

}  // namespace hod::range_rewrite
