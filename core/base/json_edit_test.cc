// SPDX-License-Identifier: MIT
#include "core/base/json_edit.h"

#include <algorithm>
#include <random>

#include <doctest/doctest.h>

using namespace hod;

namespace {

std::string with(std::string_view text, const JsonPath& path, const char* value,
                 JsonPlace place = JsonPlace::sorted) {
  const Json json = must(Json::parse(value, "value"));
  auto edited = json_with(text, path, json, place, "package.json");
  if (!edited) return edited.error().text();
  const Json parsed = must(Json::parse(*edited, "edited"));
  const Json* at = &parsed;
  for (const std::string& key : path) {
    at = at->find(key);
    REQUIRE(at != nullptr);
  }
  CHECK(*at == json);
  return std::move(*edited);
}

std::string without(std::string_view text, const JsonPath& path) {
  auto edited = json_without(text, path, "package.json");
  if (!edited) return edited.error().text();
  CHECK(Json::parse(*edited, "edited"));
  return std::move(*edited);
}

}  // namespace

TEST_CASE("a member's value is replaced and nothing else") {
  CHECK(with("{\n  \"a\" : 1,\n\n\t\"b\":[ 2 ],  \"c\": \"x\"}\n", {"b"}, "\"new\"") ==
        "{\n  \"a\" : 1,\n\n\t\"b\":\"new\",  \"c\": \"x\"}\n");
  CHECK(with(R"({"dependencies":{"express":"^4"}})", {"dependencies", "express"}, "\"^5\"") ==
        R"({"dependencies":{"express":"^5"}})");
}

TEST_CASE("a value that is there already stays as it is written") {
  const char* text = "{ \"a\": \"\\u0062\", \"n\": 1.50 , \"l\": [ 1,2 ] }";
  CHECK(with(text, {"a"}, "\"b\"") == text);
  CHECK(with(text, {"l"}, "[1, 2]") == text);
}

TEST_CASE("a new member goes to its sorted place in a sorted object") {
  const char* text = "{\n  \"d\": {\n    \"b\": \"1\",\n    \"d\": \"1\"\n  }\n}\n";
  CHECK(with(text, {"d", "a"}, "\"2\"") ==
        "{\n  \"d\": {\n    \"a\": \"2\",\n    \"b\": \"1\",\n    \"d\": \"1\"\n  }\n}\n");
  CHECK(with(text, {"d", "c"}, "\"2\"") ==
        "{\n  \"d\": {\n    \"b\": \"1\",\n    \"c\": \"2\",\n    \"d\": \"1\"\n  }\n}\n");
  CHECK(with(text, {"d", "e"}, "\"2\"") ==
        "{\n  \"d\": {\n    \"b\": \"1\",\n    \"d\": \"1\",\n    \"e\": \"2\"\n  }\n}\n");
  CHECK(with(text, {"d", "a"}, "\"2\"", JsonPlace::last) ==
        "{\n  \"d\": {\n    \"b\": \"1\",\n    \"d\": \"1\",\n    \"a\": \"2\"\n  }\n}\n");
}

TEST_CASE("a new member goes last in an object that is not sorted") {
  CHECK(with("{\n  \"z\": 1,\n  \"b\": 1\n}", {"a"}, "2") ==
        "{\n  \"z\": 1,\n  \"b\": 1,\n  \"a\": 2\n}");
}

TEST_CASE("objects missing on the way are made, in the file's indentation, and go last") {
  CHECK(with("{\n  \"name\": \"x\"\n}\n", {"dependencies", "express"}, "\"^5\"") ==
        "{\n  \"name\": \"x\",\n  \"dependencies\": {\n    \"express\": \"^5\"\n  }\n}\n");
  CHECK(with("{\n\t\"name\": \"x\"\n}", {"pnpm", "overrides", "a"}, "\"1\"") ==
        "{\n\t\"name\": \"x\",\n\t\"pnpm\": {\n\t\t\"overrides\": {\n\t\t\t\"a\": "
        "\"1\"\n\t\t}\n\t}\n}");
  CHECK(with("{\n    \"name\": \"x\",\n    \"dependencies\": {}\n}", {"dependencies", "a"},
             "\"1\"") ==
        "{\n    \"name\": \"x\",\n    \"dependencies\": {\n        \"a\": \"1\"\n    }\n}");
}

