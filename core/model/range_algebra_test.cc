#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/model/range.h"

using namespace hod;

namespace {

Range range(const char* text, bool prerelease = false) {
  return must(Range::parse(text, {Loose::no, prerelease}));
}
Version version(const char* text) { return must(Version::parse(text)); }

}  // namespace

TEST_CASE("ranges intersect when some version could satisfy both") {
  CHECK(ranges_intersect(range("^1.2.0"), range("~1.5.1")));
  CHECK_FALSE(ranges_intersect(range("^1"), range("^2")));
  CHECK(ranges_intersect(range("1 || 3"), range(">=2.5")));
  CHECK_FALSE(ranges_intersect(range(">1 <0.5"), range("*")));
  CHECK_FALSE(ranges_intersect(range("1.2.3-beta"), range("^1")));
  CHECK(ranges_intersect(range("1.2.3-beta", true), range("^1", true)));
}

TEST_CASE("a subset allows nothing that the other does not") {
  CHECK(range_is_subset(range("~1.2.3"), range("^1.2.0")));
  CHECK_FALSE(range_is_subset(range("^1.2.0"), range("~1.2.3")));
  CHECK(range_is_subset(range("1 || 2"), range(">=1 <3")));
  CHECK(range_is_subset(range("^1"), range("*")));
  CHECK_FALSE(range_is_subset(range("*"), range("^1")));
  CHECK_FALSE(range_is_subset(range("^1.2.3-pre"), range("^1.2.0")));
  CHECK(range_is_subset(range(">2 <1"), range("5")));
  const Range same = range("^1.2.3-pre || 4");
  CHECK(range_is_subset(same, same));
}

TEST_CASE("the lowest version of a range") {
  const auto lowest = [](const char* text) {
    const auto found = must(range_min_version(range(text)));
    return found ? found->text() : "none";
  };
  CHECK(lowest("^1.2") == "1.2.0");
  CHECK(lowest(">1.2.3") == "1.2.4");
  CHECK(lowest(">1.2.3-a") == "1.2.3-a.0");
  CHECK(lowest("*") == "0.0.0");
  CHECK(lowest("3 || 2") == "2.0.0");
  CHECK(lowest(">2 <1") == "none");
}

TEST_CASE("a version is outside when it lies beyond all a range allows") {
  CHECK(must(version_is_outside(version("2.0.0"), range("^1"), Side::higher)));
  CHECK_FALSE(must(version_is_outside(version("2.0.0"), range("1 || >3"), Side::higher)));
  CHECK(must(version_is_outside(version("0.9.0"), range("^1"), Side::lower)));
  CHECK_FALSE(must(version_is_outside(version("1.5.0"), range("^1"), Side::lower)));
}

TEST_CASE("a simplified range picks the same versions") {
  const std::vector<std::string> versions{"1.0.0", "1.1.0", "1.2.0", "2.0.0"};
  CHECK(must(simplify_range(versions, "1.0.0 || 1.1.0 || 1.2.0")) == "<=1.2.0");
  CHECK(must(simplify_range(versions, "^1")) == "^1");
  CHECK(must(simplify_range(versions, ">=1.1.0 <2.0.0-0 || =2.0.0")) == ">=1.1.0");
  CHECK_FALSE(simplify_range(std::vector<std::string>{"1.0.0", "junk"}, "1"));
}

TEST_CASE("the best satisfying version is the first among equals") {
  const std::vector<Version> versions{version("1.0.0"), version("1.5.0"), version("1.5.0+b"),
                                      version("2.0.0")};
  CHECK(max_satisfying(versions, range("^1")) == &versions[1]);
  CHECK(min_satisfying(versions, range("^1")) == &versions[0]);
  CHECK(max_satisfying(versions, range("^3")) == nullptr);
}
