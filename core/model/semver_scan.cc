// SPDX-License-Identifier: MIT
// Scanning for semver texts: single passes, no allocation, no look-back further than one digit
// (T-RES-03).
#include "core/model/semver_scan.h"

#include "core/base/ecma_text.h"

namespace hod::semver_scan {

std::size_t end_of_digits(std::string_view text, std::size_t position) {
  while (position < text.size() && is_ascii_digit(text[position])) ++position;
  return position;
}

std::size_t end_of_identifier(std::string_view text, std::size_t position) {
  while (position < text.size() && is_identifier_char(text[position])) ++position;
  return position;
}

std::size_t end_of_prefix(std::string_view text, std::size_t position) {
  while (position < text.size()) {
    const char c = text[position];
    const std::size_t length = c == 'v' || c == '=' ? 1 : ecma_space_length(text, position);
    if (length == 0) break;
    position += length;
  }
  return position;
}

std::size_t end_of_strict_number(std::string_view text, std::size_t position) {
  if (position < text.size() && text[position] == '0') return position + 1;
  return end_of_digits(text, position);
}

bool all_digits(std::string_view text) {
  return !text.empty() && end_of_digits(text, 0) == text.size();
}

bool is_identifier_list(std::string_view text, Loose loose) {
  std::size_t position = 0;
  for (;;) {
    const std::size_t end = end_of_identifier(text, position);
    if (end == position) return false;
    const std::string_view identifier = text.substr(position, end - position);
    const bool leading_zero = identifier.size() > 1 && identifier[0] == '0';
    if (loose == Loose::no && leading_zero && all_digits(identifier)) return false;
    if (end == text.size()) return true;
    if (text[end] != '.') return false;
    position = end + 1;
  }
}

std::optional<std::uint64_t> number_of(std::string_view digits) {
  std::uint64_t value = 0;
  for (const char c : digits) {
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
    if (value > kMaxNumber) return std::nullopt;
  }
  return value;
}

bool take_loose_prerelease(std::string_view rest, std::string_view& patch,
                           std::string_view& prerelease) {
  prerelease = {};
  if (rest.empty()) return true;
  if (rest[0] == '-' && is_identifier_list(rest.substr(1), Loose::yes)) {
    prerelease = rest.substr(1);
    return true;
  }
  if (is_identifier_list(rest, Loose::yes)) {  // "beta", and "-" alone
    prerelease = rest;
    return true;
  }
  // Only ".5" behind "34" is left: the patch number gives its last digit away. `rest` follows
  // `patch` in memory.
  if (rest[0] != '.' || patch.size() < 2 || !is_ascii_digit(patch.back())) return false;
  if (!is_identifier_list(rest.substr(1), Loose::yes)) return false;
  prerelease = std::string_view(patch.data() + patch.size() - 1, rest.size() + 1);
  patch.remove_suffix(1);
  return true;
}

namespace {

// A number or a wildcard; empty when there is none.
std::string_view take_part(std::string_view text, std::size_t position, Loose loose) {
  if (position >= text.size()) return {};
  const char c = text[position];
  if (c == 'x' || c == 'X' || c == '*') return text.substr(position, 1);
  const std::size_t end =
      loose == Loose::yes ? end_of_digits(text, position) : end_of_strict_number(text, position);
  if (end - position > kMaxDigits) return {};
  return text.substr(position, end - position);
}

}  // namespace

std::optional<PartialVersion> parse_partial(std::string_view text, Loose loose) {
  PartialVersion partial;
  std::size_t position = end_of_prefix(text, 0);
  for (std::string_view* part : {&partial.major, &partial.minor, &partial.patch}) {
    if (part != &partial.major) {
      if (position == text.size()) return partial;
      if (text[position] != '.') return std::nullopt;
      ++position;
    }
    *part = take_part(text, position, loose);
    if (part->empty()) return std::nullopt;
    position += part->size();
  }
  const std::string_view rest = text.substr(position);
  if (loose == Loose::yes) {
    if (!take_loose_prerelease(rest, partial.patch, partial.prerelease)) return std::nullopt;
    return partial;
  }
  if (rest.empty()) return partial;
  if (rest[0] != '-' || !is_identifier_list(rest.substr(1), Loose::no)) return std::nullopt;
  partial.prerelease = rest.substr(1);
  return partial;
}

std::optional<LooseVersion> scan_loose_version(std::string_view text) {
  LooseVersion version;
  std::size_t position = end_of_prefix(text, 0);
  for (std::string_view* number : {&version.major, &version.minor, &version.patch}) {
    if (number != &version.major) {
      if (position == text.size() || text[position] != '.') return std::nullopt;
      ++position;
    }
    const std::size_t end = end_of_digits(text, position);
    if (end == position || end - position > kMaxDigits) return std::nullopt;
    *number = text.substr(position, end - position);
    position = end;
  }
  std::string_view rest = text.substr(position);
  if (const std::size_t plus = rest.find('+'); plus != std::string_view::npos) {
    version.build = rest.substr(plus + 1);
    if (!is_identifier_list(version.build, Loose::yes)) return std::nullopt;
    rest = rest.substr(0, plus);
  }
  if (!take_loose_prerelease(rest, version.patch, version.prerelease)) return std::nullopt;
  return version;
}

std::string normalised_prerelease(std::string_view prerelease) {
  std::string text;
  for_each_identifier(prerelease, [&](std::string_view identifier) {
    if (!text.empty()) text += '.';
    const auto number = all_digits(identifier) ? number_of(identifier) : std::nullopt;
    if (number && *number < kMaxNumber) {
      text += std::to_string(*number);
    } else {
      text += identifier;
    }
  });
  return text;
}

}  // namespace hod::semver_scan
