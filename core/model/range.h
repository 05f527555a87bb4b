// Version ranges with node-semver's rules: `||` unions of comparator sets, the prerelease rule,
// loose parsing.
//
// Limits: 4 KiB of text, 256 comparators (T-RES-03). Threads: values; const methods from any
// thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/version.h"

namespace hod {

struct Comparator {
  enum class Operator : std::uint8_t {
    any,
    less,
    less_equal,
    equal,
    greater_equal,
    greater
  };  // `any`: matches everything (text "")
  Operator op = Operator::any;
  Version version;

  std::string text() const;                         // ">=1.2.3", "1.2.3", ""
  bool admits(const VersionView& candidate) const;  // by order alone, without the prerelease rule
  friend bool operator==(const Comparator& a, const Comparator& b);  // same text()
};

struct RangeOptions {
  Loose loose = Loose::no;
  bool include_prerelease = false;  // changes what a range means, also while parsing ("-0" bounds)
};

class Range {
 public:
  // Error: range_invalid. "" and "*" and blanks are "any version".
  static Result<Range> parse(std::string_view text, RangeOptions options = {});
  static Range any();

  // node-semver's satisfies: a prerelease only matches when a comparator of the same set names a
  // prerelease of the same major.minor.patch, unless include_prerelease.
  bool contains(const VersionView& version) const;
  bool contains(const Version& version) const { return contains(version.view()); }

  // node-semver's `validRange`: normalised, "any version" printed as "*".
  std::string text() const;
  const std::string& raw() const { return raw_; }  // as written, blanks collapsed
  const std::vector<std::vector<Comparator>>& sets() const { return sets_; }
  const RangeOptions& options() const { return options_; }
  bool is_any() const;
  // The one version of an exact range ("1.2.3", "=1.2.3"), else null.
  const Version* exact() const;

 private:
  std::string raw_;
  std::vector<std::vector<Comparator>> sets_;
  RangeOptions options_;
};

// node-semver's functions of the same names. Both ranges of a pair have been parsed with the same
// options.
bool ranges_intersect(const Range& a, const Range& b);
bool range_is_subset(const Range& sub, const Range& dom);
// The lowest version that can match. Error (version_invalid): a bound that only loose parsing could
// read.
Result<std::optional<Version>> range_min_version(const Range& range);
enum class Side : std::uint8_t { higher, lower };
// Is the version beyond everything the range allows (node-semver's `gtr` and `ltr`)? Error as
// range_min_version.
Result<bool> version_is_outside(const Version& version, const Range& range, Side side);
// A shorter range that picks the same of `versions` (in any order), or `range_text` itself. An
// unreadable range picks none. Error: version_invalid.
Result<std::string> simplify_range(std::span<const std::string> versions,
                                   std::string_view range_text, RangeOptions options = {});
const Version* max_satisfying(std::span<const Version> versions, const Range& range);
const Version* min_satisfying(std::span<const Version> versions, const Range& range);

}  // namespace hod
