#include "core/model/web_url_host.h"

#include <doctest/doctest.h>

using namespace hod;

TEST_CASE("a domain is decoded, folded and checked") {
  CHECK(web_domain("GitHub.com") == "github.com");
  CHECK(web_domain("%67ithub.com.") == "github.com.");
  CHECK(web_domain("a_b..c") == "a_b..c");
  for (const char* text : {"", "a b", "a%20b", "a%", "a%2fb", "a<b", "caf\xC3\xA9", "a\x7F"}) {
    CAPTURE(text);
    CHECK_FALSE(web_domain(text).has_value());
  }
}

TEST_CASE("a domain that ends in a number is an IPv4 address") {
  CHECK(web_domain("127.1") == "127.0.0.1");
  CHECK(web_domain("0X7F000001") == "127.0.0.1");
  CHECK(web_domain("0177.0.0.01.") == "127.0.0.1");
  CHECK(web_domain("4294967295") == "255.255.255.255");
  CHECK(web_domain("1e2") == "1e2");
  for (const char* text : {"4294967296", "256.1.1.1", "1.2.3.4.5", "a.1", "a.0x", "08", "1..2"}) {
    CAPTURE(text);
    CHECK_FALSE(web_domain(text).has_value());
  }
}

TEST_CASE("an IPv6 address is printed with its longest run of zeros cut out") {
  CHECK(web_domain("[1:0:0:2:0:0:0:3]") == "[1:0:0:2::3]");
  CHECK(web_domain("[0:0:0:0:0:0:0:0]") == "[::]");
  CHECK(web_domain("[1:0:2:3:4:5:6:0]") == "[1:0:2:3:4:5:6:0]");
  CHECK(web_opaque_host("[FE80::1]") == "[fe80::1]");
  CHECK_FALSE(web_opaque_host("[fe80::1%25eth0]").has_value());
  CHECK_FALSE(web_opaque_host("[::1").has_value());
}

TEST_CASE("the host of an unknown scheme stays as it is") {
  CHECK(web_opaque_host("GitHub.com") == "GitHub.com");
  CHECK(web_opaque_host("").value_or("x").empty());
  CHECK(web_opaque_host("caf\xC3\xA9%zz") == "caf%C3%A9%zz");
  CHECK_FALSE(web_opaque_host("a^b").has_value());
}

TEST_CASE("controls and other alphabets are always percent-encoded") {
  CHECK(web_encoded("a b\n\xC3\xA9%", "") == "a b%0A%C3%A9%");
  CHECK(web_encoded("a b/c", " /") == "a%20b%2Fc");
}

TEST_CASE("a scheme is letters, digits and + - . before the first colon") {
  CHECK(scheme_of("https://registry.example/") == "https");
  CHECK(scheme_of("git+ssh:x") == "git+ssh");
  for (const char* text : {"", "1a:b", ":x", "a/b:c", "abc"}) CHECK_FALSE(scheme_of(text));
}

TEST_CASE("dot segments are known in all their spellings") {
  CHECK(dots_of(".") == 1);
  CHECK(dots_of("%2E.") == 2);
  CHECK(dots_of(".%2e") == 2);
  for (const char* text : {"", "...", ".a", "%2"}) CHECK(dots_of(text) == 0);
}
