// SPDX-License-Identifier: MIT
#include "resolver/slots.h"

#include <doctest/doctest.h>

#include "resolver/test_world.h"

namespace hod::resolver {

TEST_CASE("what a package brings in its own archive is not asked for") {
  CHECK(
      World("project: a *\na 1.0.0 [bundles b]: b *; c *\nb 1.0.0:\nc 1.0.0:").solve().packages() ==
      "a@1.0.0 c@1.0.0");
}

TEST_CASE("a package extension adds what a package forgot to ask for") {
  World world("project: a *\na 1.0.0:\nb 1.0.0:\nhost 1.0.0:");
  Requirements::Extension extension;
  extension.package.name = "a";
  extension.dependencies = {{"b", "^1", DependencyKind::production},
                            {"host", "*", DependencyKind::peer}};
  world.requirements.extensions.push_back(extension);
  CHECK(world.solve().packages() == "a@1.0.0(host@1.0.0) b@1.0.0 host@1.0.0");
}

TEST_CASE("an alias fills its slot with another package, and peers see the slot's name") {
  World world("project: host npm:other@^1; plug *\nother 1.0.0:\nplug 1.0.0: peer host ^1");
  world.solve();
  CHECK(world.edge(".", "host") == "other@1.0.0");
  REQUIRE(world.graph);
  CHECK(world.graph->packages.size() == 2);
}

TEST_CASE("a name among dependencies and optional ones is optional, as npm repeats them") {
  CHECK(World("project: a *\na 1.0.0: b ^9; opt b ^9\nb 1.0.0:").solve().packages() == "a@1.0.0");
}

TEST_CASE("a package with very many versions is found by version") {
  std::string text = "project: a 1.7.0; b *\nb 1.0.0: a 1.299.0";
  for (int i = 0; i < 300; ++i) text += "\na 1." + std::to_string(i) + ".0: c *";
  CHECK(World(text + "\nc 1.0.0:").solve().packages() == "a@1.7.0 a@1.299.0 b@1.0.0 c@1.0.0");
}

}  // namespace hod::resolver
