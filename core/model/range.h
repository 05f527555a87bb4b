// Version ranges with node-semver's rules: `||` unions of comparator sets, the prerelease rule, loose parsing.
//
// Limits: 4 KiB of text, 256 comparators (T-RES-03). Threads: values; const methods from any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/version.h"

namespace hod {

struct Comparator {
  enum class Operator : std::uint8_t { any, less, less_equal, equal, greater_equal, greater };  // `any`: matches everything (text "")
  Operator op = Operator::any;
  Version version;
  std::string text() const;  // ">=1.2.3", "1.2.3", ""
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

  // node-semver's satisfies: a prerelease only matches when a comparator of the same set names a prerelease of the same
  // major.minor.patch, unless include_prerelease.
  bool contains(const VersionView& version) const;
  bool contains(const Version& version) const { return contains(version.view()); }

  // node-semver's `range.range`: normalised, "" printed as "*".
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

// node-semver's functions of the same names; versions may be given in any order.
bool ranges_intersect(const Range& a, const Range& b);
bool range_is_subset(const Range& sub, const Range& dom);
std::optional<Version> range_min_version(const Range& range);
enum class Side : std::uint8_t { higher, lower };
bool version_is_outside(const Version& version, const Range& range, Side side);
std::string simplify_range(std::span<const Version> versions, std::string_view range_text, const Range& range);
const Version* max_satisfying(std::span<const Version> versions, const Range& range);
const Version* min_satisfying(std::span<const Version> versions, const Range& range);

}  // namespace hod
