// SPDX-License-Identifier: MIT
#include "cli/manifest_edit.h"

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::cli;

TEST_CASE("a dependency is saved in its field and leaves the others, nothing else changes") {
  std::string text =
      "{\n    \"name\": \"x\",\n    \"devDependencies\": {\n        \"b\": \"1\",\n        \"z\": "
      "\"1\"\n    }\n}\n";
  CHECK(must(manifest_with(text, DependencyField::dev, "c", "^2.0.0", "p")) ==
        "{\n    \"name\": \"x\",\n    \"devDependencies\": {\n        \"b\": \"1\",\n        "
        "\"c\": \"^2.0.0\",\n        \"z\": "
        "\"1\"\n    }\n}\n");
  Json moved = must(Json::parse(
      must(manifest_with(text, DependencyField::dependencies, "b", "^2.0.0", "p")), "p"));
  CHECK(moved.find("devDependencies")->find("b") == nullptr);
  CHECK(*moved.find("dependencies")->find_string("b") == "^2.0.0");
  Json peer =
      must(Json::parse(must(manifest_with(text, DependencyField::peer, "b", ">=1", "p")), "p"));
  CHECK(peer.find("devDependencies")->find("b") != nullptr);
}

TEST_CASE("a removed dependency is gone from every field") {
  std::string text =
      R"({"dependencies":{"a":"1"},"peerDependencies":{"a":"1","b":"1"},"peerDependenciesMeta":{"a":{}}})";
  CHECK(must(manifest_without(text, "a", "p")) == R"({"peerDependencies":{"b":"1"}})");
}

TEST_CASE("the field of a dependency is found") {
  Json manifest =
      must(Json::parse(R"({"dependencies":{"a":"1"},"devDependencies":{"b":"1"}})", "p"));
  CHECK(field_of(manifest, "b") == DependencyField::dev);
  CHECK_FALSE(field_of(manifest, "c").has_value());
}

TEST_CASE("what is saved follows npm's rules") {
  struct Row {
    const char* written;
    const char* version;
    const char* saved;
  };
  for (const Row& row : {Row{"", "1.2.3", "^1.2.3"}, Row{"latest", "1.2.3", "^1.2.3"},
                         Row{"1.2.3", "1.2.3", "^1.2.3"}, Row{"^1.0.0", "1.2.3", "^1.2.3"},
                         Row{"1", "1.2.3", "^1.2.3"}, Row{"~1.2.0", "1.2.3", "~1.2.0"},
                         Row{"1.x <1.2.4", "1.2.3", "1.x <1.2.4"}, Row{"*", "1.2.3", "^1.2.3"},
                         Row{"next", "2.0.0-beta.1", "^2.0.0-beta.1"}}) {
    CAPTURE(row.written);
    CHECK(saved_range(row.written, must(Version::parse(row.version)), {}) == row.saved);
  }
  CHECK(saved_range("^1.0.0", must(Version::parse("1.2.3")), {true, "^"}) == "1.2.3");
  CHECK(saved_range("", must(Version::parse("1.2.3")), {false, "~"}) == "~1.2.3");
}

TEST_CASE("a range that follows a newer version keeps its manner") {
  const auto moved = [](const char* written, const char* version) {
    return moved_range(written, must(Version::parse(version)), "^");
  };
  CHECK(moved("^1.2.0", "2.0.0") == "^2.0.0");
  CHECK(moved("~1.2.0", "2.0.0") == "~2.0.0");
  CHECK(moved("1.2.0", "2.0.0") == "2.0.0");
  CHECK(moved("1.x", "1.3.0") == "1.x");
  CHECK(moved("1.x", "2.0.0") == "^2.0.0");
  CHECK(moved(">=1", "2.0.0") == ">=1");
  CHECK(moved("^1 || ^2", "2.1.0") == "^1 || ^2");
  CHECK(moved("^1 || ^2", "3.0.0") == "^3.0.0");
  CHECK(moved("npm:other@~1.0.0", "2.0.0") == "npm:other@~2.0.0");
  CHECK(moved("npm:@scope/other@^1", "2.0.0") == "npm:@scope/other@^2.0.0");
  CHECK(moved("latest", "2.0.0") == "latest");
}
