#include "core/model/legacy_url.h"

#include <doctest/doctest.h>

using namespace hod;

TEST_CASE("addresses are written as Node.js's url.parse writes them") {
  struct Row {
    const char* text;
    const char* href;
  };
  for (const Row& row :
       {Row{"https://r.example", "https://r.example/"},
        Row{" HTTP://R.Example:80/a/../b?x#y ", "http://r.example:80/a/../b?x#y"},
        Row{"https:\\\\r.example\\a", "https://r.example/a"},
        Row{"http://u:p@h:8080", "http://u:p@h:8080/"}, Row{"http://u%40x@h", "http://u%40x@h/"},
        Row{"localhost:8080", "localhost:8080"},
        Row{"http://[::1]:8080/x y", "http://[::1]:8080/x%20y"}}) {
    CAPTURE(row.text);
    CHECK(legacy_url_href(row.text) == row.href);
  }
}

TEST_CASE("what names no host is no address") {
  for (const char* text :
       {"", "abc", "/a/b", "//host/a", "http:host", "https://", "javascript:x", "http://%zz@h"}) {
    CAPTURE(text);
    CHECK_FALSE(legacy_url_href(text));
  }
}
