#include "core/base/ecma_text.h"

#include <string>

#include <doctest/doctest.h>

#include "core/base/json.h"

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

TEST_CASE("numbers are read as JavaScript reads them") {
  CHECK(ecma_number("") == 0);
  CHECK(ecma_number(" 1e3 ") == 1000);
  CHECK(ecma_number("-.5") == -0.5);
  CHECK(ecma_number("0x1F") == 31);
  CHECK(ecma_number("Infinity") > 1e308);
  for (const char* text : {"abc", "1x", "0x", "-0x1", "nan", "inf", ".", "1e", "1 2", "0b2"}) {
    CAPTURE(text);
    CHECK_FALSE(ecma_number(text));
  }
}

TEST_CASE("dates are read in the standard's forms and written in one") {
  CHECK(ecma_date("1970-01-01") == 0);
  CHECK(ecma_date_text(*ecma_date("2024-02-29")) == "2024-02-29T00:00:00.000Z");
  CHECK(ecma_date_text(*ecma_date("2024")) == "2024-01-01T00:00:00.000Z");
  CHECK(ecma_date_text(*ecma_date("2024-05-06T07:08:09.5+02:00")) == "2024-05-06T05:08:09.500Z");
  CHECK(ecma_date_text(-1) == "1969-12-31T23:59:59.999Z");
  for (const char* text : {"", "notadate", "2024-13-01", "2023-02-29", "2024-01-01T",
                           "2024-01-01 10:00", "2024-01-01T10:00+2"}) {
    CAPTURE(text);
    CHECK_FALSE(ecma_date(text));
  }
}

TEST_CASE("a JSON value becomes the text that JavaScript makes of it") {
  const auto text = [](const char* json) { return ecma_string(must(Json::parse(json, "test"))); };
  CHECK(text(R"("a")") == "a");
  CHECK(text("null") == "null");
  CHECK(text("1.50") == "1.50");
  CHECK(text(R"({"a":1})") == "[object Object]");
  CHECK(text(R"(["a",null,[1,2],{}])") == "a,,1,2,[object Object]");
}
