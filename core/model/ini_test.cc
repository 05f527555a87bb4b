#include "core/model/ini.h"

#include <string>

#include <doctest/doctest.h>

using namespace hod;

namespace {

std::string parsed(std::string_view text, bool bracketed_arrays = true) {
  return must(parse_ini(text, {bracketed_arrays})).values.dump();
}

}  // namespace

TEST_CASE("values are texts, but for true, false and null; a key alone is true") {
  CHECK(parsed("a = 1\nb=true\nc\nd=null\ne=\n=x\n") ==
        R"({"a":"1","b":true,"c":true,"d":null,"e":""})");
}

TEST_CASE("quotes hold blanks and comments, and are JSON inside") {
  CHECK(parsed(R"(a=" x ; y ")") == R"({"a":" x ; y "})");
  CHECK(parsed(R"(a="l\n2")") == R"({"a":"l\n2"})");
  CHECK(parsed(R"(a='[1]')") == R"({"a":[1]})");
  CHECK(parsed(R"(a='b"')") == R"({"a":"b\""})");
  CHECK(parsed(R"("a b"=c)") == R"({"a b":"c"})");
}

TEST_CASE("comments end a value unless escaped") {
  CHECK(parsed("; c\n# c\na=b;c\nd=e\\;f\ng=h\\\\i\nj=k\\n") ==
        R"({"a":"b","d":"e;f","g":"h\\i","j":"k\\n"})");
}

TEST_CASE("brackets collect a list, once started it stays one") {
  CHECK(parsed("a[]=1\na=2\nb=1\nb[]=2\nc[]") == R"({"a":["1","2"],"b":["1","2"],"c":[true]})");
  CHECK(parsed("a=1\na=2\nb[]=1\n", false) == R"({"a":["1","2"],"b[]":"1"})");
}

TEST_CASE("sections nest at dots that are not escaped") {
  CHECK(parsed("[a.b]\nx=1\n[a]\ny=2\n[c\\.d]\nz=3\n") ==
        R"({"a":{"y":"2","b":{"x":"1"}},"c.d":{"z":"3"}})");
  CHECK(parsed("a=1\n[a]\nx=2\n") == R"({"a":"1"})");
}

TEST_CASE("T-RES-02: __proto__ is kept nowhere, constructor is a key like any other") {
  CHECK(
      parsed(
          "__proto__=1\n__proto__[]=2\n[__proto__]\na=1\n[x.__proto__.y]\nb=2\nconstructor=3\n") ==
      R"({"x":{"y":{"b":"2","constructor":"3"}}})");
}

TEST_CASE("each key knows its line, whatever ends the lines") {
  const IniDocument document = must(parse_ini("a=1\r\n\r\nb=2\rc=3\n\n[s]\nd=4\na=5"));
  CHECK(document.lines.at("a") == 1);
  CHECK(document.lines.at("b") == 3);
  CHECK(document.lines.at("c") == 4);
  CHECK(document.lines.at("s") == 6);
  CHECK(document.lines.find("d") == document.lines.end());
}

TEST_CASE("T-RES-03: a large text takes little time") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "k" + std::to_string(i) + "=v\n";
  CHECK(must(parse_ini(text)).values.members().size() == 100'000);
  CHECK(parse_ini(std::string(std::size_t{1} << 20, '\\')));
  CHECK(parse_ini(std::string(std::size_t{1} << 20, '[')));
}
