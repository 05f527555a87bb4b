#include "cli/settings_table.h"

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::cli;

TEST_CASE("settings are sorted, and no name means two of them") {
  const auto rows = setting_table();
  CHECK(std::is_sorted(rows.begin(), rows.end(),
                       [](const SettingRow& a, const SettingRow& b) { return a.key < b.key; }));
  std::set<std::string_view> names;
  for (const SettingRow& row : rows) {
    CAPTURE(std::string(row.key));
    CHECK(names.insert(row.key).second);
    CHECK(find_setting(row.key) == &row);
  }
  CHECK(canonical_key("node-linker") == "layout");
  CHECK(canonical_key("install-strategy") == "layout");
  CHECK(canonical_key("whatever") == "whatever");
  CHECK(find_setting("") == nullptr);
}

TEST_CASE("keys of registries are recognised") {
  CHECK(is_scope_registry("@s:registry"));
  CHECK_FALSE(is_scope_registry("@:registry"));
  CHECK_FALSE(is_scope_registry("registry"));
  CHECK(is_registry_setting("//r.example/:_authToken"));
  CHECK(is_registry_setting("_auth"));
  CHECK_FALSE(is_registry_setting("registry"));
}

TEST_CASE("T-NET-07: whatever sounds like a secret is one") {
  for (const char* key : {"_authToken", "_auth", "//r.example/:_password", "key", "otp",
                          "my-api-token", "GITHUB_SECRET", "password"}) {
    CAPTURE(std::string(key));
    CHECK(is_secret(key));
  }
  for (const char* key :
       {"registry", "@s:registry", "//r.example/:username", "keyfile", "author"}) {
    CAPTURE(std::string(key));
    CHECK_FALSE(is_secret(key));
  }
}

TEST_CASE("an address of a registry ends with a slash and has nothing behind its path") {
  CHECK(registry_address("https://r.example") == "https://r.example/");
  CHECK(registry_address(" https://r.example/npm ") == "https://r.example/npm/");
  for (const char* text : {"", "r.example", "ftp://r.example/", "https://r.example/?a",
                           "https://r.example/#a", "https://r example/"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(registry_address(text));
  }
  CHECK(project_address_refusal("https://r.example/").empty());
  CHECK(project_address_refusal("http://localhost:1/").empty());
  CHECK_FALSE(project_address_refusal("http://r.example/").empty());
}

TEST_CASE("a value that does not fit leaves the field alone and says what would fit") {
  Settings settings;
  const GivenSetting bad{"fetch-timeout", Json::string("-1"), {}, {}, true};
  CHECK(find_setting("fetch-timeout")->apply(settings, bad) ==
        "it must be milliseconds, from 1 to 86400000");
  CHECK(settings.fetch_timeout.value.count() == 0);
  const GivenSetting injected{"user-agent", Json::string("a\r\nb: c"), {}, {}, true};
  CHECK(find_setting("user-agent")->apply(settings, injected) ==
        "it must not hold control characters");  // T-NET-08
  CHECK(settings.user_agent.value.empty());
}
