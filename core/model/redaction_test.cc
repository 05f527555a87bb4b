#include <string>

#include <doctest/doctest.h>

#include "core/model/url.h"

using namespace hod;

TEST_CASE("T-NET-07 secrets are taken out of any text") {
  struct Row {
    const char* text;
    const char* shown;
  };
  for (const Row& row :
       {Row{"get https://user:geheim@registry.example/x failed",
            "get https://***@registry.example/x failed"},
        Row{"https://geheim@registry.example/", "https://***@registry.example/"},
        Row{"https://user:ge/he@im@registry.example/x", "https://***@registry.example/x"},
        Row{"git+https://user:geheim@github.com/a/b.git#v1",
            "git+https://***@github.com/a/b.git#v1"},
        Row{"git+ssh://git:geheim@host.example/a", "git+ssh://***@host.example/a"},
        Row{"`https://u:p@a.example/`, `https://u:p@b.example/`",
            "`https://***@a.example/`, `https://***@b.example/`"},
        Row{"//registry.example/:_authToken=geheim", "//registry.example/:_authToken=***"},
        Row{"//registry.example/:_password = \"geheim\"",
            "//registry.example/:_password = \"***\""},
        Row{"_auth=Z2VoZWlt==", "_auth=***"}, Row{"NPM_TOKEN=geheim make", "NPM_TOKEN=*** make"},
        Row{"NODE_AUTH_TOKEN=geheim", "NODE_AUTH_TOKEN=***"},
        Row{"authorization: Bearer geheim", "authorization: Bearer ***"},
        Row{"Authorization: Basic Z2VoZWlt", "Authorization: Basic ***"},
        Row{"npm-otp: 123456", "npm-otp: ***"},
        Row{"https://a.example/x?token=geheim&b=1", "https://a.example/x?token=***&b=1"},
        Row{"https://a.example/x?X-Amz-Signature=geheim&X-Amz-Credential=geheim#f",
            "https://a.example/x?X-Amz-Signature=***&X-Amz-Credential=***#f"},
        Row{"{\"token\":\"geheim\",\"ok\":true}", "{\"token\":\"***\",\"ok\":true}"},
        Row{"the key npm_abcdefghijklmnopqrstuvwxyz0123456789 is old", "the key *** is old"},
        Row{"github_pat_11AAAAAAA0abcdefghijkl_0123456789", "***"}}) {
    CAPTURE(row.text);
    CHECK(redacted(row.text) == row.shown);
  }
}

TEST_CASE("what is no secret stays readable") {
  for (const char* text :
       {"", "plain words", "git+ssh://git@host.example/a/b.git",
        "https://registry.example/@scope/x", "https://registry.example:8080/@scope/x",
        "http://[::1]:80/@s/x", "unexpected token: `}`", "npm_config_fetch_retry_maxtimeout_2 is 5",
        "a@b.example", "mail to user@host", "auth-type is web", "https://registry.example/x?tokens",
        "secretary: yes"}) {
    CAPTURE(text);
    CHECK(redacted(text) == text);
  }
}

TEST_CASE("T-RES-03 hiding secrets takes time in proportion to the text") {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += "://a:b/";
  CHECK(redacted(text).size() == text.size());
}
