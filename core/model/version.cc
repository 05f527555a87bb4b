// SPDX-License-Identifier: MIT
// Reading and ordering versions. The strict reader is on the hot path of resolution (each version
// of each packument), so it makes a view without allocating; the loose one normalises and therefore
// owns its texts.
//
// What must stay true:
//  (1) A Version's prerelease text is normalised: numbers below 2^53 - 1 have no leading zeros.
//  Longer numbers stay texts,
//      and are compared as the floating point numbers JavaScript makes of them.
//  (2) Everything parsed here has at most 256 UTF-16 units, white space around it included, as in
//  node-semver.
#include "core/model/version.h"

#include <cstdlib>

#include "core/base/ecma_text.h"
#include "core/model/semver_scan.h"

namespace hod {

using namespace semver_scan;

namespace {

std::strong_ordering sign(int comparison) { return comparison <=> 0; }

// Digits of any length as JavaScript's Number() reads them.
double floating(std::string_view digits) {
  return std::strtod(std::string(digits).c_str(), nullptr);
}

std::strong_ordering compare_digits(std::string_view a, std::string_view b) {
  const auto left = number_of(a), right = number_of(b);
  if (left && right) return *left <=> *right;
  const double x = floating(a), y = floating(b);
  if (x == y) return std::strong_ordering::equal;
  return x < y ? std::strong_ordering::less : std::strong_ordering::greater;
}

// Numbers are lower than words.
std::strong_ordering compare_identifiers(std::string_view a, std::string_view b) {
  const bool a_number = all_digits(a), b_number = all_digits(b);
  if (a_number && b_number) return compare_digits(a, b);
  if (a_number != b_number) {
    return a_number ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  return sign(a.compare(b));
}

// Takes the first of the dot separated identifiers off `list`.
std::string_view take_identifier(std::string_view& list) {
  const std::size_t dot = list.find('.');
  const std::string_view first = list.substr(0, dot);
  list = dot == std::string_view::npos ? std::string_view() : list.substr(dot + 1);
  return first;
}

// Both without prerelease or build are equal; a list that begins the other is lower. The first two
// identifiers that differ in writing decide, even when they are the same number (node-semver's
// rule: "05" and "5" end the comparison).
std::strong_ordering compare_lists(std::string_view a, std::string_view b) {
  if (a == b) return std::strong_ordering::equal;
  while (!a.empty() && !b.empty()) {
    const std::string_view x = take_identifier(a), y = take_identifier(b);
    if (x != y) return compare_identifiers(x, y);
  }
  return !a.empty() <=> !b.empty();
}

bool take_number(std::string_view text, std::size_t& position, std::uint64_t& number) {
  const std::size_t end = end_of_strict_number(text, position);
  if (end == position) return false;
  std::uint64_t value = 0;
  for (std::size_t i = position; i < end; ++i) {
    value = value * 10 + static_cast<std::uint64_t>(text[i] - '0');
    if (value > kMaxNumber) return false;
  }
  position = end;
  number = value;
  return true;
}

bool take_dot(std::string_view text, std::size_t& position) {
  if (position >= text.size() || text[position] != '.') return false;
  ++position;
  return true;
}

// "-pre", "+build", both or nothing, to the end of the text.
bool take_suffixes(std::string_view rest, VersionView& view) {
  if (rest.empty()) return true;
  const std::size_t plus = rest.find('+');
  if (rest[0] == '-') {
    view.prerelease = rest.substr(1, plus == std::string_view::npos ? plus : plus - 1);
    if (!is_identifier_list(view.prerelease, Loose::no)) return false;
  } else if (plus != 0) {
    return false;
  }
  if (plus == std::string_view::npos) return true;
  view.build = rest.substr(plus + 1);
  return is_identifier_list(view.build, Loose::yes);
}

bool too_long(std::string_view text) {
  return text.size() > kMaxVersionLength && ecma_length(text) > kMaxVersionLength;
}

std::optional<Version> parse_loose(std::string_view text) {
  if (too_long(text)) return std::nullopt;
  const auto parts = scan_loose_version(ecma_trimmed(text));
  if (!parts) return std::nullopt;
  const auto major = number_of(parts->major), minor = number_of(parts->minor),
             patch = number_of(parts->patch);
  if (!major || !minor || !patch) return std::nullopt;
  return Version::of(*major, *minor, *patch, normalised_prerelease(parts->prerelease),
                     parts->build);
}

}  // namespace

std::strong_ordering compare_versions(const VersionView& a, const VersionView& b) {
  if (a.major != b.major) return a.major <=> b.major;
  if (a.minor != b.minor) return a.minor <=> b.minor;
  if (a.patch != b.patch) return a.patch <=> b.patch;
  if (a.prerelease.empty() || b.prerelease.empty()) {
    return a.prerelease.empty() <=> b.prerelease.empty();  // a prerelease comes before its release
  }
  return compare_lists(a.prerelease, b.prerelease);
}

std::strong_ordering compare_versions_and_build(const VersionView& a, const VersionView& b) {
  const std::strong_ordering order = compare_versions(a, b);
  return order != 0 ? order : compare_lists(a.build, b.build);
}

std::optional<VersionView> parse_version_view(std::string_view text) {
  if (too_long(text)) return std::nullopt;
  text = ecma_trimmed(text);
  VersionView view;
  std::size_t position = !text.empty() && text[0] == 'v' ? 1 : 0;
  const bool numbers = take_number(text, position, view.major) && take_dot(text, position) &&
                       take_number(text, position, view.minor) && take_dot(text, position) &&
                       take_number(text, position, view.patch);
  if (!numbers || !take_suffixes(text.substr(position), view)) return std::nullopt;
  return view;
}

Result<Version> Version::parse(std::string_view text, Loose loose) {
  if (loose == Loose::yes) {
    if (auto version = parse_loose(text)) return std::move(*version);
  } else if (const auto view = parse_version_view(text)) {
    return Version::of(*view);
  }
  return failure(ErrorCode::version_invalid,
                 "`" + std::string(text.substr(0, kMaxVersionLength)) + "` is not a version");
}

Version Version::of(std::uint64_t major, std::uint64_t minor, std::uint64_t patch,
                    std::string_view prerelease, std::string_view build) {
  Version version;
  version.major_ = major;
  version.minor_ = minor;
  version.patch_ = patch;
  version.prerelease_ = prerelease;
  version.build_ = build;
  return version;
}

std::string Version::text() const {
  std::string text =
      std::to_string(major_) + '.' + std::to_string(minor_) + '.' + std::to_string(patch_);
  if (!prerelease_.empty()) text.append(1, '-').append(prerelease_);
  return text;
}

std::optional<std::string> clean_version(std::string_view text, Loose loose) {
  text = ecma_trimmed(text);
  const std::size_t begin = text.find_first_not_of("=v");
  if (begin == std::string_view::npos) return std::nullopt;
  const Result<Version> version = Version::parse(text.substr(begin), loose);
  if (!version) return std::nullopt;
  return version->text();
}

}  // namespace hod
