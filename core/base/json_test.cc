#include "core/base/json.h"

#include <doctest/doctest.h>

using namespace hod;

TEST_CASE("order, numbers and nesting survive parsing and printing") {
  std::string text = R"({"b":1,"a":[true,null,"x\ny",1.50,{"z":{}}],"e":[]})";
  Json json = must(Json::parse(text, "x"));
  CHECK(json.dump() == text);
  CHECK(json.members()[0].first == "b");
  CHECK(json.find("a")->elements()[3].as_number() == 1.5);
  CHECK(must(Json::parse(json.dump(2), "x")) == json);
  CHECK(must(Json::parse("{\"a\":{\"b\":[1]}}", "x")).dump(2) ==
        "{\n  \"a\": {\n    \"b\": [\n      1\n    ]\n  }\n}");
}

TEST_CASE("T-RES-02 the last of duplicate keys wins and __proto__ is a key like any other") {
  Json json = must(Json::parse(R"({"a":1,"__proto__":{"x":1},"a":2})", "x"));
  CHECK(json.members().size() == 2);
  CHECK(json.find("a")->number_text() == "2");
  CHECK(json.members()[0].first == "a");
  CHECK(json.find("__proto__")->is_object());
}

TEST_CASE("an error tells file, line and column") {
  struct Row {
    const char* text;
    const char* where;
  };
  for (const Row& row : {Row{"{\n  \"a\": tru\n}", "p.json:2:11"}, Row{"{\"a\": 1,}", "p.json:1:9"},
                         Row{"", "p.json:1:1"}, Row{"{\n \"a\": \"b\"\n \"c\": 1}", "p.json:3:"},
                         Row{"{} x", "p.json:1:4"}}) {
    Result<Json> result = Json::parse(row.text, "p.json");
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code() == ErrorCode::json_invalid);
    CAPTURE(result.error().text());
    CHECK(result.error().where().rfind(row.where, 0) == 0);
  }
}

TEST_CASE("T-RES-05 deep nesting is refused, a BOM is skipped") {
  CHECK_FALSE(Json::parse(std::string(600, '[') + std::string(600, ']'), "x").has_value());
  CHECK(Json::parse(std::string(500, '[') + std::string(500, ']'), "x").has_value());
  CHECK(must(Json::parse("\xEF\xBB\xBF{\"a\":1}", "x")).find("a") != nullptr);
}

TEST_CASE("T-CLI-01 what moves a cursor or reorders text is escaped when printed") {
  CHECK(json_quoted("a\x1B\"\\\xC2\x9B\xE2\x80\xAE\x7F") ==
        "\"a\\u001b\\\"\\\\\\u009b\\u202e\\u007f\"");
  CHECK(json_quoted("\xC3\xA9") == "\"\xC3\xA9\"");
}
