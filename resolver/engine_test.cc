// SPDX-License-Identifier: MIT
#include "resolver/engine.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "resolver/test_world.h"

namespace hod::resolver {

namespace {

using Outcome = Engine::Outcome;

struct Driven {
  explicit Driven(World& the_world)
      : world(the_world),
        engine(Engine::Setup{.requirements = world.requirements,
                             .policy = world.policy,
                             .locked = world.locked ? &*world.locked : nullptr,
                             .only = std::nullopt}) {}

  // The names of one step, sorted.
  std::vector<std::string> asked() {
    std::vector<std::string> names;
    for (const PackageId id : engine.take_asked()) {
      keys.push_back(engine.key_of(id));
      names.push_back(keys.back().name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  // Answers what asked() told. How many answers were taken.
  int answer() {
    int taken = 0;
    for (const MetadataKey& key : keys) {
      const auto known = world.registry.find(key.name);
      const bool was_open =
          known == world.registry.end()
              ? engine.provide_missing(key, Error(ErrorCode::package_not_found, "not there"))
              : engine.provide(key, known->second, {});
      taken += was_open ? 1 : 0;
    }
    keys.clear();
    return taken;
  }
  Outcome run() {
    Outcome outcome = engine.advance();
    while (outcome == Outcome::waiting) {
      asked();
      if (answer() == 0) break;
      outcome = engine.advance();
    }
    return outcome;
  }
  // "a@1.0.0 b@1.0.0": what the project's slots hold.
  std::string direct() {
    std::string text;
    for (const Choice& choice : engine.search()[engine.search().roots()[0]].choices) {
      const Package& package = engine.universe()[choice.package];
      text += (text.empty() ? "" : " ") + std::string(engine.universe().text(package.name)) + "@" +
              std::string(engine.universe().version_text(choice.package, choice.version));
    }
    return text;
  }

  World& world;
  Engine engine;
  std::vector<MetadataKey> keys;
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("engine: it asks round by round, and each name once") {
  World world("project: a *; b *\na 1.0.0: c *\nb 1.0.0: c *\nc 1.0.0:");
  Driven driven(world);
  CHECK(driven.engine.advance() == Outcome::waiting);
  CHECK(driven.asked() == Names{"a", "b"});
  CHECK(driven.engine.outstanding() == 2);
  CHECK(driven.engine.advance() == Outcome::waiting);
  CHECK(driven.asked().empty());  // nothing twice
  CHECK(driven.answer() == 2);
  CHECK(driven.engine.outstanding() == 0);
  CHECK(driven.engine.advance() == Outcome::waiting);
  CHECK(driven.asked() == Names{"c"});
  CHECK(driven.answer() == 1);
  CHECK(driven.engine.advance() == Outcome::solved);
  CHECK(driven.direct() == "a@1.0.0 b@1.0.0");
}

TEST_CASE("engine: answers nobody asked for, and second answers, are not taken") {
  World world("project: a *\na 1.0.0:\nb 1.0.0:");
  Driven driven(world);
  const MetadataKey a{"a", {}};
  CHECK(driven.engine.advance() == Outcome::waiting);
  CHECK_FALSE(driven.engine.provide({"b", {}}, world.registry.at("b"), {}));
  CHECK_FALSE(driven.engine.answer(a));
  CHECK(driven.engine.unanswered().size() == 1);
  CHECK(driven.engine.provide(a, world.registry.at("a"), {}));
  CHECK_FALSE(driven.engine.provide(a, world.registry.at("a"), {}));
  CHECK_FALSE(driven.engine.provide_missing(a, Error(ErrorCode::package_not_found, "late")));
  CHECK(driven.engine.unanswered().empty());
  CHECK(driven.engine.advance() == Outcome::solved);
  REQUIRE(driven.engine.answer(a));
  CHECK(driven.engine.answer(a)->metadata->version_count() == 1);
}

TEST_CASE("engine: that something is missing is an answer, and is kept with its reason") {
  World world("project: a *");
  Driven driven(world);
  CHECK(driven.run() == Outcome::impossible);
  CHECK(driven.engine.refutation() != kNoProof);
  const std::optional<Engine::Answer> known = driven.engine.answer({"a", {}});
  REQUIRE(known);
  REQUIRE(known->missing);
  CHECK(known->missing->what() == "not there");
  CHECK(known->clone().missing->what() == "not there");
}

TEST_CASE("engine: more may be asked for than the search needs, once") {
  World world("project: a *\na 1.0.0:\nextra 1.0.0:");
  Driven driven(world);
  CHECK(driven.run() == Outcome::solved);
  CHECK(driven.engine.want({"extra", {}}));
  CHECK_FALSE(driven.engine.want({"extra", {}}));
  CHECK_FALSE(driven.engine.want({"a", {}}));
  CHECK_FALSE(driven.engine.want({"x", {PackageSource::Kind::git, "somewhere"}}));
  CHECK(driven.asked() == Names{"extra"});
  CHECK(driven.answer() == 1);
  CHECK(driven.engine.answer({"extra", {}}));
  CHECK(driven.direct() == "a@1.0.0");
}

TEST_CASE("engine: releases that are likely to be taken are told while it works, once each") {
  World world("project: a *\na 1.0.0: b *\na 2.0.0: b *\nb 1.0.0:");
  Driven driven(world);
  CHECK(driven.run() == Outcome::solved);
  CHECK(driven.engine.take_expected() ==
        std::vector<ExpectedRelease>{{"a", "2.0.0"}, {"b", "1.0.0"}});
  CHECK(driven.engine.take_expected().empty());
}

TEST_CASE("engine: what the lockfile says is enough while nothing else is wanted") {
  World world("project: a ^1\na 1.0.0: b *\na 1.1.0: b *\nb 1.0.0:");
  world.solve();
  REQUIRE(world.graph);
  world.locked = world.graph;
  world.policy.trust_locked = true;
  Driven driven(world);
  CHECK(driven.engine.advance() == Outcome::solved);
  CHECK(driven.asked().empty());
  CHECK_FALSE(driven.engine.answer({"a", {}}));  // nobody was asked
}

TEST_CASE("engine: where the lockfile's facts are not enough it asks and begins again") {
  World world("project: a ^1\na 1.0.0: b *\na 2.0.0: b *\nb 1.0.0:");
  world.solve();
  world.locked = world.graph;
  world.policy.trust_locked = true;
  world.requirements.importers[0].dependencies[0].specifier = "^2";
  Driven driven(world);
  CHECK(driven.engine.advance() == Outcome::waiting);
  CHECK(driven.asked() == Names{"a"});
  CHECK(driven.answer() == 1);
  CHECK(driven.run() == Outcome::solved);
  CHECK(driven.direct() == "a@2.0.0");
  CHECK(driven.engine.answer({"a", {}}));
  CHECK_FALSE(driven.engine.answer({"b", {}}));
}

TEST_CASE("engine: peers are let go only as far as needed and as the policy allows") {
  const char* text = "project: host ^1; plug *\nhost 1.0.0:\nhost 2.0.0:\nplug 1.0.0: peer host ^2";
  World strict(text);
  CHECK(Driven(strict).run() == Outcome::impossible);
  World others(text);
  others.policy.peers = Peers::of_others;  // `plug` is the project's own
  CHECK(Driven(others).run() == Outcome::impossible);
  World forgiving(text);
  forgiving.policy.peers = Peers::forgiving;
  Driven driven(forgiving);
  CHECK(driven.run() == Outcome::solved);
  CHECK(driven.direct() == "host@1.0.0 plug@1.0.0");
  REQUIRE(driven.engine.knowledge().waived.size() == 1);
  CHECK(driven.engine.knowledge().waived.begin()->second == Leniency::wrong_version);
}

TEST_CASE("engine: without some requirements it solves as if nobody had written them") {
  World world("project: a *; b ^9\na 1.0.0:\nb 1.0.0:");
  Engine engine(Engine::Setup{.requirements = world.requirements,
                              .policy = world.policy,
                              .only = std::set<Entry>{{".", "a", false}}});
  CHECK(engine.advance() == Outcome::waiting);
  CHECK(engine.provide({"a", {}}, world.registry.at("a"), {}));
  CHECK(engine.advance() == Outcome::solved);
}

TEST_CASE("T-RES-04: the engine gives up where its budget ends") {
  World world("project: a *\na 1.0.0: b *\nb 1.0.0: c *\nc 1.0.0:");
  world.policy.max_work = 15;
  CHECK(Driven(world).run() == Outcome::exhausted);
}

}  // namespace hod::resolver
