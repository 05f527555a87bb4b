// SPDX-License-Identifier: MIT
// What people and commands do with versions: increment, compare by kind, truncate, read out of free
// text. All follow node-semver, whose surprises are marked.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/base/ecma_text.h"
#include "core/model/semver_scan.h"
#include "core/model/version.h"

namespace hod {

using namespace semver_scan;

namespace {

using TypeName = std::pair<ReleaseType, std::string_view>;
constexpr std::array<TypeName, 8> kReleaseTypes{{{ReleaseType::major, "major"},
                                                 {ReleaseType::premajor, "premajor"},
                                                 {ReleaseType::minor, "minor"},
                                                 {ReleaseType::preminor, "preminor"},
                                                 {ReleaseType::patch, "patch"},
                                                 {ReleaseType::prepatch, "prepatch"},
                                                 {ReleaseType::prerelease, "prerelease"},
                                                 {ReleaseType::release, "release"}}};

bool is_counted(std::string_view identifier) {
  if (!all_digits(identifier)) return false;
  const auto number = number_of(identifier);
  return number && *number < kMaxNumber;
}

// Would JavaScript's Number() take this identifier? Besides digits: 0x1F, 0b1, 0o7, 1e5, -5,
// Infinity.
bool is_javascript_number(std::string_view text) {
  const bool radix = text.size() > 2 && text[0] == '0';
  if (radix && (text[1] == 'x' || text[1] == 'X'))
    return text.find_first_not_of("0123456789abcdefABCDEF", 2) == text.npos;
  if (radix && (text[1] == 'b' || text[1] == 'B'))
    return text.find_first_not_of("01", 2) == text.npos;
  if (radix && (text[1] == 'o' || text[1] == 'O'))
    return text.find_first_not_of("01234567", 2) == text.npos;
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  if (text == "Infinity") return true;
  const std::size_t mantissa = end_of_digits(text, 0);
  if (mantissa == 0) return false;
  if (mantissa == text.size()) return true;
  if (text[mantissa] != 'e' && text[mantissa] != 'E') return false;
  text.remove_prefix(mantissa + 1);
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  return all_digits(text);
}

// The last counted number of a prerelease goes up by one; where there is none, `base` is appended.
std::string next_prerelease(std::string_view prerelease, std::string_view base) {
  if (prerelease.empty()) return std::string(base);
  for (std::size_t end = prerelease.size();;) {
    const std::size_t dot = prerelease.rfind('.', end - 1);
    const std::size_t begin = dot == std::string_view::npos ? 0 : dot + 1;
    const std::string_view identifier = prerelease.substr(begin, end - begin);
    if (is_counted(identifier)) {
      return std::string(prerelease.substr(0, begin)) + std::to_string(*number_of(identifier) + 1) +
             std::string(prerelease.substr(end));
    }
    if (begin == 0) return std::string(prerelease) + '.' + std::string(base);
    end = dot;
  }
}

std::vector<std::string_view> identifiers_of(std::string_view list) {
  std::vector<std::string_view> identifiers;
  for_each_identifier(list,
                      [&](std::string_view identifier) { identifiers.push_back(identifier); });
  return identifiers;
}

// Does the prerelease "beta.3" go on counting "beta"? Only if what follows the identifier is a
// number.
bool goes_on_counting(std::string_view prerelease, std::string_view identifier) {
  const auto have = identifiers_of(prerelease), wanted = identifiers_of(identifier);
  if (have.size() <= wanted.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const VersionView a{0, 0, 0, have[i], {}}, b{0, 0, 0, wanted[i], {}};
    if (compare_versions(a, b) != 0) return false;
  }
  return is_javascript_number(have[wanted.size()]);
}

// The step below all "pre…" increments.
std::optional<std::string> counted_prerelease(std::string_view prerelease,
                                              const IncrementOptions& options) {
  const std::string_view base = options.base == IdentifierBase::one ? "1" : "0";
  const bool bare = options.base == IdentifierBase::none;
  std::string next = next_prerelease(prerelease, base);
  if (options.identifier.empty()) return next;
  const auto identifiers = identifiers_of(prerelease);
  const bool uncounted = std::none_of(identifiers.begin(), identifiers.end(), is_counted);
  if (bare && uncounted && prerelease == options.identifier)
    return std::nullopt;  // nothing would change
  if (goes_on_counting(next, options.identifier)) return next;
  std::string fresh(options.identifier);
  if (!bare) fresh.append(1, '.').append(base);
  return fresh;
}

std::optional<Version> increment_to_prerelease(const Version& v, ReleaseType type,
                                               const IncrementOptions& options) {
  if (options.identifier.empty() && options.base == IdentifierBase::none) return std::nullopt;
  if (!options.identifier.empty() && !is_identifier_list(options.identifier, options.loose))
    return std::nullopt;
  std::uint64_t major = v.major(), minor = v.minor(), patch = v.patch();
  std::string_view from;
  if (type == ReleaseType::premajor) {
    ++major;
    minor = patch = 0;
  } else if (type == ReleaseType::preminor) {
    ++minor;
    patch = 0;
  } else if (type == ReleaseType::prepatch || v.prerelease().empty()) {
    ++patch;
  } else {
    from = v.prerelease();
  }
  const auto prerelease = counted_prerelease(from, options);
  if (!prerelease) return std::nullopt;
  return Version::of(major, minor, patch, *prerelease);
}

std::optional<Version> increment_release(const Version& v, ReleaseType type) {
  const bool stable = v.prerelease().empty();
  switch (type) {
    case ReleaseType::major: {  // 1.0.0-5 → 1.0.0, else 1.1.0 → 2.0.0
      const bool next = v.minor() != 0 || v.patch() != 0 || stable;
      return Version::of(v.major() + (next ? 1 : 0), 0, 0);
    }
    case ReleaseType::minor: {  // 1.2.0-5 → 1.2.0, else 1.2.1 → 1.3.0
      const bool next = v.patch() != 0 || stable;
      return Version::of(v.major(), v.minor() + (next ? 1 : 0), 0);
    }
    case ReleaseType::patch:  // 1.2.0-5 → 1.2.0, else 1.2.0 → 1.2.1
      return Version::of(v.major(), v.minor(), v.patch() + (stable ? 1 : 0));
    case ReleaseType::release:
      if (stable) return std::nullopt;
      return Version::of(v.major(), v.minor(), v.patch());
    case ReleaseType::premajor:
    case ReleaseType::preminor:
    case ReleaseType::prepatch:
    case ReleaseType::prerelease:
      break;
  }
  return std::nullopt;
}

constexpr std::size_t kMaxCoercedDigits = 16;
constexpr std::size_t kMaxCoercedIdentifier = 250;
constexpr std::size_t kMaxCoercedText =
    4096;  // T-RES-03: reading from the right looks at parts of the text repeatedly

// A place in a text where a version can be read: "x1.2.3-rc+7 " from the 1 on.
struct Coercible {
  std::string_view major, minor, patch, prerelease, build;
  std::size_t major_end = 0;
  std::size_t end = 0;  // with the character behind it, where there is one
};

std::string_view short_digits(std::string_view text, std::size_t position) {
  const std::size_t end = end_of_digits(text, position);
  return end - position <= kMaxCoercedDigits ? text.substr(position, end - position)
                                             : std::string_view();
}

// ".2" behind the number before it; empty if absent or too long.
std::string_view take_coerced_part(std::string_view text, std::size_t& position) {
  if (position >= text.size() || text[position] != '.') return {};
  const std::string_view digits = short_digits(text, position + 1);
  if (!digits.empty()) position += 1 + digits.size();
  return digits;
}

// "-rc.1": as many identifiers as are strictly right; one with a leading zero ends the list before
// it.
std::string_view take_coerced_prerelease(std::string_view text, std::size_t& position) {
  if (position >= text.size() || text[position] != '-') return {};
  const std::size_t begin = position + 1;
  std::size_t good = begin;
  for (std::size_t next = begin;;) {
    const std::size_t end = end_of_identifier(text, next);
    if (!is_identifier_list(text.substr(next, end - next), Loose::no)) break;
    good = end;
    if (end >= text.size() || text[end] != '.') break;
    next = end + 1;
  }
  if (good == begin) return {};
  position = good;
  return text.substr(begin, good - begin);
}

// "+7.a". Of an identifier that is too long, as much as does not end before a digit.
std::string_view take_coerced_build(std::string_view text, std::size_t& position) {
  if (position >= text.size() || text[position] != '+') return {};
  const std::size_t begin = position + 1;
  std::size_t good = position;
  for (std::size_t next = begin;;) {
    const std::size_t run = end_of_identifier(text, next);
    std::size_t end = std::min(run, next + kMaxCoercedIdentifier);
    while (end < run && end > next && is_ascii_digit(text[end])) --end;
    if (end == next) break;
    good = end;
    if (end < run || end >= text.size() || text[end] != '.') break;
    next = end + 1;
  }
  if (good == position) return {};
  position = good;
  return text.substr(begin, good - begin);
}

// JavaScript counts a character beyond the basic plane as two units and takes the first one only.
std::size_t behind_one_unit(std::string_view text, std::size_t position) {
  if (position >= text.size()) return position;
  const unsigned lead = static_cast<unsigned char>(text[position]);
  if (lead >= 0xF0) return position + 1;
  ++position;
  while (position < text.size() && (static_cast<unsigned char>(text[position]) & 0xC0) == 0x80)
    ++position;
  return position;
}

// The first one whose number begins at `from` or later, at the start of a row of digits.
std::optional<Coercible> find_coercible(std::string_view text, std::size_t from,
                                        bool include_prerelease) {
  while (from < text.size()) {
    if (!is_ascii_digit(text[from])) {
      ++from;
      continue;
    }
    Coercible found;
    found.major = short_digits(text, from);
    std::size_t position = end_of_digits(text, from);
    if (found.major.empty()) {
      from = position;
      continue;
    }
    found.major_end = position;
    found.minor = take_coerced_part(text, position);
    if (!found.minor.empty()) found.patch = take_coerced_part(text, position);
    if (include_prerelease) {
      found.prerelease = take_coerced_prerelease(text, position);
      found.build = take_coerced_build(text, position);
    }
    found.end = behind_one_unit(text, position);
    return found;
  }
  return std::nullopt;
}

// The rightmost one; of several that end together ("1.2.3.4": 2.3.4, 3.4 and 4) the longest.
std::optional<Coercible> find_rightmost(std::string_view text, bool include_prerelease) {
  std::optional<Coercible> match;
  std::size_t from = 0;
  while (!match || match->end != text.size()) {
    const auto next = find_coercible(text, from, include_prerelease);
    if (!next) break;
    if (!match || next->end != match->end) match = next;
    from = next->major_end;
  }
  return match;
}

}  // namespace

std::optional<ReleaseType> parse_release_type(std::string_view text) {
  for (const auto& [type, name] : kReleaseTypes) {
    if (name == text) return type;
  }
  return std::nullopt;
}

std::optional<Version> increment_version(const Version& version, ReleaseType type,
                                         IncrementOptions options) {
  switch (type) {
    case ReleaseType::premajor:
    case ReleaseType::preminor:
    case ReleaseType::prepatch:
    case ReleaseType::prerelease:
      return increment_to_prerelease(version, type, options);
    case ReleaseType::major:
    case ReleaseType::minor:
    case ReleaseType::patch:
    case ReleaseType::release:
      break;
  }
  return increment_release(version, type);
}

std::optional<std::string_view> version_difference(const Version& a, const Version& b) {
  if (a == b) return std::nullopt;
  const Version &high = a > b ? a : b, &low = a > b ? b : a;
  const bool to_prerelease = !high.prerelease().empty();
  const bool same_release =
      a.major() == b.major() && a.minor() == b.minor() && a.patch() == b.patch();
  if (!low.prerelease().empty() && !to_prerelease) {
    // From a prerelease to a release: the kind is that of the release the prerelease was made for.
    if (low.patch() == 0 && low.minor() == 0) return "major";
    if (same_release) return low.patch() == 0 ? "minor" : "patch";
  }
  if (a.major() != b.major()) return to_prerelease ? "premajor" : "major";
  if (a.minor() != b.minor()) return to_prerelease ? "preminor" : "minor";
  if (a.patch() != b.patch()) return to_prerelease ? "prepatch" : "patch";
  return "prerelease";
}

std::optional<Version> truncate_version(const Version& v, ReleaseType type) {
  switch (type) {
    case ReleaseType::major:
      return Version::of(v.major(), 0, 0);
    case ReleaseType::minor:
      return Version::of(v.major(), v.minor(), 0);
    case ReleaseType::patch:
      return Version::of(v.major(), v.minor(), v.patch());
    case ReleaseType::premajor:
    case ReleaseType::preminor:
    case ReleaseType::prepatch:
    case ReleaseType::prerelease:
      return v;
    case ReleaseType::release:
      break;
  }
  return std::nullopt;
}

std::optional<Version> coerce_version(std::string_view text, CoerceOptions options) {
  if (text.size() > kMaxCoercedText) return std::nullopt;
  const auto found = options.right_to_left ? find_rightmost(text, options.include_prerelease)
                                           : find_coercible(text, 0, options.include_prerelease);
  if (!found) return std::nullopt;
  std::string version(found->major);
  for (const std::string_view part : {found->minor, found->patch}) {
    version.append(1, '.').append(part.empty() ? "0" : part);
  }
  if (!found->prerelease.empty()) version.append(1, '-').append(found->prerelease);
  if (!found->build.empty()) version.append(1, '+').append(found->build);
  auto parsed = Version::parse(version, options.loose);
  if (!parsed) return std::nullopt;
  return std::move(*parsed);
}

}  // namespace hod
