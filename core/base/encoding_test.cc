#include "core/base/encoding.h"

#include <doctest/doctest.h>

using namespace hod;

TEST_CASE("base64 and hex go there and back") {
  for (const char* text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    CHECK(from_base64(to_base64(text)) == std::string(text));
    CHECK(from_hex(to_hex(text)) == std::string(text));
  }
  CHECK(to_base64("fo") == "Zm8=");
  CHECK_FALSE(from_base64("Zm8").has_value());
  CHECK_FALSE(from_base64("Zm9=").has_value());
  CHECK_FALSE(from_base64("Z*8=").has_value());
  CHECK_FALSE(from_hex("0").has_value());
  CHECK_FALSE(from_hex("0g").has_value());
  CHECK(from_base64_lenient("Zm-_v!8") == from_base64_lenient("Zm+/v8"));
}

TEST_CASE("percent encoding is that of encodeURIComponent") {
  CHECK(percent_encoded("@a/b c~") == "%40a%2Fb%20c~");
  CHECK(percent_decoded("%40a%2fb") == std::string("@a/b"));
  CHECK_FALSE(percent_decoded("%4").has_value());
  CHECK_FALSE(percent_decoded("%zz").has_value());
  CHECK(percent_decoded("%C3%A9%F0%9F%8E%B1") == std::string("\xC3\xA9\xF0\x9F\x8E\xB1"));
  for (const char* text : {"%ba", "%C3", "%C3x", "%C0%80", "%ED%A0%80", "%F4%90%80%80", "%FF"}) {
    CAPTURE(text);
    CHECK_FALSE(percent_decoded(text).has_value());
  }
}

TEST_CASE("only the characters of a set are percent-encoded, in upper case") {
  CHECK(percent_encoded("a b/\xC3\xA9~", " ~") == "a%20b/\xC3\xA9%7E");
  std::string text = "x";
  append_percent_encoded(text, '\xFF');
  CHECK(text == "x%FF");
}
