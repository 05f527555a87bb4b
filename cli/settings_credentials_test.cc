#include "cli/settings_credentials.h"

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::cli;

namespace {

using Kind = SettingSource::Kind;

GivenSetting setting(Kind kind, std::string key, std::string_view value) {
  return {std::move(key), Json::string(value), {kind, "/file", 1}, {}, true};
}

// "origin+path authorization" of each, in order.
std::string found(const std::vector<GivenSetting>& given) {
  std::string text;
  for (const auto& credential : find_credentials(given, "https://default.example/").credentials) {
    text += (text.empty() ? "" : "; ") + credential.value.origin.text() +
            credential.value.path_prefix + ' ' + credential.value.authorization;
  }
  return text;
}

}  // namespace

TEST_CASE("T-NET-02: scoped credentials are for https, and for http where the user says so") {
  CHECK(found({setting(Kind::user_npmrc, "//r.example/a/:_authToken", "t")}) ==
        "https://r.example/a/ Bearer t");
  CHECK(found({setting(Kind::user_npmrc, "//[::1]:8080/:_authToken", "t")}) ==
        "https://[::1]:8080/ Bearer t; http://[::1]:8080/ Bearer t");
  CHECK(found({setting(Kind::user_npmrc, "@s:registry", "http://r.example/x/"),
               setting(Kind::user_npmrc, "//r.example/:_auth", "dTpw")}) ==
        "https://r.example/ Basic dTpw; http://r.example/ Basic dTpw");
  CHECK(found({setting(Kind::project_npmrc, "@s:registry", "http://r.example/x/"),
               setting(Kind::user_npmrc, "//r.example/:_auth", "dTpw")}) ==
        "https://r.example/ Basic dTpw");
}

TEST_CASE("the source that wins gives each part, and what is refused gives none") {
  std::vector<GivenSetting> given{setting(Kind::user_npmrc, "//r.example/:_authToken", "old"),
                                  setting(Kind::environment, "//r.example/:_authToken", "new")};
  CHECK(found(given) == "https://r.example/ Bearer new");
  given[1].refused = "it must not";
  CHECK(found(given) == "https://r.example/ Bearer old");
  CHECK(found({setting(Kind::user_npmrc, "//r.example/:username", "u")}) == "");
}

TEST_CASE("T-NET-03: an unscoped credential is bound by the source it stands in") {
  CHECK(found({setting(Kind::user_npmrc, "_authToken", "t"),
               setting(Kind::project_npmrc, "registry", "https://evil.example/")}) ==
        "https://default.example/ Bearer t");
  CHECK(found({setting(Kind::user_npmrc, "registry", "https://r.example/"),
               setting(Kind::environment, "_authToken", "t"),
               setting(Kind::flag, "registry", "https://other.example/")}) ==
        "https://r.example/ Bearer t");
  const CredentialSettings project =
      find_credentials({setting(Kind::project_npmrc, "_auth", "dTpw")}, "https://default.example/");
  CHECK(project.credentials.empty());
  REQUIRE(project.warnings.size() == 1);
  CHECK(project.warnings[0].find("dTpw") == std::string::npos);
}

TEST_CASE("T-CFG-04 a token helper is named by the user's own files, with its whole path") {
  const auto helpers = [](Kind kind, const char* path) {
    const CredentialSettings read = find_credentials(
        {setting(kind, "//r.example/:tokenHelper", path)}, "https://default.example/");
    if (read.credentials.empty())
      return "ignored, warnings: " + std::to_string(read.warnings.size());
    return read.credentials[0].value.origin.text() + " " + read.credentials[0].value.token_helper;
  };
  CHECK(helpers(Kind::user_npmrc, "/opt/helper") == "https://r.example /opt/helper");
  CHECK(helpers(Kind::user_file, "/opt/helper") == "https://r.example /opt/helper");
  for (const Kind kind : {Kind::system_file, Kind::project_npmrc, Kind::project_manifest,
                          Kind::environment, Kind::flag}) {
    CHECK(helpers(kind, "/opt/helper") == "ignored, warnings: 1");
  }
  for (const char* path : {"helper", "./helper", "~/helper", "../helper", "/opt/a\nb"}) {
    CHECK(helpers(Kind::user_npmrc, path) == "ignored, warnings: 1");
  }
  // A token that stands there needs no program.
  const auto both = find_credentials({setting(Kind::user_npmrc, "//r.example/:tokenHelper", "/h"),
                                      setting(Kind::user_npmrc, "//r.example/:_authToken", "t")},
                                     "https://default.example/")
                        .credentials;
  REQUIRE(both.size() == 1);
  CHECK(both[0].value.authorization == "Bearer t");
  CHECK(both[0].value.token_helper.empty());
}

TEST_CASE("a client certificate needs both of its files") {
  std::vector<GivenSetting> given{setting(Kind::user_npmrc, "//r.example/:certfile", "/c.pem")};
  CHECK(find_credentials(given, "https://default.example/").credentials.empty());
  given.push_back(setting(Kind::user_npmrc, "//r.example/:keyfile", "/k.pem"));
  const auto credentials = find_credentials(given, "https://default.example/").credentials;
  REQUIRE(credentials.size() == 1);
  CHECK(credentials[0].value.client_certificate == "/c.pem");
  CHECK(credentials[0].value.client_key == "/k.pem");
}

TEST_CASE("T-NET-06: a key that names no address is a warning") {
  const CredentialSettings result = find_credentials(
      {setting(Kind::user_npmrc, "//r%2fx.example/:_authToken", "t")}, "https://default.example/");
  CHECK(result.credentials.empty());
  CHECK(result.warnings.size() == 1);
}