TEST_CASE("an empty file object gets two blanks of indentation") {
  CHECK(with("{}", {"a"}, "1") == "{\n  \"a\": 1\n}");
  CHECK(with("{}\n", {"d", "a"}, "\"1\"") == "{\n  \"d\": {\n    \"a\": \"1\"\n  }\n}\n");
  CHECK(with("{ \n }\r\n", {"a"}, "1") == "{\r\n  \"a\": 1\r\n}\r\n");
}

TEST_CASE("windows newlines and the byte order mark stay") {
  CHECK(with("\xEF\xBB\xBF{\r\n  \"name\": \"x\"\r\n}\r\n", {"dependencies", "a"}, "\"1\"") ==
        "\xEF\xBB\xBF{\r\n  \"name\": \"x\",\r\n  \"dependencies\": {\r\n    \"a\": \"1\"\r\n  "
        "}\r\n}\r\n");
}

TEST_CASE("what stands on one line stays on one line") {
  CHECK(with(R"({"name":"x","dependencies":{"b":"1"}})", {"dependencies", "a"}, "\"1\"") ==
        R"({"name":"x","dependencies":{"a":"1","b":"1"}})");
  CHECK(with(R"({"name": "x"})", {"dependencies", "a"}, "\"1\"") ==
        R"({"name": "x", "dependencies": {"a": "1"}})");
  CHECK(with("{\n  \"dependencies\": { \"b\": \"1\" }\n}", {"dependencies", "c"}, "\"1\"") ==
        "{\n  \"dependencies\": { \"b\": \"1\", \"c\": \"1\" }\n}");
  CHECK(with("{\n  \"files\": [\"a\"]\n}", {"files"}, "[\"a\", \"b\"]") ==
        "{\n  \"files\": [\"a\", \"b\"]\n}");
  CHECK(with("{\n  \"files\": [\n    \"a\"\n  ]\n}", {"files"}, "[\"a\", \"b\"]") ==
        "{\n  \"files\": [\n    \"a\",\n    \"b\"\n  ]\n}");
}

TEST_CASE("commas in front of lines stay there") {
  CHECK(with("{ \"a\": 1\n, \"b\": 2\n}", {"c"}, "3") == "{ \"a\": 1\n, \"b\": 2\n, \"c\": 3\n}");
  CHECK(without("{ \"a\": 1\n, \"b\": 2\n}", {"b"}) == "{ \"a\": 1\n}");
  CHECK(without("{ \"a\": 1\n, \"b\": 2\n}", {"a"}) == "{ \"b\": 2\n}");
}

TEST_CASE("empty lines between members are not repeated") {
  CHECK(with("{\n\n  \"a\": 1,\n\n\n  \"c\": 2\n\n}", {"b"}, "3") ==
        "{\n\n  \"a\": 1,\n  \"b\": 3,\n\n\n  \"c\": 2\n\n}");
}

TEST_CASE("booleans, lists and objects are set like strings") {
  CHECK(with("{\n  \"a\": 1\n}", {"private"}, "true") == "{\n  \"a\": 1,\n  \"private\": true\n}");
  CHECK(with("{\n  \"a\": 1\n}", {"l"}, R"(["x", {"y": []}])") ==
        "{\n  \"a\": 1,\n  \"l\": [\n    \"x\",\n    {\n      \"y\": []\n    }\n  ]\n}");
}

TEST_CASE("a member is removed with its comma and line") {
  const char* text = "{\n  \"a\": 1,\n  \"b\": {\"x\": [1, \"}\"]},\n  \"c\": 3\n}\n";
  CHECK(without(text, {"a"}) == "{\n  \"b\": {\"x\": [1, \"}\"]},\n  \"c\": 3\n}\n");
  CHECK(without(text, {"b"}) == "{\n  \"a\": 1,\n  \"c\": 3\n}\n");
  CHECK(without(text, {"c"}) == "{\n  \"a\": 1,\n  \"b\": {\"x\": [1, \"}\"]}\n}\n");
  CHECK(without(text, {"d"}) == text);
  CHECK(without(text, {"b", "y"}) == text);
}

