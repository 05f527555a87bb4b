#include <string>

#include <doctest/doctest.h>

#include "core/model/version.h"

using namespace hod;

namespace {

Version version(const char* text) { return must(Version::parse(text, Loose::yes)); }

std::string incremented(const char* from, const char* type, IncrementOptions options = {}) {
  const auto result = increment_version(version(from), *parse_release_type(type), options);
  return result ? result->text() : "nothing";
}

std::string coerced(const char* text, CoerceOptions options = {}) {
  const auto result = coerce_version(text, options);
  return result ? result->text() : "nothing";
}

}  // namespace

TEST_CASE("an increment goes to the next version of its kind") {
  CHECK(incremented("1.2.3", "major") == "2.0.0");
  CHECK(incremented("2.0.0-rc.1", "major") == "2.0.0");
  CHECK(incremented("1.2.3", "minor") == "1.3.0");
  CHECK(incremented("1.2.3-beta", "patch") == "1.2.3");
  CHECK(incremented("1.2.3", "prerelease") == "1.2.4-0");
  CHECK(incremented("1.2.3-beta", "release") == "1.2.3");
  CHECK(incremented("1.2.3", "release") == "nothing");
}

TEST_CASE("a prerelease goes on counting its identifier, and starts anew with another") {
  CHECK(incremented("1.2.3-beta.4", "prerelease", {.identifier = "beta"}) == "1.2.3-beta.5");
  CHECK(incremented("1.2.3-beta.4", "prerelease", {.identifier = "rc"}) == "1.2.3-rc.0");
  CHECK(incremented("1.2.3", "preminor", {.identifier = "rc", .base = IdentifierBase::one}) ==
        "1.3.0-rc.1");
  CHECK(incremented("1.2.3", "premajor", {.identifier = "rc", .base = IdentifierBase::none}) ==
        "2.0.0-rc");
  CHECK(incremented("1.2.3-rc", "prerelease", {.identifier = "rc", .base = IdentifierBase::none}) ==
        "nothing");
  CHECK(incremented("1.2.3", "prepatch", {.identifier = "no good"}) == "nothing");
  CHECK(incremented("1.2.3", "prepatch", {.base = IdentifierBase::none}) == "nothing");
}

TEST_CASE("the difference of two versions is named by the kind of step between them") {
  CHECK(version_difference(version("1.0.0"), version("2.0.0")) == "major");
  CHECK(version_difference(version("1.0.0"), version("1.1.0-a")) == "preminor");
  CHECK(version_difference(version("1.0.0-a"), version("1.0.0-b")) == "prerelease");
  CHECK(version_difference(version("1.1.0-a"), version("1.1.0")) == "minor");
  CHECK(version_difference(version("1.0.0"), version("1.0.0+b")) == std::nullopt);
}

TEST_CASE("truncating keeps the numbers down to a kind") {
  CHECK(truncate_version(version("1.2.3-beta"), ReleaseType::minor)->text() == "1.2.0");
  CHECK(truncate_version(version("1.2.3-beta"), ReleaseType::prerelease)->text() == "1.2.3-beta");
  CHECK_FALSE(truncate_version(version("1.2.3"), ReleaseType::release));
}

TEST_CASE("a version can be read out of any text") {
  CHECK(coerced("v14.x") == "14.0.0");
  CHECK(coerced("release-1.2 of today") == "1.2.0");
  CHECK(coerced("1.2.3.4") == "1.2.3");
  CHECK(coerced("1.2.3.4", {.right_to_left = true}) == "2.3.4");
  CHECK(coerced("1.2-rc.5", {.include_prerelease = true}) == "1.2.0-rc.5");
  CHECK(coerced("12345678901234567.2") == "2.0.0");
  CHECK(coerced("none") == "nothing");
}

TEST_CASE("T-RES-03: coercion refuses huge texts") {
  CHECK(coerced(std::string(1 << 20, '1').c_str()) == "nothing");
}
