#include "core/model/npm_config_value.h"

#include <doctest/doctest.h>

using namespace hod;

namespace {

const Environment kEnvironment{
    {{"TOKEN", "t1"}, {"EMPTY", ""}, {"HOST", "h.example"}, {"LIKE", "${TOKEN}"}}};

std::string value(std::string_view key, const Json& written) {
  const auto result = npm_config_value(key, written, {kEnvironment, "/home/u", "/proj"});
  return result ? result->dump() : "nothing";
}
std::string value(std::string_view key, const char* written) {
  return value(key, Json::string(written));
}

}  // namespace

TEST_CASE("variables are put in once, and a backslash keeps them out") {
  struct Row {
    const char* text;
    const char* expanded;
  };
  for (const Row& row :
       {Row{"a${TOKEN}b${EMPTY}c", "at1bc"}, Row{"${NO}", "${NO}"}, Row{"${NO?}x", "x"},
        Row{"${TOKEN?}", "t1"}, Row{"\\${TOKEN}", "${TOKEN}"}, Row{"\\\\${TOKEN}", "\\t1"},
        Row{"\\\\\\${TOKEN}", "\\${TOKEN}"}, Row{"${}", "${}"}, Row{"${A", "${A"},
        Row{"$TOKEN", "$TOKEN"}, Row{"${${TOKEN}}", "${t1}"}, Row{"${NO:-d}", "${NO:-d}"}}) {
    CAPTURE(row.text);
    CHECK(expand_variables(row.text, kEnvironment) == row.expanded);
  }
}

TEST_CASE("a default behind `:-` is hod's own") {
  CHECK(expand_variables("${NO:-d}", kEnvironment, true) == "d");
  CHECK(expand_variables("${NO:-}", kEnvironment, true) == "");
  CHECK(expand_variables("${TOKEN:-d}", kEnvironment, true) == "t1");
}

TEST_CASE("T-CFG-05: what a variable holds is never read again") {
  CHECK(expand_variables("${LIKE}", kEnvironment) == "${TOKEN}");
  CHECK(value("tag", "${LIKE}") == R"("${TOKEN}")");
}

TEST_CASE("values get the type of their key") {
  CHECK(value("strict-ssl", "no") == "true");
  CHECK(value("strict-ssl", "0") == "false");
  CHECK(value("audit", "") == "true");
  CHECK(value("fetch-timeout", "1e3") == "1000");
  CHECK(value("fetch-retries", "many") == "nothing");
  CHECK(value("cafile", "~/ca.pem") == R"("/home/u/ca.pem")");
  CHECK(value("cafile", "../ca.pem") == R"("/ca.pem")");
  CHECK(value("registry", "https://${HOST}") == R"("https://h.example/")");
  CHECK(value("registry", "somewhere") == "nothing");
  CHECK(value("omit", "dev") == R"(["dev"])");
  CHECK(value("omit", "bogus") == "[]");
  CHECK(value("install-strategy", "bogus") == "nothing");
  CHECK(value("umask", "0022") == "18");
  CHECK(value("before", "2024-01-01") == R"("2024-01-01T00:00:00.000Z")");
  CHECK(value("before", "soon") == "nothing");
  CHECK(value("proxy", "null") == "null");
  CHECK(value("ca", "A\n\nB") == R"(["A","B"])");
  CHECK(value("init-version", "v1.2.3") == R"("1.2.3")");
  CHECK(value("no-such-key", " true ") == "true");
  CHECK(value("no-such-key", Json::boolean(true)) == "true");
}

TEST_CASE("a message can say what a value must be") {
  CHECK(npm_config_expectation("omit") == "dev, optional or peer");
  CHECK(npm_config_expectation("fetch-retries") == "a number");
}