TEST_CASE("an object that became empty goes too, the root does not") {
  CHECK(without("{\n  \"name\": \"x\",\n  \"dependencies\": {\n    \"a\": \"1\"\n  }\n}\n",
                {"dependencies", "a"}) == "{\n  \"name\": \"x\"\n}\n");
  CHECK(without(R"({"n": 1, "p": {"o": {"a": "1"}}})", {"p", "o", "a"}) == R"({"n": 1})");
  CHECK(without(R"({"n": 1, "p": {"q": 2, "o": {"a": "1"}}})", {"p", "o", "a"}) ==
        R"({"n": 1, "p": {"q": 2}})");
  CHECK(without("{\n  \"a\": 1\n}\n", {"a"}) == "{}\n");
}

TEST_CASE("of keys given twice the last one counts and all are removed") {
  const char* text = R"({"a": 1, "b": 2, "a": 3})";
  CHECK(with(text, {"a"}, "4") == R"({"a": 1, "b": 2, "a": 4})");
  CHECK(without(text, {"a"}) == R"({"b": 2})");
  CHECK(without(R"({"a": 1, "a": 2, "b": 3, "a": 4})", {"a"}) == R"({"b": 3})");
  CHECK(without(R"({"b": 3, "a": 1, "a": 2})", {"a"}) == R"({"b": 3})");
  CHECK(without(R"({"a": 1, "a": 2})", {"a"}) == "{}");
}

TEST_CASE("keys written with escapes are the same keys") {
  CHECK(with(R"({"d": 1})", {"d"}, "2") == R"({"d": 2})");
  CHECK(with(R"({"\u0064\"": 1})", {"d\""}, "2") == R"({"\u0064\"": 2})");
}

TEST_CASE("T-RES-02: __proto__ is a key like any other when editing") {
  CHECK(with(R"({"__proto__": {"a": 1}})", {"__proto__", "a"}, "2") ==
        R"({"__proto__": {"a": 2}})");
}

TEST_CASE("a text that cannot be edited is an error") {
  CHECK(with("{", {"a"}, "1").find("[JSON_INVALID]") != std::string::npos);
  CHECK(with("{\"a\": 1} // comment", {"a"}, "2").find("[JSON_INVALID]") != std::string::npos);
  CHECK(with("[]", {"a"}, "1").find("[MANIFEST_INVALID]") != std::string::npos);
  const std::string message = with("{\n\"a\": {\"b\": 7}}", {"a", "b", "c"}, "1");
  CHECK(message.find("`a.b` must be an object [MANIFEST_INVALID]") != std::string::npos);
  CHECK(message.find("package.json:2:12") != std::string::npos);
  CHECK(without("[]", {"a"}).find("[MANIFEST_INVALID]") != std::string::npos);
}

TEST_CASE("names are sorted as npm sorts them") {
  const std::vector<std::string> sorted = {"_x", "-x", ".x", "@b/c", "@b/d", "@ba/a",   "~x",
                                           "1a", "a",  "A",  "a_b",  "a-b",  "a.b",     "a1",
                                           "aa", "ab", "b",  "Ba",   "bb",   "\xC3\xA9"};
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    for (std::size_t j = 0; j < sorted.size(); ++j) {
      CAPTURE(sorted[i]);
      CAPTURE(sorted[j]);
      const int order = compare_as_locale(sorted[i], sorted[j]);
      CHECK((order < 0) == (i < j));
      CHECK((order == 0) == (i == j));
    }
  }
}

namespace {

// Random objects in random, mostly odd, formatting.
class OddWriter {
 public:
  explicit OddWriter(unsigned seed) : random_(seed) {
    newline_ = pick({"\n", "\r\n"});
    unit_ = pick({"  ", "\t", "    ", "", " "});
    lines_ = random_() % 3 != 0;
  }
  std::string document() {
    return pick({"", "\xEF\xBB\xBF", " ", "\n"}) + object(0) + pick({"", "\n", "\r\n", "  \n\n"});
  }
  std::string key() { return pick({"a", "b", "c", "d", "e", "f", "\\u0067", "h\\\"h"}); }
  std::string value(int depth) {
    if (depth < 3 && random_() % 3 == 0) return object(depth);
    return pick({"1", "true", "null", "\"x\"", "\"a } ] , : \\\" b\"", "[]", "[ 1 , {} ]", "{ }",
                 "-1.5e3", "[\n1,\n2]"});
  }
  std::string pick(std::initializer_list<const char*> choices) {
    return choices.begin()[random_() % choices.size()];
  }
  std::size_t below(std::size_t limit) { return random_() % limit; }

