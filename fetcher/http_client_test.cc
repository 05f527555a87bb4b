// SPDX-License-Identifier: MIT
#include "fetcher/http_client.h"

#include <doctest/doctest.h>

namespace hod::fetcher {

TEST_CASE("a header is found by its name, the first one where there are several") {
  const Headers headers = {{"etag", "\"1\""}, {"link", "a"}, {"link", "b"}};
  REQUIRE(find_header(headers, "link"));
  CHECK(*find_header(headers, "link") == "a");
  CHECK_FALSE(find_header(headers, "lin"));
  CHECK_FALSE(find_header({}, "etag"));
}

TEST_CASE("T-NET-08: a header that would end its line and begin another is refused") {
  CHECK(check_headers({}));
  CHECK(check_headers({{"authorization", "Bearer abc def"}, {"accept", ""}}));
  for (const std::string& bad :
       {std::string("a\r\nx: y"), std::string("a\n"), std::string("\r"), std::string("a\0b", 3)}) {
    const Result<void> value = check_headers({{"accept", "fine"}, {"authorization", bad}});
    REQUIRE_FALSE(value);
    CHECK(value.error().what().find("`authorization`") != std::string::npos);
    CHECK(value.error().text().find("x: y") == std::string::npos);  // it may be a token
    const Result<void> name = check_headers({{bad, "fine"}});
    REQUIRE_FALSE(name);
    CHECK(name.error().what().find('\n') == std::string::npos);  // nor does it break the message
  }
}

}  // namespace hod::fetcher
