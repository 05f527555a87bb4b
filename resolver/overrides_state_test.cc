// SPDX-License-Identifier: MIT
#include "resolver/overrides_state.h"

#include <doctest/doctest.h>

#include "core/model/range.h"
#include "resolver/test_world.h"

namespace hod::resolver {

namespace {

Override below(std::vector<std::string> parents, const std::string& name,
               const std::string& specifier, bool direct) {
  Override rule;
  for (std::string& parent : parents) rule.parents.push_back({std::move(parent), std::nullopt, ""});
  rule.direct_parent = direct;
  rule.target.name = name;
  rule.specifier = specifier;
  rule.origin = "overrides." + name;
  return rule;
}

const char* const kScene =
    "project: a *; b *\na 1.0.0: m *\nb 1.0.0: m *\nm 1.0.0: s ^2\ns 1.0.0:\ns 2.0.0:";

}  // namespace

TEST_CASE("an override below a parent holds below it at any depth, and nowhere else") {
  World world(kScene);
  world.requirements.overrides.rules.push_back(below({"a"}, "s", "1.0.0", false));
  world.solve();
  REQUIRE(world.graph);
  std::set<std::string> versions;
  for (const GraphPackage& package : world.graph->packages) {
    if (package.name == "s") versions.insert(package.version);
  }
  CHECK(versions == std::set<std::string>{"1.0.0", "2.0.0"});
}

TEST_CASE("an override of a direct parent's dependency does not reach below its children") {
  World world(kScene);
  world.requirements.overrides.rules.push_back(below({"a"}, "s", "1.0.0", true));
  CHECK(world.solve().packages() == "a@1.0.0 b@1.0.0 m@1.0.0 s@2.0.0");
  world.requirements.overrides.rules = {below({"m"}, "s", "1.0.0", true)};
  CHECK(world.solve().packages() == "a@1.0.0 b@1.0.0 m@1.0.0 s@1.0.0");
}

TEST_CASE("an override with a dash takes a dependency out") {
  World world(kScene);
  world.requirements.overrides.rules.push_back(below({}, "s", "-", false));
  CHECK(world.solve().packages() == "a@1.0.0 b@1.0.0 m@1.0.0");
}

TEST_CASE("a selector holds for the versions it names") {
  World world("project: a *\na 1.0.0: s ^1\ns 1.0.0:\ns 1.5.0:\ns 2.0.0:");
  Override rule = below({"a"}, "s", "1.0.0", false);
  rule.parents[0].selector = "^2";
  rule.parents[0].range = must(Range::parse("^2"));
  world.requirements.overrides.rules = {rule};
  CHECK(world.solve().packages() == "a@1.0.0 s@1.5.0");
  rule.parents[0].selector = "^1";
  rule.parents[0].range = must(Range::parse("^1"));
  world.requirements.overrides.rules = {rule};
  CHECK(world.solve().packages() == "a@1.0.0 s@1.0.0");
}

}  // namespace hod::resolver
