// SPDX-License-Identifier: MIT
#include "resolver/problem.h"

#include <doctest/doctest.h>

#include "resolver/test_world.h"

namespace hod::resolver {

TEST_CASE("a slot goes back to an older version where only that gets its peer") {
  World world(
      "project: host ^1; plug *\nhost 1.0.0:\nhost 2.0.0:\nplug 1.0.0: peer host ^1\n"
      "plug 2.0.0: peer host ^2\nplug 3.0.0: peer host ^2");
  CHECK(world.solve().packages() == "host@1.0.0 plug@1.0.0(host@1.0.0)");
}

TEST_CASE("an implicit slot is shared by all children that want the name") {
  World world(
      "project: a *; b *\na 1.0.0: peer host >=1\nb 1.0.0: peer host ^1\nhost 1.0.0:\nhost 1.5.0:\n"
      "host 2.0.0:");
  CHECK(world.solve().packages() == "a@1.0.0(host@1.5.0) b@1.0.0(host@1.5.0) host@1.5.0");
}

TEST_CASE("implicit slots do not require one another into being") {
  // Nothing that is installed asks for `x` or `y`; they would ask for each other.
  World world("project: a *\na 1.0.0: peer? x *\nx 1.0.0: peer y *\ny 1.0.0: peer x *");
  CHECK(world.solve().packages() == "a@1.0.0");
}

TEST_CASE("peers of peers are met by the same parent") {
  World world("project: a *\na 1.0.0: peer b ^1\nb 1.0.0: peer c ^1\nc 1.0.0:\nc 2.0.0:");
  CHECK(world.solve().packages() == "a@1.0.0(b@1.0.0)(c@1.0.0) b@1.0.0(c@1.0.0) c@1.0.0");
}

TEST_CASE("the parent itself provides its own name, and cannot be another version") {
  CHECK(World("project: host *\nhost 1.0.0: plug *\nplug 1.0.0: peer host ^1").solve().packages() ==
        "host@1.0.0 plug@1.0.0(host@1.0.0)");
  CHECK(World("project: host *\nhost 1.0.0:\nhost 2.0.0: plug *\nplug 1.0.0: peer host ^1")
            .solve()
            .packages() == "host@1.0.0");
}

TEST_CASE(
    "a name that is dependency and peer at once uses its own copy, which must suit as a peer") {
  World world(
      "project: host ^2; both *\nhost 1.0.0:\nhost 2.0.0:\nboth 1.0.0: host ^1; peer host ^2");
  CHECK(world.solve().packages() == "both@1.0.0(host@2.0.0) host@1.0.0 host@2.0.0");
  CHECK(world.edge("both@1.0.0(host@2.0.0)", "host") == "host@1.0.0");
  // What the parent has still counts for the peer.
  CHECK(
      World("project: host ^1; both *\nhost 1.0.0:\nhost 2.0.0:\nboth 1.0.0: host ^1; peer host ^2")
          .solve()
          .packages() == "refused");
}

TEST_CASE("an optional slot is absent only if there is no solution with it") {
  World world(
      "project: host *; opt b *; opt c *\nhost 1.0.0:\nhost 2.0.0:\nb 1.0.0: peer host ^2; y *\n"
      "c 1.0.0: peer host ^1\ny 1.0.0: z ^9\nz 1.0.0:");
  CHECK(world.solve().packages() == "c@1.0.0(host@1.0.0) host@1.0.0");
}

TEST_CASE("what a conflict below a package teaches is learned once for all who install it") {
  // Every plug from 2 on needs a lib that needs a host nobody can have.
  std::string text = "project: host ^1; plug *; other *\nhost 1.0.0:\nhost 2.0.0:\nplug 1.0.0:\n";
  for (int i = 2; i < 60; ++i) {
    text += "plug " + std::to_string(i) + ".0.0: lib *; peer host *\n";
  }
  text += "other 1.0.0: plug *; peer host *\nlib 1.0.0: peer host ^2";
  World world(text);
  CHECK(world.solve().packages() == "host@1.0.0 other@1.0.0(host@1.0.0) plug@1.0.0");
  CHECK(world.statistics.conflicts < 200);  // some for each version, not for each use of it
}

}  // namespace hod::resolver
