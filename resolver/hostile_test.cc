// SPDX-License-Identifier: MIT
// Registries that are built to take time, memory or stack: each ends in a sentence, soon.
#include <doctest/doctest.h>

#include "resolver/test_world.h"

namespace hod::resolver {

namespace {

std::string number(std::size_t i) { return std::to_string(i); }

}  // namespace

TEST_CASE("T-RES-04 more meetings of packages with peers than memory holds are given up") {
  // Each level passes on what it has and doubles the ways in which the next one can be met.
  std::string text = "project: a0 *";
  std::string passed;
  constexpr std::size_t kLevels = 14;
  for (std::size_t i = 0; i < kLevels; ++i) {
    const std::string x = "x" + number(i);
    const std::string next = "a" + number(i + 1) + " *";
    text += "\na" + number(i) + " 1.0.0: " + passed + "l" + number(i) + " *; r" + number(i) + " *";
    text += "\nl" + number(i) + " 1.0.0: " + passed + x + " 1; " + next;
    text += "\nr" + number(i) + " 1.0.0: " + passed + x + " 2; " + next;
    text += "\n" + x + " 1.0.0:\n" + x + " 2.0.0:";
    passed += "peer " + x + " *; ";
  }
  World world(text + "\na" + number(kLevels) + " 1.0.0: " + passed);
  world.policy.max_scopes = 5'000;
  world.solve();
  REQUIRE(world.error);
  CHECK(world.error->code() == ErrorCode::resolution_budget);
  CHECK(world.error->text().find("packages") != std::string::npos);
}

TEST_CASE("T-RES-04 a chain of peers longer than any package has is given up") {
  std::string text = "project: p0 *";
  for (std::size_t i = 0; i < 2'500; ++i) {
    text += "\np" + number(i) + " 1.0.0: peer p" + number(i + 1) + " *";
  }
  World world(text + "\np2500 1.0.0:");
  world.solve();
  REQUIRE(world.error);
  CHECK(world.error->code() == ErrorCode::resolution_budget);
}

TEST_CASE("a chain of peers is met, and one with nothing at its end is refused") {
  std::string text = "project: p0 *";
  for (std::size_t i = 0; i < 200; ++i) {
    text += "\np" + number(i) + " 1.0.0: peer p" + number(i + 1) + " *";
  }
  CHECK(World(text + "\np200 1.0.0:").solve().graph);
  World broken(text);
  CHECK(broken.solve().packages() == "refused");
  CHECK(broken.explanation().find("there is no package `p200`") != std::string::npos);
}

TEST_CASE("hundreds of versions none of which works are refused in one sentence for all") {
  std::string text = "project: a *; host ^1\nhost 1.0.0:\nhost 2.0.0:";
  for (std::size_t i = 0; i < 600; ++i) {
    text += "\na 1." + number(i) + ".0: peer host ^2; b " + number(i) + ".0.0";
  }
  World world(text);
  CHECK(world.solve().packages() == "refused");
  REQUIRE(world.conflict);
  CHECK(world.conflict->causes.size() <= 3);
}

TEST_CASE("hundreds of versions on each of several levels are refused in a sentence a level") {
  std::string text = "project: a *";
  for (std::size_t i = 0; i < 300; ++i) {
    text += "\na 1." + number(i) + ".0: b *\nb 1." + number(i) + ".0: c *\nc 1." + number(i) +
            ".0: z ^9";
  }
  World world(text + "\nz 1.0.0:");
  CHECK(world.solve().packages() == "refused");
  REQUIRE(world.conflict);
  CHECK(world.conflict->causes.size() == 4);
}

TEST_CASE("a missing package deep in the tree: an older parent is taken if that helps") {
  CHECK(World("project: a ^1\na 1.0.0:\na 1.1.0: b *\nb 1.0.0: c *\nc 1.0.0: nowhere *")
            .solve()
            .packages() == "a@1.0.0");
  World world("project: a ^1\na 1.1.0: b *\nb 1.0.0: c *\nc 1.0.0: nowhere *");
  CHECK(world.solve().packages() == "refused");
  for (const char* link : {"asks for a ^1", "needs b *", "needs c *", "needs nowhere *"}) {
    CHECK(world.explanation().find(link) != std::string::npos);
  }
  CHECK(exit_code(world.error->code()) == 4);
}

TEST_CASE("an empty range is any version, a blank in it is no harm") {
  World world("project: a *");
  PackageMetadataBuilder builder("a");
  VersionFacts facts;
  facts.version = "1.0.0";
  facts.dependencies = {{"b", "", DependencyKind::production},
                        {"c", " >= 1 ", DependencyKind::production},
                        {"d", "1 || || 3", DependencyKind::production}};
  builder.add_version(std::move(facts));
  world.registry.emplace("a", make_package_metadata(std::move(builder)));
  for (const char* name : {"b", "c", "d"}) {
    PackageMetadataBuilder one(name);
    VersionFacts release;
    release.version = "2.0.0";
    one.add_version(std::move(release));
    world.registry.emplace(name, make_package_metadata(std::move(one)));
  }
  CHECK(world.solve().packages() == "a@1.0.0 b@2.0.0 c@2.0.0 d@2.0.0");
}

TEST_CASE("a range of 4 KiB, and one that is longer, end in a version or in a sentence") {
  for (const std::size_t length : {4'000U, 100'000U}) {
    CAPTURE(length);
    std::string range = "1.0.0";
    while (range.size() < length) range += " || 1.0.0";
    World world("project: a *\na 1.0.0: b " + range + "\nb 1.0.0:");
    world.solve();
    CHECK((world.graph || !world.explanation().empty()));
  }
}

TEST_CASE("T-RES-12 what the registry says today of a locked version does not count") {
  World first("project: a ^1\na 1.0.0: b ^1\nb 1.0.0:");
  first.solve();
  World changed("project: a ^1; n *\na 1.0.0: evil *\nevil 1.0.0:\nn 1.0.0:");
  changed.locked = *first.graph;
  changed.policy.trust_locked = true;
  CHECK(changed.solve().packages() == "a@1.0.0 b@1.0.0 n@1.0.0");
}

}  // namespace hod::resolver
