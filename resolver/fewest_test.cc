// SPDX-License-Identifier: MIT
#include "resolver/fewest.h"

#include <doctest/doctest.h>

#include "resolver/test_world.h"

namespace hod::resolver {

TEST_CASE("fewest: an older version is taken where that saves packages") {
  World world(
      "project: a *; b *\na 1.0.0: s ^1\na 2.0.0: s ^2; x *\nb 1.0.0: s ^1\ns 1.0.0:\ns 2.0.0:\n"
      "x 1.0.0:");
  CHECK(world.solve().packages() == "a@2.0.0 b@1.0.0 s@1.0.0 s@2.0.0 x@1.0.0");
  world.policy.resolution = Resolution::fewest;
  CHECK(world.solve().packages() == "a@1.0.0 b@1.0.0 s@1.0.0");
  CHECK(world.solve(true).packages() == "a@1.0.0 b@1.0.0 s@1.0.0");
}

TEST_CASE("fewest: nothing optional is left out to save packages") {
  World world("project: opt a *\na 1.0.0: x *; y *\nx 1.0.0:\ny 1.0.0:");
  world.policy.resolution = Resolution::fewest;
  CHECK(world.solve().packages() == "a@1.0.0 x@1.0.0 y@1.0.0");
}

TEST_CASE("fewest: two choices that only together save a package are found") {
  // Either alone costs as much as it saves.
  World world(
      "project: a *; b *\na 1.0.0: s 1.0.0\na 2.0.0: s 2.0.0; t *\nb 1.0.0: s 1.0.0\n"
      "b 2.0.0: s 2.0.0; u *\ns 1.0.0:\ns 2.0.0:\nt 1.0.0:\nu 1.0.0:");
  world.policy.resolution = Resolution::fewest;
  CHECK(world.solve().packages() == "a@1.0.0 b@1.0.0 s@1.0.0");
}

}  // namespace hod::resolver
