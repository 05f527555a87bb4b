#include "core/model/web_url.h"

#include <doctest/doctest.h>

using namespace hod;

TEST_CASE("an address is read and printed as JavaScript's URL does") {
  struct Row {
    const char* text;
    const char* href;
  };
  for (const Row& row :
       {Row{"HTTPS://User:p%40ss@GitHub.COM:443/a/../b?q#f",
            "https://User:p%40ss@github.com/b?q#f"},
        Row{"https:github.com/a", "https://github.com/a"},
        Row{"https:\\\\github.com\\a\\..\\b", "https://github.com/b"},
        Row{"git+ssh://git@GitHub.com:2222/a/b.git", "git+ssh://git@GitHub.com:2222/a/b.git"},
        Row{"git://host.example", "git://host.example"},
        Row{"http://host.example", "http://host.example/"},
        Row{"github:a/b#c d", "github:a/b#c%20d"},
        Row{"github:/a/b", "github:/a/b"},
        Row{"x:/..//a", "x:/.//a"},
        Row{" \tgit://h.example/a\nb ", "git://h.example/ab"},
        Row{"https://a@b@h.example/", "https://a%40b@h.example/"},
        Row{"https://user:@h.example/", "https://user@h.example/"},
        Row{"http://0x7f.1/", "http://127.0.0.1/"},
        Row{"http://[0:0::1:0:0]/", "http://[::1:0:0]/"},
        Row{"http://[::ffff:1.2.3.4]:8080/", "http://[::ffff:102:304]:8080/"},
        Row{"git+file:///a/b", "git+file:///a/b"},
        Row{"file:a/./b", "file:///a/b"},
        Row{"file:///C|/x/../..", "file:///C:/"},
        Row{"file://localhost/a", "file:///a"},
        Row{"https://h.example/a\"b<c>`{d}\xC3\xA9",
            "https://h.example/a%22b%3Cc%3E%60%7Bd%7D%C3%A9"},
        Row{"https://h.example/?'#'", "https://h.example/?%27#'"}}) {
    CAPTURE(row.text);
    const std::optional<WebUrl> url = WebUrl::parse(row.text);
    REQUIRE(url);
    CHECK(url->href() == row.href);
    CHECK(WebUrl::parse(url->href())->href() == row.href);
  }
}

TEST_CASE("what JavaScript's URL throws at gives nothing") {
  for (const char* text :
       {"", "a/b", "//host", "1x://host", "https://", "https://:80/", "git://:80/", "git://user@/",
        "https://host:port/", "git+ssh://git@github.com:a/b", "https://h:65536/", "https://a b/",
        "https://a%2fb/", "https://256.0.0.1/", "https://1.2.3.4.5/", "https://[::1/",
        "https://[x]/", "git://a^b/", "https://caf\xC3\xA9.example/"}) {
    CAPTURE(text);
    CHECK_FALSE(WebUrl::parse(text).has_value());
  }
}

TEST_CASE("an address falls into the parts that JavaScript names") {
  const WebUrl url = *WebUrl::parse("git+ssh://us%65r:p@Host.example:22/a/b?q#frag ment");
  CHECK(url.protocol() == "git+ssh:");
  CHECK(url.username() == "us%65r");
  CHECK(url.password() == "p");
  CHECK(url.hostname() == "Host.example");
  CHECK(url.host() == "Host.example:22");
  CHECK(url.pathname() == "/a/b");
  CHECK(url.hash() == "#frag%20ment");
  WebUrl without = url;
  without.clear_hash();
  CHECK(without.href() == "git+ssh://us%65r:p@Host.example:22/a/b?q");
  CHECK(WebUrl::parse("github:a/b")->pathname() == "a/b");
  CHECK(WebUrl::parse("git://h.example#")->hash().empty());
}

TEST_CASE("a relative file address is resolved against its base") {
  const WebUrl base = *WebUrl::parse("file:///proj/app/");
  struct Row {
    const char* text;
    const char* pathname;
  };
  for (const Row& row :
       {Row{"file:x", "/proj/app/x"}, Row{"file:../x", "/proj/x"}, Row{"file:", "/proj/app/"},
        Row{"file:.", "/proj/app/"}, Row{"file:/x", "/x"}, Row{"file:///x/..", "/"},
        Row{"file:../../../../x", "/x"}, Row{"file:C:/x", "/C:/x"}}) {
    CAPTURE(row.text);
    CHECK(WebUrl::parse(row.text, &base)->pathname() == row.pathname);
  }
}
