// SPDX-License-Identifier: MIT
#include "core/model/overrides.h"

#include <doctest/doctest.h>

using namespace hod;

namespace {

std::string step_text(const OverrideStep& step) {
  return step.selector.empty() ? step.name : step.name + "@" + step.selector;
}

// One line a rule: "parent > parent >! target = specifier"; ">!" before the target: the parent is
// the immediate one.
std::string rules_of(std::string_view manifest) {
  const auto overrides =
      Overrides::of_manifest(must(Json::parse(manifest, "package.json")), "package.json", manifest);
  if (!overrides) return overrides.error().text();
  std::string text;
  for (const Override& rule : overrides->rules) {
    for (std::size_t i = 0; i < rule.parents.size(); ++i) {
      text += step_text(rule.parents[i]);
      text += rule.direct_parent && i + 1 == rule.parents.size() ? " >! " : " > ";
    }
    text += step_text(rule.target) + " = " + rule.specifier + "\n";
  }
  return text;
}

Overrides overrides_of(std::string_view manifest) {
  return must(Overrides::of_manifest(must(Json::parse(manifest, "")), ""));
}

struct Scene {
  std::string_view name;
  std::string_view version;
};

// What the edge name@specifier below `path` asks for.
std::string asked(const Overrides& overrides, std::initializer_list<Scene> path,
                  std::string_view name, std::string_view specifier) {
  std::vector<OverrideAncestor> ancestors;
  for (const Scene& scene : path) {
    ancestors.push_back({scene.name, parse_version_view(scene.version)});
  }
  const Override* rule = overrides.match(ancestors, name, specifier);
  return rule ? rule->specifier : std::string(specifier);
}

}  // namespace

TEST_CASE("npm's overrides nest, name versions and refer to direct dependencies") {
  CHECK(rules_of(R"({
    "dependencies": {"react": "^18.2.0"},
    "overrides": {
      "a": "1.0.0",
      "b@^2": {".": "2.1.0", "c": "3", "@s/d@1": {"e": "$react"}},
      "any": "*", "same": ""
    }})") ==
        "b@^2 > @s/d@1 > e = ^18.2.0\n"
        "b@^2 > c = 3\n"
        "b@^2 = 2.1.0\n"
        "a = 1.0.0\n");
}

TEST_CASE("pnpm's overrides name the immediate parent and may remove a dependency") {
  CHECK(rules_of(R"({"pnpm": {"overrides": {
    "a": "1", "b@2>@s/c@>=3 <4": "3.1.0", "d@>1 || >2>e": "-", "f@>2": "2"}}})") ==
        "b@2 >! @s/c@>=3 <4 = 3.1.0\n"
        "d@>1 || >2 >! e = -\n"
        "f@>2 = 2\n"
        "a = 1\n");
}

TEST_CASE("yarn's resolutions are paths of names") {
  CHECK(rules_of(R"({"resolutions": {
    "a": "1", "**/b": "2", "c/**/d": "3", "e/f": "4", "@s/g/@t/h": "5",
    "i@npm:^1.0.0": "npm:1.2.3", "j": "npm:k@1", "c/**/@s/l": "6"}})") ==
        "c > d = 3\n"
        "e >! f = 4\n"
        "@s/g >! @t/h = 5\n"
        "c > @s/l = 6\n"
        "i@^1.0.0 = 1.2.3\n"
        "a = 1\n"
        "b = 2\n"
        "j = npm:k@1\n");
}

TEST_CASE("a reference is looked up in every field of direct dependencies") {
  CHECK(rules_of(R"({
    "devDependencies": {"a": "dev"}, "dependencies": {"a": "prod", "b": "prod"},
    "optionalDependencies": {"c": "opt"}, "peerDependencies": {"d": "peer"},
    "overrides": {"a": "$a", "x": "$b", "c": "$c", "d": "$d"}})") ==
        "a = dev\nx = prod\nc = opt\nd = peer\n");
}

