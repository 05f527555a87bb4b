// SPDX-License-Identifier: MIT
#include "resolver/core_of_conflict.h"

#include <doctest/doctest.h>

#include "resolver/test_world.h"

using namespace hod;
using namespace hod::resolver;

namespace {

// "who dependency", one a line.
std::string core(World& world) {
  world.solve();
  std::string out;
  if (!world.conflict) return "no conflict";
  for (const Cause& cause : world.conflict->causes)
    out += cause.who + " " + cause.dependency + "\n";
  return out;
}

}  // namespace

TEST_CASE("the core is what cannot hold together, and nothing can be left out of it") {
  World world(
      "project: host ^1; plug *; other *; deep *\nhost 1.0.0:\nhost 2.0.0:\n"
      "plug 1.0.0: lib *; peer host ^2\nother 1.0.0: lib ^1\nlib 1.0.0:\n"
      "deep 1.0.0: deeper *\ndeeper 1.0.0:");
  CHECK(core(world) == "your package.json host\nyour package.json plug\nplug@1.0.0 host\n");
}

TEST_CASE("a chain to what is missing is kept whole") {
  World world("project: a *; x *\na 1.0.0: b *\nb 1.0.0: c *\nc 1.0.0: none *\nx 1.0.0:");
  CHECK(core(world) == "your package.json a\na@1.0.0 b\nb@1.0.0 c\nc@1.0.0 none\n");
}
