#include "core/model/url.h"

#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "core/model/web_url.h"

using namespace hod;

TEST_CASE("an address is read into origin, path and query") {
  const Url url = must(Url::parse("HTTPS://Registry.Example:8443/@scope%2fx?a=1#part"));
  CHECK(url.origin.scheme == "https");
  CHECK(url.origin.host == "registry.example");
  CHECK(url.origin.port == 8443);
  CHECK(url.path == "/@scope%2fx");
  CHECK(url.query == "?a=1");
  CHECK(url.userinfo.empty());
  CHECK(url.text() == "https://registry.example:8443/@scope%2fx?a=1");
}

TEST_CASE("an address is printed in one way only") {
  struct Row {
    const char* text;
    const char* printed;
  };
  for (const Row& row :
       {Row{"https://registry.example", "https://registry.example/"},
        Row{"https://registry.example.", "https://registry.example/"},
        Row{"https://registry.example:443/", "https://registry.example/"},
        Row{"https://registry.example:0443/", "https://registry.example/"},
        Row{"https://registry.example:/x", "https://registry.example/x"},
        Row{"http://registry.example:443/", "http://registry.example:443/"},
        Row{"http://registry.example:80", "http://registry.example/"},
        Row{"https://registry.example?q", "https://registry.example/?q"},
        Row{"https://registry.example#x", "https://registry.example/"},
        Row{"https://registry.example/a/./b/../c", "https://registry.example/a/c"},
        Row{"https://registry.example/a/%2E%2e/b/.%2e/", "https://registry.example/"},
        Row{"https://registry.example/../../x", "https://registry.example/x"},
        Row{"https://registry.example/a/..", "https://registry.example/"},
        Row{"https://registry.example/a//b/", "https://registry.example/a//b/"},
        Row{"https://registry.example/...", "https://registry.example/..."},
        Row{"https://registry.example/caf\xC3\xA9?\xC3\xA9",
            "https://registry.example/caf%C3%A9?%C3%A9"},
        Row{"https://registry.example/\"<>`{}", "https://registry.example/%22%3C%3E%60%7B%7D"},
        Row{"https://user:secret@registry.example/", "https://registry.example/"},
        Row{"http://127.0.0.1:4873/x", "http://127.0.0.1:4873/x"},
        Row{"http://[0:0:0:0:0:0:0:1]:80/", "http://[::1]/"},
        Row{"http://[2001:DB8::1]/", "http://[2001:db8::1]/"},
        Row{"https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"}}) {
    CAPTURE(row.text);
    const Url url = must(Url::parse(row.text));
    CHECK(url.text() == row.printed);
    CHECK(must(Url::parse(url.text())).text() == row.printed);
  }
}

TEST_CASE("T-NET-06 what parsers read differently is no address") {
  for (const char* text : {"",
                           "registry.example",
                           "//registry.example/",
                           "https:registry.example/",
                           "https:/registry.example/",
                           "https:///path",
                           "https://",
                           "https://:443/",
                           "https://@/",
                           "ftp://registry.example/",
                           "file:///etc/passwd",
                           "javascript://x/%0aalert(1)",
                           "https://registry.example%2f.evil.example/",
                           "https://registry%2eexample/",
                           "https://%72egistry.example/",
                           "https://registry.example\\.evil.example/",
                           "https://registry.example/a\\b",
                           "https://a@b@registry.example/",
                           "https://registry.example:x/",
                           "https://registry.example:0/",
                           "https://registry.example:65536/",
                           "https://registry.example:123456/",
                           "https://registry.example:-1/",
                           "https://registry..example/",
                           "https://registry.example../",
                           "https://.registry.example/",
                           "https://b\xC3\xBC"
                           "cher.example/",
                           "https://registry\xE3\x80\x82"
                           "example/",
                           "https://registry.example\xEF\xBC\x8Fx/",
                           "https://regi\xC2\xADstry.example/",
                           "https://127.1/",
                           "https://2130706433/",
                           "https://0x7f.0.0.1/",
                           "https://0177.0.0.1/",
                           "https://0x7f000001/",
                           "https://1.2.3.4.5/",
                           "https://256.0.0.1/",
                           "https://a.0x/",
                           "https://[::1/",
                           "https://[::1%25eth0]/",
                           "https://[1.2.3.4]/",
                           "https://[::1]x/",
                           "https://host name/",
                           "https://registry.example/a b",
                           " https://registry.example/",
                           "https://registry.example/\r\nHost: x",
                           "https://registry.example/\t",
                           "https://registry.example/\x7F",
                           "https://reg!stry.example/",
                           "https://reg*stry.example/"}) {
    CAPTURE(text);
    const Result<Url> url = Url::parse(text);
    REQUIRE_FALSE(url.has_value());
    CHECK(url.error().code() == ErrorCode::config_invalid);
  }
  CHECK_FALSE(Url::parse(std::string_view("https://registry.example/\0x", 27)).has_value());
  CHECK_FALSE(Url::parse("https://" + std::string(64, 'a') + ".example/").has_value());
  CHECK_FALSE(Url::parse("https://registry.example/" + std::string(20000, 'a')).has_value());
}

