// SPDX-License-Identifier: MIT
#include "resolver/lock_facts.h"

#include <doctest/doctest.h>

#include "resolver/test_world.h"

namespace hod::resolver {

namespace {

// The same project with its solution as lockfile, after newer versions came out.
World locked_world(std::string_view before, std::string_view after) {
  World first(before);
  first.solve();
  REQUIRE(first.graph);
  World world(after);
  world.locked = *first.graph;
  world.policy.trust_locked = true;
  world.policy.keep_locked_peers = true;
  return world;
}

using Names = std::set<std::string>;

}  // namespace

TEST_CASE("nothing is asked about packages that stay as the lockfile has them") {
  const std::string registry =
      "\na 1.0.0: s ^1\ns 1.0.0:\nhost 1.0.0:\nplug 1.0.0: peer host ^1; opt gone ^1\ngone 1.0.0:";
  const std::string newer =
      registry + "\na 1.1.0:\ns 1.1.0:\nhost 1.1.0:\nn 1.0.0: s ^1; t *\nt 1.0.0:";
  World same = locked_world("project: a ^1; host ^1; plug ^1" + registry,
                            "project: a ^1; host ^1; plug ^1" + newer);
  same.solve();
  CHECK(same.names_asked == Names{});
  REQUIRE(same.graph);
  CHECK(*same.graph == *same.locked);

  World more = locked_world("project: a ^1; host ^1; plug ^1" + registry,
                            "project: a ^1; host ^1; plug ^1; n *" + newer);
  more.solve();
  CHECK(more.names_asked == Names{"n", "t"});
  CHECK(more.packages() ==
        "a@1.0.0 gone@1.0.0 host@1.0.0 n@1.0.0 plug@1.0.0(host@1.0.0) s@1.0.0 t@1.0.0");

  World others = locked_world("project: a ^1" + registry, "project: a ^1; n *" + newer);
  others.policy.trust_locked = false;
  others.solve();
  CHECK(others.names_asked == Names{"a", "n", "s", "t"});
}

TEST_CASE("a range that no locked version answers has the real metadata asked for") {
  World world = locked_world("project: a ^1\na 1.0.0: s ^1\ns 1.0.0:",
                             "project: a ^1; n *\na 1.0.0: s ^1\ns 1.0.0:\ns 2.0.0: u *\n"
                             "n 1.0.0: s ^2\nu 1.0.0:");
  world.solve();
  CHECK(world.names_asked == Names{"n", "s", "u"});
  CHECK(world.packages() == "a@1.0.0 n@1.0.0 s@1.0.0 s@2.0.0 u@1.0.0");
  CHECK(world.solve(true).packages() == "a@1.0.0 n@1.0.0 s@1.0.0 s@2.0.0 u@1.0.0");
}

TEST_CASE("a conflict with what is locked is decided with all versions known") {
  World world = locked_world("project: host ^1 || ^2\nhost 1.0.0:",
                             "project: host ^1 || ^2; plug *\nhost 1.0.0:\nhost 2.0.0:\n"
                             "plug 1.0.0: peer host ^2");
  CHECK(world.solve().packages() == "host@2.0.0 plug@1.0.0(host@2.0.0)");
  CHECK(world.names_asked == Names{"host", "plug"});

  World fits = locked_world("project: host ^1 || ^2\nhost 1.0.0:",
                            "project: host ^1 || ^2; plug *\nhost 1.0.0:\nhost 2.0.0:\n"
                            "plug 1.0.0: peer host ^1\nplug 2.0.0: peer host ^2");
  CHECK(fits.solve().packages() == "host@1.0.0 plug@1.0.0(host@1.0.0)");
  CHECK(fits.names_asked == Names{"plug"});

  World refused = locked_world("project: host ^1\nhost 1.0.0:",
                               "project: host ^1; plug *\nhost 1.0.0:\nhost 2.0.0:\n"
                               "plug 1.0.0: peer host ^2");
  CHECK(refused.solve().packages() == "refused");
  REQUIRE(refused.conflict);
  CHECK(refused.conflict->causes.size() == 3);
  REQUIRE(!refused.conflict->repairs.empty());
  CHECK(refused.conflict->repairs[0].command == "hod add host@2");
}

TEST_CASE("a peer that the lockfile has wrong stays, one that comes anew is a conflict") {
  const std::string registry =
      "\nhost 1.0.0:\nhost 2.0.0:\nold 1.0.0: peer host ^1\nn 1.0.0:\nbad 1.0.0: peer host ^1";
  World first("project: host ^2; old *" + registry);
  first.policy.peers = Peers::forgiving;
  first.solve();
  REQUIRE(first.graph);
  const auto with = [&](const std::string& project) {
    World world(project + registry);
    world.locked = *first.graph;
    world.policy.trust_locked = true;
    world.policy.keep_locked_peers = true;
    return world;
  };
  World good = with("project: host ^2; old *; n *");
  CHECK(good.solve().packages() == "host@2.0.0 n@1.0.0 old@1.0.0(host@2.0.0)");
  CHECK(good.names_asked == Names{"n"});
  CHECK(good.warnings.empty());  // it was told when it came, and is none of what is added now
  CHECK(with("project: host ^2; old *; bad *").solve().packages() == "refused");
  World strict = with("project: host ^2; old *; n *");
  strict.policy.keep_locked_peers = false;
  CHECK(strict.solve().packages() == "refused");
}

TEST_CASE("a dist-tag stands for the version that was locked for it") {
  World first("project: a latest\na 1.0.0:\ntag a latest 1.0.0");
  World world = locked_world("project: a latest\na 1.0.0:\ntag a latest 1.0.0",
                             "project: a latest; n *\na 1.0.0:\na 2.0.0:\ntag a latest 2.0.0\n"
                             "n 1.0.0:");
  CHECK(world.solve().packages() == "a@1.0.0 n@1.0.0");
  CHECK(world.names_asked == Names{"n"});
}

TEST_CASE("what may move, and names the lockfile tells not all of, are asked for") {
  const std::string registry = "\na 1.0.0: b ^1\nb 1.0.0:\nboth 1.0.0: b ^1; peer b ^1";
  World moving =
      locked_world("project: a ^1" + registry, "project: a ^1" + registry + "\nb 1.1.0:");
  moving.policy.update = {"b"};
  CHECK(moving.solve().packages() == "a@1.0.0 b@1.1.0");
  CHECK(moving.names_asked == Names{"b"});

  World both =
      locked_world("project: both ^1; b ^1" + registry, "project: both ^1; b ^1; a ^1" + registry);
  both.solve();
  REQUIRE(both.graph);
  CHECK(both.packages() == "a@1.0.0 b@1.0.0 both@1.0.0(b@1.0.0)");

  World overridden =
      locked_world("project: a ^1" + registry, "project: a ^1\noverride b = 1.0.0" + registry);
  overridden.solve();
  CHECK(overridden.names_asked == Names{"a", "b"});
}

}  // namespace hod::resolver
