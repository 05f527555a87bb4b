#include "core/base/ascii.h"

#include <doctest/doctest.h>

using namespace hod;

TEST_CASE("only ASCII is classified and folded") {
  CHECK(is_ascii_digit('0'));
  CHECK(is_ascii_letter('Z'));
  CHECK(is_ascii_alphanumeric('9'));
  CHECK_FALSE(is_ascii_alphanumeric('_'));
  CHECK(is_ascii_control('\n'));
  CHECK(is_ascii_control('\x7F'));
  CHECK_FALSE(is_ascii_control(' '));
  for (const char c : {'\xC3', '\x80', '\xFF'}) {
    CHECK_FALSE(is_ascii_letter(c));
    CHECK_FALSE(is_ascii_control(c));
    CHECK(ascii_lower(c) == c);
  }
  CHECK(ascii_lower(std::string_view("Ab\xC3\x89-1")) == "ab\xC3\x89-1");
}
