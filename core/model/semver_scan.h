// The letters of semver: what numbers, identifiers and partial versions look like. Used by
// version.cc, range_parse.cc and version_functions.cc only; everybody else uses version.h and
// range.h.
//
// node-semver describes these with backtracking regular expressions. Here each is one pass over the
// text; where a regular expression would step back to match ("1.2.34.5" loosely is 1.2.3-4.5), the
// code says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/ascii.h"
#include "core/model/version.h"

namespace hod::semver_scan {

constexpr std::size_t kMaxVersionLength = 256;                      // UTF-16 units
constexpr std::uint64_t kMaxNumber = (std::uint64_t{1} << 53) - 1;  // Number.MAX_SAFE_INTEGER
constexpr std::size_t kMaxDigits = 256;

constexpr bool is_identifier_char(char c) { return is_ascii_alphanumeric(c) || c == '-'; }

// Each returns the position behind what it found from `position` on, or `position` itself when
// there is nothing.
std::size_t end_of_digits(std::string_view text, std::size_t position);
std::size_t end_of_identifier(std::string_view text, std::size_t position);  // [0-9A-Za-z-]+
std::size_t end_of_prefix(std::string_view text, std::size_t position);      // [v=\s]*
// `0` or digits that do not begin with 0; of "01" only the "0".
std::size_t end_of_strict_number(std::string_view text, std::size_t position);

bool all_digits(std::string_view text);
// Dot separated, none empty; strict: numbers have no leading zero.
bool is_identifier_list(std::string_view text, Loose loose);

// The number, or nothing above kMaxNumber. `digits` are digits only.
std::optional<std::uint64_t> number_of(std::string_view digits);

// Calls `visit(identifier)` for each of the dot separated identifiers of `list`; none when it is
// empty.
template <class Visit>
void for_each_identifier(std::string_view list, Visit visit) {
  if (list.empty()) return;
  for (;;) {
    const std::size_t dot = list.find('.');
    visit(list.substr(0, dot));
    if (dot == std::string_view::npos) return;
    list.remove_prefix(dot + 1);
  }
}

// A version as ranges write it, numbers as texts: "1", "1.x", "v1.2.3-beta". Absent parts are
// empty.
struct PartialVersion {
  std::string_view major, minor, patch, prerelease;
};
// The whole of `text` (prefix `[v=\s]*` allowed, no build metadata), or nothing.
std::optional<PartialVersion> parse_partial(std::string_view text, Loose loose);
// Is this part missing or a wildcard?
inline bool is_wildcard(std::string_view part) {
  return part.empty() || part == "x" || part == "X" || part == "*";
}

// Splits what follows the patch number of a loose version: "-beta.1", "beta.1" or nothing. `rest`
// must be used up. Where node's regular expression has to step back, a digit moves over from
// `patch`.
bool take_loose_prerelease(std::string_view rest, std::string_view& patch,
                           std::string_view& prerelease);

// The texts of a full loose version: "=v01.2.3beta+7". The whole of `text`; numbers may still be
// too large.
struct LooseVersion {
  std::string_view major, minor, patch, prerelease, build;
};
std::optional<LooseVersion> scan_loose_version(std::string_view text);

// The prerelease with its numbers as JavaScript prints them: "01.b" is "1.b". Strict ones are that
// already.
std::string normalised_prerelease(std::string_view prerelease);

}  // namespace hod::semver_scan
