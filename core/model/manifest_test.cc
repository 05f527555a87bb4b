// SPDX-License-Identifier: MIT
#include "core/model/manifest.h"

#include <doctest/doctest.h>

using namespace hod;

namespace {

Manifest strict(std::string_view text) {
  auto parsed = Manifest::parse(text, "package.json", Strict::yes);
  INFO(text);
  if (!parsed) FAIL(parsed.error().text());
  return std::move(*parsed);
}

Manifest lenient(std::string_view text) {
  return must(Manifest::parse(text, "package.json", Strict::no));
}

std::string listed(const Manifest& manifest) {
  std::string text;
  for (const Dependency& dependency : manifest.dependencies) {
    text += (text.empty() ? "" : ", ") + dependency.alias + "@" + dependency.specifier + "/" +
            std::string(dependency_kind_name(dependency.kind));
  }
  return text;
}

}  // namespace

TEST_CASE("a manifest's fields are read") {
  const Manifest manifest = strict(R"({
    "name": "@scope/app", "version": "1.2.3", "private": true, "packageManager": "hod@1.0.0",
    "dependencies": {"b": "^1", "a": "2"},
    "scripts": {"test": "node t.js", "build": "make"},
    "engines": {"node": ">=18", "npm": "*"},
    "os": ["linux", "!win32"], "cpu": "x64", "libc": ["glibc"],
    "bin": {"tool": "./bin/tool.js"},
    "bundleDependencies": ["a"],
    "workspaces": ["packages/*", "!packages/old"],
    "something else": [1, 2]})");
  CHECK(manifest.name == "@scope/app");
  CHECK(manifest.version == "1.2.3");
  CHECK(manifest.is_private);
  CHECK(manifest.package_manager == "hod@1.0.0");
  CHECK(listed(manifest) == "a@2/prod, b@^1/prod");
  CHECK(manifest.scripts.front().first == "test");
  REQUIRE(manifest.script("build") != nullptr);
  CHECK(*manifest.script("build") == "make");
  CHECK(manifest.script("absent") == nullptr);
  CHECK(manifest.engines.front().second == ">=18");
  CHECK(manifest.platform == PlatformNeeds{{"linux", "!win32"}, {"x64"}, {"glibc"}});
  REQUIRE(manifest.bins.size() == 1);
  CHECK(manifest.bins[0] == Bin{"tool", "bin/tool.js"});
  CHECK(manifest.bundled == std::vector<std::string>{"a"});
  CHECK(manifest.workspaces == std::vector<std::string>{"packages/*", "!packages/old"});
  CHECK(manifest.json.find("something else")->elements().size() == 2);
  CHECK(manifest.path == "package.json");
}

TEST_CASE("an empty manifest is one") {
  const Manifest manifest = strict("{}");
  CHECK(manifest.name.empty());
  CHECK(manifest.dependencies.empty());
  CHECK_FALSE(manifest.is_private);
}

TEST_CASE("a name in several fields is optional first, then production, then development") {
  CHECK(listed(strict(R"({
    "devDependencies": {"a": "dev", "b": "dev", "c": "dev"},
    "dependencies": {"a": "prod", "b": "prod"},
    "optionalDependencies": {"a": "opt"}})")) == "a@opt/optional, b@prod/prod, c@dev/dev");
}

TEST_CASE("peers stand beside other kinds") {
  CHECK(listed(strict(R"({
    "devDependencies": {"react": "18.2.0"},
    "peerDependencies": {"react": ">=17", "vue": "*", "svelte": "4"},
    "peerDependenciesMeta": {"vue": {"optional": true}, "svelte": {"optional": false},
                             "nobody": {"optional": true}, "react": {}}})")) ==
        "react@18.2.0/dev, react@>=17/peer, svelte@4/peer, vue@*/peerOptional");
}

TEST_CASE("bundled dependencies have two spellings and may mean all") {
  CHECK(strict(R"({"bundledDependencies": ["x"]})").bundled == std::vector<std::string>{"x"});
  CHECK(strict(R"({"bundleDependencies": ["y"], "bundledDependencies": ["x"]})").bundled ==
        std::vector<std::string>{"y"});
  CHECK(strict(R"({"bundleDependencies": false, "dependencies": {"a": "1"}})").bundled.empty());
  CHECK(strict(R"({"bundleDependencies": true, "dependencies": {"a": "1"},
                   "optionalDependencies": {"b": "1"}, "devDependencies": {"c": "1"}})")
            .bundled == std::vector<std::string>{"a", "b"});
}

