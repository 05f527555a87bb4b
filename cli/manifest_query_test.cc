// SPDX-License-Identifier: MIT
#include "cli/manifest_query.h"

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::cli;

namespace {

constexpr const char* kManifest = R"({
  "name": "x",
  "people": [{"name": "a", "mail": "e"}, {"name": "b"}],
  "files": ["lib"],
  "scripts": {"test": "t"}
}
)";

std::string found(std::string_view query) {
  auto parsed = ManifestQuery::parse(query);
  if (!parsed) return "wrong";
  auto results = parsed->find(must(Json::parse(kManifest, "")));
  if (!results) return "error";
  std::string out;
  for (const auto& [key, value] : *results) out += key + "=" + value.dump() + ";";
  return out;
}

// The lines that differ, "-old +new"; the first few words of an error.
std::string change_of(const Result<std::string>& after) {
  if (!after) return after.error().what();
  std::string_view before = kManifest, now = *after;
  while (!before.empty() && !now.empty() && before.front() == now.front()) {
    before.remove_prefix(1);
    now.remove_prefix(1);
  }
  while (!before.empty() && !now.empty() && before.back() == now.back()) {
    before.remove_suffix(1);
    now.remove_suffix(1);
  }
  return "-" + std::string(before) + " +" + std::string(now);
}

std::string set(std::string_view query, const Json& value) {
  return change_of(must(ManifestQuery::parse(query)).set(kManifest, value, "package.json"));
}

std::string removed(std::string_view query) {
  return change_of(must(ManifestQuery::parse(query)).remove(kManifest, "package.json"));
}

}  // namespace

TEST_CASE("a query finds what npm's pkg get finds") {
  struct Row {
    const char* query;
    const char* result;
  };
  for (const Row& row :
       {Row{"name", R"(name="x";)"}, Row{"none", ""}, Row{"scripts.test", R"(scripts.test="t";)"},
        Row{"scripts[test]", R"(scripts[test]="t";)"},
        Row{"people[1].name", R"(people[1].name="b";)"}, Row{"people[9]", ""},
        Row{"people.0.mail", R"(people.0.mail="e";)"},
        Row{"people.name", R"(people[0].name="a";people[1].name="b";)"},
        Row{"people.mail", R"(people[0].mail="e";)"}, Row{"files", R"(files="lib";)"},
        Row{"name.x", ""}, Row{"files[]", "error"}, Row{"", "wrong"}, Row{"a..b", "wrong"},
        Row{"a.", "wrong"}, Row{"a[b", "wrong"}, Row{"a[0]b", "wrong"},
        Row{"__proto__.x", "wrong"}}) {
    CAPTURE(row.query);
    CHECK(found(row.query) == row.result);
  }
  std::string deep = "a";
  for (int i = 0; i < 100; ++i) deep += ".a";
  CHECK(found(deep) == "wrong");
}

TEST_CASE("what is set changes nothing else of the text") {
  const Json one = Json::string("1");
  CHECK(set("name", one) == "-x +1");
  CHECK(set("name", Json::string("x")) == "- +");
  CHECK(set("scripts.lint", one) == R"(- +, "lint": "1")");
  CHECK(set("a[d.e].f", one) == "- +,\n  \"a\": {\n    \"d.e\": {\n      \"f\": \"1\"\n    }\n  }");
  CHECK(set("files[]", one) == R"(- +, "1")");
  CHECK(set("files[2]", one) == R"(- +, null, "1")");
  CHECK(set("files.0", one) == "-lib +1");
  CHECK(set("people[1].mail", one) == R"(- +, "mail": "1")");
  CHECK(set("new[]", Json::boolean(true)) == "- +,\n  \"new\": [\n    true\n  ]");
}

TEST_CASE("nothing is set where there is no room for it") {
  const Json one = Json::string("1");
  CHECK(set("name.x", one) == "`name` is a string, so nothing can be set below it");
  CHECK(set("scripts[]", one) == "`scripts` is an object, no list to add to");
  CHECK(set("files.x", one) == "`files` is a list: `x` is no index");
  CHECK(set("files[999999999999]", one) ==
        "`files[999999999999]` is too far behind the end of the list");
  CHECK(set("files[99999999999999999999999]", one) ==
        "`files` is a list: `99999999999999999999999` is no index");
  CHECK(set("[]", one) == "`[]` has no name before `[]`");
}

TEST_CASE("what is removed leaves its surroundings") {
  CHECK(removed("name") == "-name\": \"x\",\n  \" +");
  CHECK(removed("scripts.test") == R"(-"test": "t" +)");
  CHECK(removed("people[0]") == R"(-a", "mail": "e"}, {"name": " +)");
  CHECK(removed("people[0].mail") == R"(-, "mail": "e" +)");
  for (const char* nothing :
       {"none", "name.x", "people[9]", "people[x].y", "people.name", "files[]"})
    CHECK(removed(nothing) == "- +");
}
