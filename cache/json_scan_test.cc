// SPDX-License-Identifier: MIT
#include "cache/json_scan.h"

#include <functional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace hod::cache;

namespace {
// The decoded string of a document that is one, or "<failed>".
std::string decoded(std::string_view json) {
  JsonScan scan(json);
  auto text = scan.string();
  return text && scan.at_end() ? std::string(*text) : "<failed>";
}
}  // namespace

TEST_CASE("strings are decoded as JSON.parse does") {
  CHECK(decoded(R"("")") == "");
  CHECK(decoded(R"( "plain" )") == "plain");
  CHECK(decoded(R"("a\"b\\c\/d\b\f\n\r\t")") == "a\"b\\c/d\b\f\n\r\t");
  CHECK(decoded(R"("\u0041\u00e9\u20AC")") == "A\xc3\xa9\xe2\x82\xac");
  CHECK(decoded(R"("\ud83d\ude00!")") == "\xf0\x9f\x98\x80!");
  CHECK(decoded("\"caf\xc3\xa9\"") == "caf\xc3\xa9");
}

TEST_CASE("lone surrogates and invalid UTF-8 become replacement characters") {
  const std::string mark = "\xef\xbf\xbd";
  CHECK(decoded(R"("\ud83d")") == mark);
  CHECK(decoded(R"("\ude00x")") == mark + "x");
  CHECK(decoded(R"("\ud83dA")") == mark + "A");
  CHECK(decoded(R"("\ud83d\ud83d\ude00")") == mark + "\xf0\x9f\x98\x80");
  CHECK(decoded("\"a\xff\x62\"") == "a" + mark + "b");
  CHECK(decoded("\"\xed\xa0\x80\"") == mark + mark + mark);  // a surrogate written in UTF-8
  CHECK(decoded("\"\xc0\xaf\"") == mark + mark);             // an overlong slash
  CHECK(decoded("\"\xf5\x80\"") == mark + mark);
}

TEST_CASE("malformed strings fail") {
  for (const char* json : {"\"", "\"abc", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"",
                           "\"\\u-123\"", "\"a\nb\"", "\"\\", "x", ""}) {
    CAPTURE(json);
    CHECK(decoded(json) == "<failed>");
  }
}

TEST_CASE("objects and arrays are walked in order, other kinds are skipped") {
  JsonScan scan(R"({"a": [1, "two", {"x": [[]]}], "b": null, "c": {"d": true}} )");
  std::vector<std::string> seen;
  CHECK(scan.object([&](std::string_view key) {
    seen.emplace_back(key);
    if (key == "a") {
      int elements = 0;
      CHECK(scan.array([&] {
        ++elements;
        scan.skip();
      }));
      CHECK(elements == 3);
    } else if (key == "b") {
      CHECK_FALSE(scan.string().has_value());
    } else {
      CHECK(scan.object([&](std::string_view inner) {
        CHECK(inner == "d");
        CHECK(scan.boolean() == true);
      }));
    }
  }));
  CHECK(scan.at_end());
  CHECK(seen == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("broken structure fails and loops end") {
  for (const char* json :
       {"{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{\"a\" 1}", "{a:1}",
        "{\"a\":1 \"b\":2}", "{,}", "{\"a\":}", "{\"a\":[}", "{\"a\":\"x}"}) {
    CAPTURE(json);
    JsonScan scan(json);
    CHECK_FALSE(scan.object([&](std::string_view) { scan.skip(); }));
    CHECK(scan.failed());
  }
  for (const char* json : {"[", "[1", "[1,", "[1,]", "[,1]", "[1 2]"}) {
    CAPTURE(json);
    JsonScan scan(json);
    CHECK_FALSE(scan.array([&] { scan.skip(); }));
    CHECK(scan.failed());
  }
}

TEST_CASE("numbers: only whole ones that JavaScript holds exactly count") {
  auto count = [](std::string_view json) { return JsonScan(json).count(); };
  CHECK(count("0") == 0U);
  CHECK(count("12345") == 12345U);
  CHECK(count("9007199254740992") == 9007199254740992U);
  CHECK(count("1e3") == 1000U);
  CHECK(count("5.0") == 5U);
  for (const char* json :
       {"-1", "1.5", "1e300", "99999999999999999999", "\"5\"", "null", "[]", "1x"}) {
    CAPTURE(json);
    CHECK_FALSE(count(json).has_value());
  }
}

TEST_CASE("T-RES-05 depth beyond 512 fails, read or skipped, at once") {
  auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  std::function<void(JsonScan&)> descend = [&](JsonScan& scan) {
    scan.array([&] { descend(scan); });
  };
  for (int depth : {1, 511, 512}) {
    std::string text = nested(depth);
    JsonScan skipped(text);
    skipped.skip();
    CHECK(skipped.at_end());
    JsonScan walked(text);
    descend(walked);
    CHECK(walked.at_end());
  }
  for (int depth : {513, 100'000}) {
    std::string text = nested(depth);
    JsonScan skipped(text);
    skipped.skip();
    CHECK(skipped.failed());
    JsonScan walked(text);
    descend(walked);
    CHECK(walked.failed());
  }
}

TEST_CASE("a byte order mark is no content") {
  JsonScan scan("\xef\xbb\xbf{}");
  CHECK(scan.object([](std::string_view) {}));
  CHECK(scan.at_end());
}