 private:
  std::string object(int depth) {
    std::string text = "{";
    std::vector<std::string> keys;
    for (std::size_t i = random_() % 5; i > 0; --i) keys.push_back(key());
    if (random_() % 2) std::sort(keys.begin(), keys.end());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (i > 0) text += pick({"", "", "", " ", "\n"}) + ",";
      text += gap(depth + 1) + "\"" + keys[i] + "\"" + pick({": ", ": ", ":", " : ", ":\n"}) +
              value(depth + 1);
    }
    return text + gap(depth) + "}";
  }
  std::string gap(int depth) {
    if (random_() % 8 == 0) return pick({"", " ", "\n\n", "\t"});
    if (!lines_) return pick({"", " "});
    std::string text = newline_;
    for (int i = 0; i < depth; ++i) text += unit_;
    return text;
  }

  std::mt19937 random_;
  std::string newline_;
  std::string unit_;
  bool lines_ = true;
};

// The edit on values, to compare with: sets, or removes with emptied objects.
void set_value(Json& object, const JsonPath& path, std::size_t at, const Json& value) {
  if (at + 1 == path.size()) {
    object.set(path[at], value);
    return;
  }
  const Json* inner = object.find(path[at]);
  Json changed = inner ? *inner : Json::object();
  set_value(changed, path, at + 1, value);
  object.set(path[at], std::move(changed));
}

bool way_is_objects(const Json& root, const JsonPath& path) {
  const Json* at = &root;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    at = at->find(path[i]);
    if (!at) return true;
    if (!at->is_object()) return false;
  }
  return true;
}

// Members as a set: where a new one goes is not the values' business.
bool same(const Json& a, const Json& b) {
  if (!a.is_object() || !b.is_object()) return a == b;
  if (a.members().size() != b.members().size()) return false;
  return std::all_of(a.members().begin(), a.members().end(), [&b](const Json::Member& member) {
    const Json* other = b.find(member.first);
    return other && same(member.second, *other);
  });
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first -
                                  a.begin());
}

}  // namespace

TEST_CASE("edits of oddly written texts mean what they say and touch one place") {
  for (unsigned seed = 0; seed < 20'000; ++seed) {
    OddWriter odd(seed);
    const std::string text = odd.document();
    CAPTURE(seed);
    CAPTURE(text);
    const Json before = must(Json::parse(text, ""));
    JsonPath path;
    for (std::size_t i = 1 + odd.below(3); i > 0; --i) {
      path.push_back(must(Json::parse("\"" + odd.key() + "\"", "")).as_string());
    }
    const Json value = must(Json::parse(odd.value(2), ""));
    const JsonPlace place = odd.below(2) ? JsonPlace::sorted : JsonPlace::last;
    const auto edited = json_with(text, path, value, place, "");
    if (!way_is_objects(before, path)) {
      REQUIRE_FALSE(edited);
      continue;
    }
    REQUIRE(edited);
    CAPTURE(*edited);
    Json expected = before;
    set_value(expected, path, 0, value);
    const auto parsed = Json::parse(*edited, "");
    REQUIRE(parsed);
    REQUIRE(same(*parsed, expected));
    // Once more changes nothing.
    REQUIRE(must(json_with(*edited, path, value, place, "")) == *edited);

    // What was added and is removed again leaves the text as it was.
    const Json* parent = &before;
    for (std::size_t i = 0; parent && i + 1 < path.size(); ++i) parent = parent->find(path[i]);
    if (parent && !parent->members().empty() && !parent->find(path.back())) {
      REQUIRE(must(json_without(*edited, path, "")) == text);
      REQUIRE(common_prefix(text, *edited) +
                  common_prefix(std::string(text.rbegin(), text.rend()),
                                std::string(edited->rbegin(), edited->rend())) >=
              text.size());
    }

    const auto removed = json_without(text, path, "");
    REQUIRE(removed);
    const Json after = must(Json::parse(*removed, ""));
    const Json* at = &after;
    for (const std::string& key : path) at = at ? at->find(key) : nullptr;
    REQUIRE(at == nullptr);
  }
}
