// Semantic versions with node-semver's rules (npm package `semver` 7): parse, order, increment,
// diff, coerce.
//
// Limits: 256 characters, each number below 2^53. Linear time in the text's length, no <regex>
// (T-RES-03). Threads: values.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace hod {

enum class Loose : std::uint8_t { no, yes };  // node-semver's `loose` option

// A version without owning its text; what comparisons and ranges work on. `prerelease` and `build`
// are the dotted texts without their `-`/`+`, empty when absent.
struct VersionView {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::uint64_t patch = 0;
  std::string_view prerelease;
  std::string_view build;

  bool is_prerelease() const { return !prerelease.empty(); }
};

// SemVer precedence; build metadata does not count.
std::strong_ordering compare_versions(const VersionView& a, const VersionView& b);
// The same, then by build metadata (node-semver's compareBuild).
std::strong_ordering compare_versions_and_build(const VersionView& a, const VersionView& b);

class Version {
 public:
  // node-semver's `new SemVer(text)`: blanks around and a leading `v` are allowed; loosely also
  // "=1.2.3", "01.2.3" and "1.2.3beta", which become 1.2.3, 1.2.3 and 1.2.3-beta. Error:
  // version_invalid.
  static Result<Version> parse(std::string_view text, Loose loose = Loose::no);
  static Version of(std::uint64_t major, std::uint64_t minor, std::uint64_t patch,
                    std::string_view prerelease = {}, std::string_view build = {});
  static Version of(const VersionView& view) {
    return of(view.major, view.minor, view.patch, view.prerelease, view.build);
  }

  VersionView view() const { return {major_, minor_, patch_, prerelease_, build_}; }
  std::uint64_t major() const { return major_; }
  std::uint64_t minor() const { return minor_; }
  std::uint64_t patch() const { return patch_; }
  const std::string& prerelease() const { return prerelease_; }
  const std::string& build() const { return build_; }
  // "1.2.3-beta.1", without build metadata: node-semver's `version`.
  std::string text() const;

  friend bool operator==(const Version& a, const Version& b) {
    return compare_versions(a.view(), b.view()) == 0;
  }
  friend std::strong_ordering operator<=>(const Version& a, const Version& b) {
    return compare_versions(a.view(), b.view());
  }

 private:
  std::uint64_t major_ = 0, minor_ = 0, patch_ = 0;
  std::string prerelease_, build_;
};

// A view into `text`, which must outlive it; strict as Version::parse(text). Nothing when invalid.
// Allocates nothing.
std::optional<VersionView> parse_version_view(std::string_view text);

// node-semver's `clean`: as Version::parse, also behind a row of `=` and `v`. The text, or nothing.
std::optional<std::string> clean_version(std::string_view text, Loose loose = Loose::no);

enum class ReleaseType : std::uint8_t {
  major,
  premajor,
  minor,
  preminor,
  patch,
  prepatch,
  prerelease,
  release
};
std::optional<ReleaseType> parse_release_type(std::string_view text);

// What follows the identifier of a new prerelease: "beta.0", "beta.1" or only "beta".
enum class IdentifierBase : std::uint8_t { zero, one, none };
struct IncrementOptions {
  std::string_view identifier = {};  // "beta"
  IdentifierBase base = IdentifierBase::zero;
  Loose loose = Loose::no;  // how strictly the identifier is read
};
// node-semver's `inc`. Nothing when there is no such increment (a release of what is no prerelease,
// a bad identifier).
std::optional<Version> increment_version(const Version& version, ReleaseType type,
                                         IncrementOptions options = {});

// node-semver's `diff`: "major", "premajor", … "prerelease", or nothing when equal.
std::optional<std::string_view> version_difference(const Version& a, const Version& b);

// node-semver's `truncate`: 1.2.3-beta by minor is 1.2.0. Nothing for ReleaseType::release.
std::optional<Version> truncate_version(const Version& version, ReleaseType type);

struct CoerceOptions {
  bool include_prerelease = false;
  bool right_to_left = false;
  Loose loose = Loose::no;
};
// node-semver's `coerce`: the version that can be read out of any text, such as "v14.x" or
// "release-1.2".
std::optional<Version> coerce_version(std::string_view text, CoerceOptions options = {});

}  // namespace hod
