// SPDX-License-Identifier: MIT
#include "resolver/improve.h"

#include <doctest/doctest.h>

#include "resolver/test_world.h"

using namespace hod;
using namespace hod::resolver;

TEST_CASE("members of a workspace share a version that all of them accept") {
  World world(
      "project: other *\nmember packages/a a 1.0.0: lib ^4.17.0\n"
      "member packages/b b 1.0.0: lib ~4.17.20\nother 1.0.0:\nlib 4.17.20:\nlib 4.17.21:\n"
      "lib 4.18.1:");
  CHECK(world.solve().packages() == "lib@4.17.21 other@1.0.0");
  CHECK(world.solve(true).packages() == "lib@4.17.21 other@1.0.0");
}

TEST_CASE("members of a workspace whose ranges have nothing in common keep the newest of theirs") {
  World world(
      "project: lib ^1\nmember packages/a a 1.0.0: lib ^2\nmember packages/b b 1.0.0: lib >=1\n"
      "lib 1.0.0:\nlib 1.5.0:\nlib 2.0.0:\nlib 2.1.0:");
  CHECK(world.solve().packages() == "lib@1.5.0 lib@2.1.0");
}

TEST_CASE("a direct dependency is not moved for what others below it ask for") {
  World world("project: lib ^4; other *\nother 1.0.0: lib ~4.17.0\nlib 4.17.21:\nlib 4.18.1:");
  CHECK(world.solve().packages() == "lib@4.17.21 lib@4.18.1 other@1.0.0");
  World members(
      "project: lib ^4; other *\nmember packages/a a 1.0.0: lib ^4.1\nother 1.0.0: lib ~4.17.0\n"
      "lib 4.17.21:\nlib 4.18.1:");
  CHECK(members.solve().packages() == "lib@4.17.21 lib@4.18.1 other@1.0.0");
}
