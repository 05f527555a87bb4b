// SPDX-License-Identifier: MIT
#include "lockfile/yaml.h"

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::lockfile;

namespace {

std::string read(std::string_view text) {
  const auto documents = parse_yaml(text, "x.yaml");
  if (!documents) {
    return std::string(error_name(documents.error().code())) + " " + documents.error().where() +
           " " + documents.error().what();
  }
  std::string dump;
  for (const Json& document : *documents) dump += (dump.empty() ? "" : " --- ") + document.dump();
  return dump;
}

}  // namespace

TEST_CASE("YAML of lockfiles becomes values in the order of the text") {
  CHECK(
      read("lockfileVersion: '9.0'\npackages:\n\n  b@1.0.0:\n    resolution: {integrity: "
           "sha512-x==}\n"
           "    engines: {node: '>=6'}\n    os: [linux, '!win32']\n  a@1.0.0: {}\n") ==
      R"({"lockfileVersion":"9.0","packages":{"b@1.0.0":{"resolution":{"integrity":"sha512-x=="},)"
      R"("engines":{"node":">=6"},"os":["linux","!win32"]},"a@1.0.0":{}}})");
}

TEST_CASE("plain scalars are true, false, null or text as it is written") {
  CHECK(read("[true, false, yes, null, ~, '', 'true', 1.10, 0x1f, 2001-01-01, \"a\\tb\", x y]") ==
        R"([true,false,"yes",null,null,"","true","1.10","0x1f","2001-01-01","a\tb","x y"])");
  CHECK(read("a:\nb: |\n  x\n  y\n") == R"({"a":null,"b":"x\ny\n"})");
}

TEST_CASE("several documents are read one by one") {
  CHECK(read("a: 1\n---\nb: 2\n") == R"({"a":"1"} --- {"b":"2"})");
  CHECK(read("") == "");
}

TEST_CASE("T-RES-02: __proto__ is a key like any other in YAML") {
  CHECK(read("__proto__: {a: b}") == R"({"__proto__":{"a":"b"}})");
}

TEST_CASE(
    "T-LOCK-07: anchors, aliases, tags, merge keys and doubled keys are refused with their place") {
  CHECK(read("a: &x 1").find("LOCKFILE_INVALID x.yaml:1:4 ") == 0);
  CHECK(read("a: &x {}").find("anchors are refused") != std::string::npos);
  CHECK(read("a: &x []").find("anchors are refused") != std::string::npos);
  CHECK(read("&x a: 1").find("anchors are refused") != std::string::npos);
  CHECK(read("a: *x").find("aliases are refused") != std::string::npos);
  CHECK(read("a: !!str 1").find("tags are refused") != std::string::npos);
  CHECK(read("a: !x {}").find("tags are refused") != std::string::npos);
  CHECK(read("%TAG !e! tag:example,2000:\n---\na: 1").find("tags are refused") !=
        std::string::npos);
  CHECK(read("a: 1\n<<: {b: 2}").find("merge keys are refused") != std::string::npos);
  CHECK(read("'<<': 1") == R"({"<<":"1"})");
  CHECK(read("a: 1\nb: 2\na: 3\n").find("LOCKFILE_INVALID x.yaml:3:1 ") == 0);
  CHECK(read("{a: 1, a: 2}").find("twice") != std::string::npos);
  CHECK(read("? [a]\n: 1").find("a key must be a text") != std::string::npos);
  CHECK(read("? {a: 1}\n: 1").find("a key must be a text") != std::string::npos);
}

TEST_CASE("T-LOCK-07: deep YAML is refused, wide YAML is not") {
  CHECK(read(std::string(1000, '[')).find("deeper than 64") != std::string::npos);
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  CHECK(read(deep).find("deeper than 64") != std::string::npos);
  std::string wide;
  for (int i = 0; i < 20'000; ++i) wide += "k" + std::to_string(i) + ": v\n";
  const auto documents = parse_yaml(wide, "x.yaml");
  REQUIRE(documents);
  CHECK(documents->front().members().size() == 20'000);
}

TEST_CASE("what is no YAML is refused with its place") {
  CHECK(read("a: b: c").find("LOCKFILE_INVALID x.yaml:1:") == 0);
  CHECK(read("a: [1").find("LOCKFILE_INVALID x.yaml:") == 0);
  CHECK(read("\tx: 1").find("LOCKFILE_INVALID x.yaml:1:") == 0);
  CHECK(read("a: \xFF").find("LOCKFILE_INVALID x.yaml:") == 0);
  CHECK(read(std::string_view("a: \0", 4)).find("LOCKFILE_INVALID x.yaml:") == 0);
  CHECK(read("<<<<<<< HEAD\na: 1\n=======\n").find("LOCKFILE_INVALID x.yaml:") == 0);
}
