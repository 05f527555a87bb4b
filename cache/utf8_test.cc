// SPDX-License-Identifier: MIT
#include "cache/utf8.h"

#include <doctest/doctest.h>

using namespace hod::cache;

namespace {
std::string mended(std::string_view text) {
  std::string out;
  append_mended_utf8(out, text);
  return out;
}
}  // namespace

TEST_CASE("well-formed UTF-8 stays, each maximal malformed part becomes one mark") {
  const std::string mark = "\xef\xbf\xbd";
  for (const char* good :
       {"", "abc", "caf\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"}) {
    CHECK(is_utf8(good));
    CHECK(mended(good) == good);
  }
  CHECK(mended("a\xff\x62") == "a" + mark + "b");
  CHECK(mended("caf\xe9.js") == "caf" + mark + ".js");
  CHECK(mended("\xe2\x82") == mark);  // cut off: one part
  CHECK(mended("\xe2\x82x") == mark + "x");
  CHECK(mended("\xed\xa0\x80") == mark + mark + mark);  // a surrogate
  CHECK(mended("\xc0\xaf") == mark + mark);             // overlong
  CHECK(mended("\xf0\x80\x80\x80") == mark + mark + mark + mark);
  CHECK(mended("\xf4\x90\x80\x80") == mark + mark + mark + mark);
  CHECK_FALSE(is_utf8("\x80"));
}

TEST_CASE("characters are written in one to four bytes") {
  std::string out;
  for (char32_t code : {U'A', U'\u00e9', U'\u20ac', U'\U0001f600'}) append_utf8(out, code);
  CHECK(out == "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
}