TEST_CASE("an override that cannot be read is an error with its place") {
  struct Row {
    const char* text;
    const char* part;
  };
  for (const Row& row : {
           Row{"{\n\"overrides\": []}", "`overrides` must be an object, it is an array"},
           Row{"{\n\"overrides\": {\"a\": 1}}", "`overrides.a` must be a string, it is a number"},
           Row{"{\n\"overrides\": {\"a\": {\"b\": []}}}", "`overrides.a.b` must be a string"},
           Row{"{\n\"overrides\": {\"a\": \"$b\"}}", "`overrides.a` refers to `$b`"},
           Row{"{\n\"overrides\": {\"../a\": \"1\"}}", "the key of `overrides.../a` is not valid"},
           Row{"{\n\"overrides\": {\".\": \"1\"}}", "the key of `overrides..` is not valid"},
           Row{"{\n\"overrides\": {\"\": \"1\"}}", "the key of `overrides.` is not valid"},
           Row{"{\n\"pnpm\": 1}", "`pnpm` must be an object"},
           Row{"{\n\"pnpm\": {\"overrides\": \"x\"}}", "`pnpm.overrides` must be an object"},
           Row{"{\n\"pnpm\": {\"overrides\": {\"a>\": \"1\"}}}", "is not valid"},
           Row{"{\n\"pnpm\": {\"overrides\": {\"a>b\": {}}}}", "must be a string, it is an object"},
           Row{"{\n\"resolutions\": []}", "`resolutions` must be an object"},
           Row{"{\n\"resolutions\": {\"a\": null}}", "`resolutions.a` must be a string"},
           Row{"{\n\"resolutions\": {\"a/**\": \"1\"}}", "is not valid"},
           Row{"{\n\"resolutions\": {\"a//b\": \"1\"}}", "is not valid"},
       }) {
    CAPTURE(row.text);
    const auto parsed =
        Overrides::of_manifest(must(Json::parse(row.text, "")), "package.json", row.text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code() == ErrorCode::manifest_invalid);
    CHECK(parsed.error().what().find(row.part) != std::string::npos);
    CHECK(parsed.error().where().find("package.json:2:") == 0);
  }
}

TEST_CASE("T-RES-02: a prototype's key in overrides is no package name") {
  CHECK(rules_of(R"({"overrides": {"__proto__": "1"}})").find("[MANIFEST_INVALID]") !=
        std::string::npos);
  CHECK(rules_of(R"({"overrides": {"constructor": "1"}})") == "constructor = 1\n");
}

TEST_CASE("a rule applies to edges whose range meets its own") {
  const Overrides overrides = overrides_of(R"({"overrides": {"a@^1": "1.5.0", "b@next": "9"}})");
  CHECK(asked(overrides, {}, "a", "^1.2.0") == "1.5.0");
  CHECK(asked(overrides, {}, "a", "*") == "1.5.0");
  CHECK(asked(overrides, {}, "a", "^2.0.0") == "^2.0.0");
  CHECK(asked(overrides, {}, "a", "npm:other@1.1.1") == "1.5.0");
  CHECK(asked(overrides, {}, "a", "latest") == "latest");
  CHECK(asked(overrides, {}, "b", "next") == "9");
  CHECK(asked(overrides, {}, "b", "1.0.0") == "1.0.0");
  CHECK(asked(overrides, {}, "c", "1.0.0") == "1.0.0");
}

TEST_CASE("the most specific rule wins") {
  const Overrides overrides =
      overrides_of(R"({"overrides": {"a": "1", "a@^2": "2", "p": {"a": "3", "q": {"a": "4"}}}})");
  CHECK(asked(overrides, {}, "a", "^1") == "1");
  CHECK(asked(overrides, {}, "a", "^2") == "2");
  CHECK(asked(overrides, {{"p", "1.0.0"}}, "a", "^2") == "3");
  CHECK(asked(overrides, {{"p", "1.0.0"}, {"x", "1.0.0"}, {"q", "1.0.0"}}, "a", "^2") == "4");
  CHECK(asked(overrides, {{"q", "1.0.0"}, {"p", "1.0.0"}}, "a", "^2") == "3");
}

TEST_CASE("parents match by name, version and, where asked, nearness") {
  const Overrides npm = overrides_of(R"({"overrides": {"p@^1": {"a": "9"}}})");
  CHECK(asked(npm, {{"p", "1.2.0"}, {"x", "1.0.0"}}, "a", "1") == "9");
  CHECK(asked(npm, {{"p", "2.0.0"}}, "a", "1") == "1");
  CHECK(asked(npm, {{"p", ""}}, "a", "1") == "1");
  const Overrides pnpm = overrides_of(R"({"pnpm": {"overrides": {"p>a": "9"}}})");
  CHECK(asked(pnpm, {{"x", "1.0.0"}, {"p", "2.0.0"}}, "a", "1") == "9");
  CHECK(asked(pnpm, {{"p", "2.0.0"}, {"x", "1.0.0"}}, "a", "1") == "1");
  const Overrides yarn = overrides_of(R"({"resolutions": {"o/p/a": "8"}})");
  CHECK(asked(yarn, {{"o", "1.0.0"}, {"p", "1.0.0"}}, "a", "1") == "8");
  CHECK(asked(yarn, {{"p", "1.0.0"}}, "a", "1") == "1");
  CHECK(asked(yarn, {{"o", "1.0.0"}, {"p", "1.0.0"}, {"x", "1.0.0"}}, "a", "1") == "1");
}

TEST_CASE("a manifest without overrides has none") { CHECK(overrides_of("{}").empty()); }