TEST_CASE("workspaces may be yarn's object") {
  CHECK(strict(R"({"workspaces": {"packages": ["p/*"], "nohoist": ["x"]}})").workspaces ==
        std::vector<std::string>{"p/*"});
  CHECK(strict(R"({"workspaces": {"nohoist": []}})").workspaces.empty());
}

TEST_CASE("a field of the wrong type in a project's manifest is an error with its place") {
  struct Row {
    const char* text;
    const char* what;
    const char* line;
  };
  const Row rows[] = {
      {"{\n\"name\": 1}", "`name` must be a string, it is a number", "package.json:2:"},
      {"{\"version\": null}", "`version` must be a string, it is null", "package.json:1:"},
      {"{\n\n\"dependencies\": []}", "`dependencies` must be an object, it is an array",
       "package.json:3:"},
      {"{\"dependencies\": {\n\"a\": 1}}", "`dependencies.a` must be a string, it is a number",
       "package.json:2:"},
      {"{\"devDependencies\": \"a\"}", "`devDependencies` must be an object, it is a string",
       ":1:"},
      {"{\"optionalDependencies\": {\"a\": {}}}",
       "`optionalDependencies.a` must be a string, it is an object", ":1:"},
      {"{\"peerDependencies\": true}", "`peerDependencies` must be an object, it is a boolean",
       ":1:"},
      {"{\"peerDependenciesMeta\": []}", "`peerDependenciesMeta` must be an object", ":1:"},
      {"{\"peerDependenciesMeta\": {\"a\": true}}", "`peerDependenciesMeta.a` must be an object",
       ":1:"},
      {"{\"peerDependenciesMeta\": {\"a\": {\"optional\": 1}}}",
       "`peerDependenciesMeta.a.optional` must be true or false", ":1:"},
      {"{\"bundleDependencies\": \"a\"}", "`bundleDependencies` must be a list of names", ":1:"},
      {"{\"bundledDependencies\": [1]}", "`bundledDependencies` must be a list of strings", ":1:"},
      {"{\"bin\": 5}", "`bin` must be a string or an object", ":1:"},
      {"{\"bin\": {\"a\": 5}}", "`bin.a` must be a string", ":1:"},
      {"{\"directories\": \"x\"}", "`directories` must be an object", ":1:"},
      {"{\"scripts\": []}", "`scripts` must be an object", ":1:"},
      {"{\"scripts\": {\"test\": [\"a\"]}}", "`scripts.test` must be a string", ":1:"},
      {"{\"engines\": [\"node\"]}", "`engines` must be an object", ":1:"},
      {"{\"os\": 1}", "`os` must be a list of strings", ":1:"},
      {"{\"cpu\": [1]}", "`cpu` must be a list of strings", ":1:"},
      {"{\"libc\": {}}", "`libc` must be a list of strings", ":1:"},
      {"{\"workspaces\": \"packages/*\"}", "`workspaces` must be a list of strings", ":1:"},
      {"{\"workspaces\": {\"packages\": \"p\"}}", "`workspaces.packages` must be a list of strings",
       ":1:"},
      {"{\"workspaces\": [1]}", "`workspaces` must be a list of strings", ":1:"},
      {"{\"packageManager\": {}}", "`packageManager` must be a string", ":1:"},
      {"{\"private\": \"yes\"}", "`private` must be true or false", ":1:"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto parsed = Manifest::parse(row.text, "package.json", Strict::yes);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code() == ErrorCode::manifest_invalid);
    CHECK(parsed.error().what().find(row.what) != std::string::npos);
    CHECK(parsed.error().where().find(row.line) != std::string::npos);
    // The same field in a dependency's manifest is as if it were absent.
    const Manifest tolerated = lenient(row.text);
    CHECK(tolerated.name.empty());
    CHECK(tolerated.dependencies.empty());
    CHECK(tolerated.bundled.empty());
    CHECK(tolerated.scripts.empty());
    CHECK(tolerated.workspaces.empty());
    CHECK(tolerated.platform.empty());
  }
}

TEST_CASE("one wrong entry in a dependency's manifest does not hide the others") {
  CHECK(listed(lenient(R"({"dependencies": {"a": 1, "b": "^1"}, "optionalDependencies": 7})")) ==
        "b@^1/prod");
  CHECK(lenient(R"({"os": ["linux", 1]})").platform.os == std::vector<std::string>{"linux"});
}

TEST_CASE(
    "T-LINK-04 T-RES-02: names that could act as paths or are no names never become aliases") {
  for (const char* name : {"../../x", "@x/../../y", ".bin", "node_modules", "__proto__", "", "a/b",
                           "@scope", "/abs", "a\\u0000b", "a\\\\b", "@x/node_modules"}) {
    CAPTURE(name);
    for (const char* field :
         {"dependencies", "devDependencies", "optionalDependencies", "peerDependencies"}) {
      const std::string text =
          "{\n  \"" + std::string(field) + "\": {\"" + name + "\": \"1\", \"good\": \"1\"}}";
      const auto parsed = Manifest::parse(text, "package.json", Strict::yes);
      REQUIRE_FALSE(parsed);
      CHECK(parsed.error().code() == ErrorCode::manifest_invalid);
      CHECK(parsed.error().where().find("package.json:2:") == 0);
      const Manifest tolerated = lenient(text);
      REQUIRE(tolerated.dependencies.size() == 1);
      CHECK(tolerated.dependencies[0].alias == "good");
    }
    const std::string bundled = "{\"bundleDependencies\": [\"" + std::string(name) + "\"]}";
    CHECK_FALSE(Manifest::parse(bundled, "package.json", Strict::yes));
    CHECK(lenient(bundled).bundled.empty());
  }
}

TEST_CASE("T-RES-02: constructor and toString are names like any other") {
  CHECK(listed(strict(R"({"dependencies": {"constructor": "1", "toString": "2"}})")) ==
        "constructor@1/prod, toString@2/prod");
}

TEST_CASE("what is no object is no manifest, in files of the project and of dependencies") {
  for (const char* text : {"[]", "null", "\"x\"", "1"}) {
    for (const Strict mode : {Strict::yes, Strict::no}) {
      const auto parsed = Manifest::parse(text, "package.json", mode);
      REQUIRE_FALSE(parsed);
      CHECK(parsed.error().code() == ErrorCode::manifest_invalid);
    }
  }
}

TEST_CASE("what is no JSON is told with its place") {
  const auto parsed = Manifest::parse("{\n  \"name\": \"a\",\n}", "sub/package.json", Strict::no);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code() == ErrorCode::json_invalid);
  CHECK(parsed.error().where().find("sub/package.json:3:") == 0);
}
