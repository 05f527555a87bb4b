#include "core/model/npmrc.h"

#include <doctest/doctest.h>

using namespace hod;

namespace {

const Environment kEnvironment{{{"TOKEN", "t1"}, {"HOST", "h.example"}, {"KEY", "tag"}}};

Npmrc read(std::string_view text, Trust trust = Trust::user) {
  return must(read_npmrc(text, {trust, &kEnvironment, "/home/u", "/proj", true}));
}

std::string text_of(const Npmrc& file, std::string_view key) {
  const Json* value = file.find(key);
  return value ? value->dump() : "not set";
}

}  // namespace

TEST_CASE("entries have types, lines and reasons") {
  const Npmrc file =
      read("registry=https://r.example\n\nfetch-retries=many\n${KEY}=next\nunknown=1\n");
  CHECK(text_of(file, "registry") == R"("https://r.example/")");
  CHECK(file.entry("registry")->line == 1);
  CHECK(text_of(file, "tag") == R"("next")");
  CHECK(file.entry("tag")->line == 4);
  CHECK(text_of(file, "unknown") == R"("1")");
  REQUIRE(file.entry("fetch-retries"));
  CHECK(file.entry("fetch-retries")->state == NpmrcEntry::State::invalid);
  CHECK(file.entry("fetch-retries")->why == "it must be a number");
  CHECK(text_of(file, "fetch-retries") == "not set");
}

TEST_CASE("keys that npm refuses beside each other are marked") {
  const Npmrc file = read("save-dev=true\nsave-prod=true\n");
  CHECK(file.entry("save-prod")->state == NpmrcEntry::State::conflicting);
  CHECK(text_of(file, "save-dev") == "true");
}

TEST_CASE("credentials are found by the address they are for") {
  CHECK(nerf_dart("https://r.example/npm/x") == "//r.example/npm/");
  CHECK(nerf_dart("https://r.example:8080") == "//r.example:8080/");
  CHECK_FALSE(nerf_dart("nowhere"));
  CHECK(registry_key("//r.example:8080/:_authToken")->prefix == "//r.example:8080/");
  CHECK(registry_key("//r.example:8080/:_authToken")->name == "_authToken");
  CHECK_FALSE(registry_key("@s:registry"));

  const auto token = registry_credentials(
      "//r.example/", {{"//r.example/:_authToken", "t"}, {"//r.example/:_auth", "dTpw"}});
  CHECK(token.authorization() == "Bearer t");
  const auto basic = registry_credentials(
      "//r.example/", {{"//r.example/:username", "u"}, {"//r.example/:_password", "cA=="}});
  CHECK(basic.authorization() == "Basic dTpw");
  const auto both = registry_credentials("//r.example/", {{"//r.example/:_auth", "dTpwOnE="}});
  CHECK(both.username == "u");
  CHECK(both.password == "p:q");
  CHECK(registry_credentials("//r.example/", {{"//r.example/:username", "u"}}).empty());
  CHECK(registry_credentials("//r.example/", {{"//other.example/:_authToken", "t"}}).empty());
  CHECK(registry_credentials("", {{"_authToken", "t"}}).authorization() == "Bearer t");
}

TEST_CASE("T-CFG-02: what a project may not set is refused, with the way out") {
  const Npmrc file =
      read("strict-ssl=false\ngit=./evil\nsave-exact=true\nmy-tool-key=1\n", Trust::project);
  CHECK(text_of(file, "strict-ssl") == "not set");
  CHECK(file.entry("git")->state == NpmrcEntry::State::refused);
  CHECK(file.entry("git")->why ==
        "a project's file may not set this; put it into your own ~/.npmrc");
  CHECK(text_of(file, "save-exact") == "true");
  CHECK(file.entry("my-tool-key")->state == NpmrcEntry::State::set);  // nobody reads it
}

TEST_CASE(
    "T-NET-04: in a project's file no variable gets into an address, a credential or a name") {
  const Npmrc file = read(
      "registry=https://evil.example/${TOKEN}/\n@s:registry=https://${HOST}/\n//evil.example/"
      ":_authToken=${TOKEN}\n"
      "//${HOST}/"
      ":_authToken=x\n_auth=${TOKEN}\nreplace-registry-host=${HOST}\nmy-key=${TOKEN}\ntag=${KEY}\n",
      Trust::project);
  for (const char* key : {"registry", "@s:registry", "//evil.example/:_authToken",
                          "//${HOST}/:_authToken", "_auth", "replace-registry-host"}) {
    CAPTURE(key);
    REQUIRE(file.entry(key));
    CHECK(file.entry(key)->state == NpmrcEntry::State::refused);
  }
  CHECK(text_of(file, "my-key") == R"("${TOKEN}")");
  CHECK(text_of(file, "tag") == R"("tag")");

  const Npmrc literal =
      read("registry=https://r.example/\n//r.example/:_authToken=abc\n", Trust::project);
  CHECK(text_of(literal, "//r.example/:_authToken") == R"("abc")");
  CHECK(text_of(read("//${HOST}/:_authToken=${TOKEN}\n"), "//h.example/:_authToken") == R"("t1")");
}