TEST_CASE("T-NET-06 what this parser takes, the forgiving one reads alike") {
  std::mt19937 random(6);
  const auto pick = [&random](const std::vector<std::string>& parts) {
    return parts[random() % parts.size()];
  };
  const std::vector<std::string> schemes = {"http://", "https://", "HTTPS://", "https:/", "ftp://"};
  const std::vector<std::string> users = {"", "", "u@", "u:p@", "u%40@", "u@v@", ":@"};
  const std::vector<std::string> hosts = {
      "a.example", "A.Example.", "127.0.0.1", "127.1", "0x7f.1", "[::1]",   "[1::0:2]", "a_b",
      "a..b",      "a%2eb",      "a\\b",      "1.2",   "a.1",    "1e2.com", "",         "-a"};
  const std::vector<std::string> ports = {"", "", ":80", ":443", ":0443", ":", ":x", ":65535"};
  const std::vector<std::string> tails = {"",     "/",      "/a/../b", "/%2e%2e/a", "?q",    "#f",
                                          "/a?b", "/a#b?c", "/a\\b",   "//a",       "/a:b@c"};
  int taken = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::string text = pick(schemes) + pick(users) + pick(hosts) + pick(ports) + pick(tails);
    CAPTURE(text);
    const Result<Url> url = Url::parse(text);
    if (!url) continue;
    ++taken;
    const std::optional<WebUrl> forgiving = WebUrl::parse(text);
    const std::optional<WebUrl> printed = WebUrl::parse(url->text());
    REQUIRE(forgiving);
    REQUIRE(printed);
    std::string host = forgiving->hostname();
    if (host.ends_with('.')) host.pop_back();
    CHECK(host == url->origin.host);
    CHECK(forgiving->pathname() == url->path);
    CHECK(printed->hostname() == url->origin.host);
    CHECK(printed->href() == url->text());
  }
  CHECK(taken > 1000);
}

TEST_CASE("T-NET-08 no line break, blank or zero byte gets into a request by an address") {
  for (const char c : {'\r', '\n', '\0', '\t', ' ', '\x7f'}) {
    for (const std::string before :
         {"https://r.example/a", "https://r.example/a?b=", "https://r"}) {
      CAPTURE(static_cast<int>(c));
      const auto url = Url::parse(before + c + "x.example");
      if (!url) continue;
      for (const char out : url->text()) {
        CHECK(static_cast<unsigned char>(out) > 0x20);
        CHECK(out != 0x7F);
      }
    }
  }
}

TEST_CASE("T-NET-07 userinfo is kept apart and never printed") {
  const Url url = must(Url::parse("https://user:pa%40ss@registry.example/x"));
  CHECK(url.userinfo == "user:pa%40ss");
  CHECK(url.text().find("pa%40ss") == std::string::npos);
  const Result<Url> refused = Url::parse("https://user:geheim@registry..example/x");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().text().find("geheim") == std::string::npos);
}

TEST_CASE("a redirect's reference is resolved against the address that sent it") {
  const Url base = must(Url::parse("https://registry.example/a/b/c?q=1"));
  struct Row {
    const char* reference;
    const char* resolved;
  };
  for (const Row& row :
       {Row{"", "https://registry.example/a/b/c?q=1"},
        Row{"#x", "https://registry.example/a/b/c?q=1"},
        Row{"?r=2", "https://registry.example/a/b/c?r=2"},
        Row{"d", "https://registry.example/a/b/d"}, Row{"./d", "https://registry.example/a/b/d"},
        Row{"../d?x", "https://registry.example/a/d?x"},
        Row{"../../../../d", "https://registry.example/d"},
        Row{"/d/../e", "https://registry.example/e"},
        Row{"//other.example/d", "https://other.example/d"},
        Row{"http://other.example:81", "http://other.example:81/"}}) {
    CAPTURE(row.reference);
    CHECK(must(base.resolved(row.reference)).text() == row.resolved);
  }
  for (const char* reference :
       {"ftp://other.example/", "file:///etc/passwd", "\\\\other.example\\x", "/a b",
        "//other%2eexample/", "https:d", "/a\r\nb"}) {
    CAPTURE(reference);
    CHECK_FALSE(base.resolved(reference).has_value());
  }
}

TEST_CASE("origins compare by scheme, host and port") {
  const auto origin = [](const char* text) { return must(Url::parse(text)).origin; };
  CHECK(origin("https://a.example/x") == origin("HTTPS://A.EXAMPLE.:443/y"));
  CHECK(origin("https://a.example/") != origin("http://a.example/"));
  CHECK(origin("https://a.example/") != origin("https://a.example:8443/"));
  CHECK(origin("https://a.example/") != origin("https://b.example/"));
}

TEST_CASE("loopback is known by number and name") {
  for (const char* text : {"http://127.0.0.1/", "http://127.1.2.3:80/", "http://[::1]/",
                           "http://localhost:4873/", "http://LOCALHOST./"}) {
    CAPTURE(text);
    CHECK(must(Url::parse(text)).is_loopback());
  }
  for (const char* text : {"http://128.0.0.1/", "http://127.0.0.1.example/",
                           "http://localhost.example/", "http://[::2]/", "http://127.example/"}) {
    CAPTURE(text);
    CHECK_FALSE(must(Url::parse(text)).is_loopback());
  }
}
