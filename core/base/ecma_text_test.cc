#include "core/base/ecma_text.h"

#include <string>

#include <doctest/doctest.h>

using namespace hod;

TEST_CASE("trimming takes all of JavaScript's white space and nothing else") {
  CHECK(ecma_trimmed(" \t\r\n\v\f1.2.3\xC2\xA0\xEF\xBB\xBF\xE2\x80\xA8") == "1.2.3");
  CHECK(ecma_trimmed("\xE2\x80\x8Bx\xE2\x80\x8B") ==
        "\xE2\x80\x8Bx\xE2\x80\x8B");  // zero width space
  CHECK(ecma_trimmed("\xC2") == "\xC2");
  CHECK(ecma_trimmed("\xE3\x80") == "\xE3\x80");
  CHECK(ecma_trimmed("   ").empty());
  CHECK(ecma_trimmed("").empty());
}

TEST_CASE("length counts UTF-16 units") {
  CHECK(ecma_length("abc") == 3);
  CHECK(ecma_length("\xC3\xA9") == 1);
  CHECK(ecma_length("\xF0\x9F\x98\x80") == 2);
}

TEST_CASE("T-RES-03: a mebibyte of blanks is trimmed in one pass") {
  const std::string blanks(std::size_t{1} << 20, ' ');
  CHECK(ecma_trimmed(blanks).empty());
}
