// SPDX-License-Identifier: MIT
#include "resolver/addition.h"

#include <doctest/doctest.h>

#include "resolver/test_world.h"

namespace hod::resolver {

namespace {

constexpr std::string_view kRegistry = R"(
  base 1.0.0: lib ^1; tool ^1
  lib 1.0.0:
  lib 1.1.0:
  lib 2.0.0:
  tool 1.0.0:
  plug 1.0.0: peer base ^1
  fresh 1.0.0: lib ^1; other ^1
  fresh 1.0.1: lib ^1; other ^1
  needy 1.0.0: lib ^2
  other 1.0.0: deep *
  deep 1.0.0: tool *
  host 1.0.0:
)";

// A project that was installed with `before` and now asks for `after`.
struct Change {
  World world;
  World everything;  // solved without trust in the lockfile

  Change(const std::string& before, const std::string& after)
      : world(after + std::string(kRegistry)), everything(after + std::string(kRegistry)) {
    World first(before + std::string(kRegistry));
    first.solve();
    REQUIRE(first.graph);
    world.locked = everything.locked = first.graph;
    world.policy.trust_locked = true;
    world.policy.keep_locked_peers = everything.policy.keep_locked_peers = true;
    for (World* one : {&world, &everything}) one->solve();
  }
  bool same() const { return world.packages() == everything.packages(); }
};

}  // namespace

TEST_CASE("what is added is solved without a look at the rest") {
  const Change change("project: base ^1", "project: base ^1; fresh ^1");
  CHECK(change.world.packages() ==
        "base@1.0.0 deep@1.0.0 fresh@1.0.1 lib@1.1.0 other@1.0.0 tool@1.0.0");
  CHECK(change.same());
  CHECK(change.world.names_asked == std::set<std::string>{"deep", "fresh", "other"});
  // Not counted: base, which nothing new leads to.
  CHECK(change.world.statistics.packages_loaded < change.everything.statistics.packages_loaded);
  CHECK(change.world.graph == change.everything.graph);
}

TEST_CASE("an addition keeps what the lockfile has of its dependencies") {
  Change change("project: base ^1; lib 1.0.0", "project: base ^1; lib 1.0.0; fresh ^1");
  CHECK(change.world.edge("fresh@1.0.1", "lib") == "lib@1.0.0");
  CHECK(change.same());
}

TEST_CASE("what an addition may matter to is solved with it") {
  SUBCASE("a peer") {
    const Change change("project: base ^1", "project: base ^1; plug ^1");
    CHECK(change.world.packages() == "base@1.0.0 lib@1.1.0 plug@1.0.0(base@1.0.0) tool@1.0.0");
    CHECK(change.same());
  }
  SUBCASE("a second version of a package, which nobody could do without") {
    const Change change("project: base ^1", "project: base ^1; needy *");
    CHECK(change.world.edge("needy@1.0.0", "lib") == "lib@2.0.0");
    CHECK(change.same());
  }
  SUBCASE("something else was taken out") {
    const Change change("project: base ^1; host *", "project: base ^1; fresh ^1");
    CHECK(change.world.edge(".", "host") == "no such edge");
    CHECK(change.same());
  }
  SUBCASE("something else is asked for otherwise") {
    const Change change("project: base ^1; lib ^1", "project: base ^1; lib ^2; fresh ^1");
    CHECK(change.world.edge(".", "lib") == "lib@2.0.0");
    CHECK(change.same());
  }
}

TEST_CASE("an addition that cannot be is explained as ever") {
  const Change change("project: base ^1", "project: base ^1; fresh ^7");
  CHECK(change.world.packages() == "refused");
  CHECK(change.world.explanation() == change.everything.explanation());
}

TEST_CASE("an addition is answered in any order") {
  Change change("project: base ^1", "project: base ^1; fresh ^1; host *");
  const std::string forwards = change.world.packages();
  CHECK(change.world.solve(true).packages() == forwards);
}

}  // namespace hod::resolver
