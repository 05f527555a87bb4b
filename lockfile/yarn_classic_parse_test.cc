// SPDX-License-Identifier: MIT
#include "lockfile/yarn_classic_parse.h"

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::lockfile;

namespace {

std::vector<YarnEntry> parse(std::string_view text) {
  auto entries = parse_yarn_classic(text, "yarn.lock");
  if (!entries) FAIL(entries.error().text());
  return std::move(*entries);
}
std::string refused(std::string_view text) {
  const auto entries = parse_yarn_classic(text, "yarn.lock");
  if (entries) return "fine";
  return entries.error().where() + " " + entries.error().what();
}
bool refused_at(std::string_view text, const std::string& line, const std::string& part) {
  const std::string said = refused(text);
  CAPTURE(said);
  return said.find("yarn.lock:" + line + " ") == 0 && said.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("yarn 1: entries have patterns, facts and dependencies") {
  const auto entries = parse(
      "# yarn lockfile v1\n\n\n"
      "\"@s/a@^1.0.0\", \"@s/a@~1.1 || 2\", b@*:\n"
      "  version \"1.2.0\"\n"
      "  resolved \"https://registry.example/@s/a/-/a-1.2.0.tgz#abc\"\n"
      "  integrity sha512-x==\n"
      "  uid something\n"
      "  dependencies:\n"
      "    \"@s/b\" \"^1.0.0\"\n"
      "    c \">=1 <2\"\n"
      "  optionalDependencies:\n"
      "    d \"1\"\n"
      "  prebuiltVariants:\n"
      "    e \"x\"\n"
      "\n"
      "c@>=1:\r\n"
      "  version \"1.0.0\"\r\n");
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].patterns == std::vector<std::string>{"@s/a@^1.0.0", "@s/a@~1.1 || 2", "b@*"});
  CHECK(entries[0].version == "1.2.0");
  CHECK(entries[0].resolved == "https://registry.example/@s/a/-/a-1.2.0.tgz#abc");
  CHECK(entries[0].integrity == "sha512-x==");
  CHECK(entries[0].dependencies ==
        std::vector<std::pair<std::string, std::string>>{{"@s/b", "^1.0.0"}, {"c", ">=1 <2"}});
  CHECK(entries[0].optional_dependencies ==
        std::vector<std::pair<std::string, std::string>>{{"d", "1"}});
  CHECK(entries[1].patterns == std::vector<std::string>{"c@>=1"});
  CHECK(parse("").empty());
}

TEST_CASE("yarn 1: what does not fit the form is refused with its line") {
  CHECK(refused_at("a@1\n", "1", "an entry is expected"));
  CHECK(refused_at("a@1 b@1:\n", "1", "an entry is expected"));
  CHECK(refused_at(":\n", "1", "an entry is expected"));
  CHECK(refused_at("  version \"1\"\n", "1", "outside of any entry"));
  CHECK(refused_at("\"a@1:\n", "1", "does not end"));
  CHECK(refused_at("\"a\\q\":\n", "1", "not valid"));
  CHECK(refused_at("a@1:\n  version \"1\"\n  version \"2\"\n", "3", "twice"));
  CHECK(refused_at("a@1:\n  version \"1\"\na@1:\n", "3", "`a@1` is there twice"));
  CHECK(refused_at("a@1, a@1:\n", "1", "twice"));
  CHECK(refused_at("a@1:\n  resolved \"x\"\n\nb@1:\n", "4", "`a@1` has no version"));
  CHECK(refused_at("a@1:\n", "1", "no version"));
  CHECK(refused_at("a@1:\n  version \"1\"\n    b \"1\"\n", "3", "a name and a range"));
  CHECK(refused_at("a@1:\n  dependencies:\n    b\n", "3", "a name and a range"));
  CHECK(refused_at("a@1:\n version \"1\"\n", "2", "indentation"));
}

TEST_CASE("T-LOCK-08: conflict markers of a merge are named as such in yarn's lockfile") {
  CHECK(refused_at("a@1:\n<<<<<<< HEAD\n  version \"1\"\n", "2", "conflict markers"));
  CHECK(refused_at("=======\n", "1", "conflict markers"));
}

TEST_CASE("T-LOCK-07: yarn 1's form is read in linear time") {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += "p" + std::to_string(i) + "@*:\n  version \"1.0.0\"\n";
  CHECK(parse(text).size() == 50'000);
  CHECK(refused(std::string(1'000'000, ' ') + "x") != "fine");
  CHECK(refused(std::string(1'000'000, ',') + ":\n") != "fine");
}
