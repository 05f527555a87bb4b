#include "core/model/semver_scan.h"

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::semver_scan;

TEST_CASE("partial versions are taken apart without judging them") {
  const auto partial = parse_partial("v1.x", Loose::no);
  REQUIRE(partial);
  CHECK(partial->major == "1");
  CHECK(partial->minor == "x");
  CHECK(partial->patch.empty());
  CHECK(parse_partial("1.2.3-beta", Loose::no)->prerelease == "beta");
  CHECK_FALSE(parse_partial("1.2.3beta", Loose::no));
  CHECK(parse_partial("1.2.3beta", Loose::yes)->prerelease == "beta");
  CHECK_FALSE(parse_partial("01", Loose::no));
  CHECK_FALSE(parse_partial("1.", Loose::no));
  CHECK_FALSE(parse_partial("", Loose::yes));
}

TEST_CASE("a loose patch number gives its last digit to a prerelease that has none of its own") {
  const auto partial = parse_partial("1.2.34.5", Loose::yes);
  REQUIRE(partial);
  CHECK(partial->patch == "3");
  CHECK(partial->prerelease == "4.5");
  CHECK_FALSE(parse_partial("1.2.3.5", Loose::yes));
}

TEST_CASE("numbers end at 2^53 - 1") {
  CHECK(number_of("9007199254740991") == kMaxNumber);
  CHECK_FALSE(number_of("9007199254740992"));
  CHECK_FALSE(number_of("99999999999999999999999999999999"));
}

TEST_CASE("identifiers are dotted, not empty, and strictly without leading zeros") {
  CHECK(is_identifier_list("a-1.0.00x", Loose::no));
  CHECK_FALSE(is_identifier_list("01", Loose::no));
  CHECK(is_identifier_list("01", Loose::yes));
  for (const char* text : {"", ".", "a.", ".a", "a..b", "a+b"})
    CHECK_FALSE(is_identifier_list(text, Loose::yes));
}
