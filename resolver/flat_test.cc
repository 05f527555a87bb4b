// SPDX-License-Identifier: MIT
#include "resolver/flat.h"

#include <doctest/doctest.h>

#include "resolver/test_world.h"

namespace hod::resolver {

namespace {

World flat(std::string_view text) {
  World world(text);
  world.policy.flat = true;
  return world;
}

}  // namespace

TEST_CASE("flat: one version of each package, an older one where only that suits everybody") {
  World world = flat(
      "project: a *; b *\na 1.0.0: s ^1\na 2.0.0: s ^2\nb 1.0.0: s ^1\ns 1.0.0:\ns 1.1.0:\n"
      "s 2.0.0:");
  CHECK(world.solve().packages() == "a@1.0.0 b@1.0.0 s@1.1.0");
  CHECK(world.solve(true).packages() == "a@1.0.0 b@1.0.0 s@1.1.0");
}

TEST_CASE("flat: peers are installed like dependencies, optional ones only bind what is there") {
  CHECK(flat("project: plug *\nplug 1.0.0: peer host ^1; peer? extra ^1\nhost 1.0.0:\nhost 2.0.0:\n"
             "extra 2.0.0:")
            .solve()
            .packages() == "host@1.0.0 plug@1.0.0(host@1.0.0)");
  CHECK(flat("project: plug *; extra *\nplug 1.0.0: peer? extra ^1\nextra 1.0.0:\nextra 2.0.0:")
            .solve()
            .packages() == "extra@1.0.0 plug@1.0.0(extra@1.0.0)");
}

TEST_CASE("flat: two majors that cannot both be are a conflict that names both") {
  World world = flat("project: a *; b *\na 1.0.0: s ^1\nb 1.0.0: s ^2\ns 1.0.0:\ns 2.0.0:");
  CHECK(world.solve().packages() == "refused");
  CHECK(world.explanation().find("a 1.0.0 (the only version in \"*\") needs s ^1") !=
        std::string::npos);
  CHECK(world.explanation().find("b 1.0.0 (the only version in \"*\") needs s ^2") !=
        std::string::npos);
}

TEST_CASE("flat: an optional dependency is absent only if there is no solution with it") {
  // `c` is given up for `b` first; then `b` cannot be had for a reason of its own.
  const char* scene =
      "project: opt b *; opt c *\nb 1.0.0: x ^2; y *\nc 1.0.0: x ^1\nx 1.0.0:\nx 2.0.0:\n"
      "y 1.0.0: z ^9\nz 1.0.0:";
  CHECK(flat(scene).solve().packages() == "c@1.0.0 x@1.0.0");
  World fewest = flat(scene);
  fewest.policy.resolution = Resolution::fewest;
  CHECK(fewest.solve().packages() == "c@1.0.0 x@1.0.0");
}

TEST_CASE("flat: fewest packages rather than newest where that is asked for") {
  World world = flat("project: a *\na 1.0.0:\na 2.0.0: x *; y *\nx 1.0.0:\ny 1.0.0:");
  CHECK(world.solve().packages() == "a@2.0.0 x@1.0.0 y@1.0.0");
  world.policy.resolution = Resolution::fewest;
  CHECK(world.solve().packages() == "a@1.0.0");
}

TEST_CASE("flat: an override that holds below some packages only is refused, by its name") {
  const auto with_parents = [](std::vector<OverrideStep> parents, bool direct) {
    World world = flat("project: a *; b *\na 1.0.0: b *\nb 1.0.0: c *\nc 1.0.0:\nc 2.0.0:");
    Override rule;
    rule.parents = std::move(parents);
    rule.direct_parent = direct;
    rule.target.name = "c";
    rule.specifier = "1.0.0";
    rule.origin = "overrides.rule";
    world.requirements.overrides.rules.push_back(std::move(rule));
    return world;
  };
  const OverrideStep a{"a", std::nullopt, ""};
  const OverrideStep b{"b", std::nullopt, ""};
  for (const auto& parents : {std::vector<OverrideStep>{a, b}, std::vector<OverrideStep>{a}}) {
    World world = with_parents(parents, false);
    CHECK(world.solve().packages() == "refused");
    CHECK(world.explanation().find("`overrides.rule` holds below some packages only") !=
          std::string::npos);
  }
  CHECK(with_parents({b}, true).solve().packages() == "a@1.0.0 b@1.0.0 c@1.0.0");
  CHECK(with_parents({}, false).solve().packages() == "a@1.0.0 b@1.0.0 c@1.0.0");
}

}  // namespace hod::resolver
