// SPDX-License-Identifier: MIT
#include "resolver/search.h"

#include <doctest/doctest.h>

#include "resolver/test_parts.h"

namespace hod::resolver {

namespace {

// A scene with everything loaded, and the search over it.
struct Scene : Parts {
  explicit Scene(std::string_view text, Policy with = {})
      : Parts(text, std::move(with)), search(knowledge, world.requirements.importers.size()) {
    load_all();
  }

  Search::Outcome settle() { return search.settle(); }
  ScopeId root() const { return search.roots()[0]; }
  // "a@1.0.0 b-": what a scope chose, implicit slots behind a plus sign.
  std::string choices(ScopeId id) {
    std::string words;
    const Scope& scope = search[id];
    for (std::size_t i = 0; i < scope.choices.size(); ++i) {
      const Choice& choice = scope.choices[i];
      words += words.empty() ? "" : " ";
      if (i >= knowledge.book[scope.node].slot_count) words += "+";
      words += universe.text(universe[choice.package].name);
      words +=
          choice.version == kNoVersion ? "-" : "@" + Parts::text(choice.package, choice.version);
    }
    return words;
  }

  Search search;
};

using Outcome = Search::Outcome;

}  // namespace

TEST_CASE("search: what nothing speaks against is chosen first and without variables") {
  Scene scene("project: a *; b ^1\na 1.0.0: b *\nb 1.0.0:\nb 2.0.0:");
  CHECK(scene.settle() == Outcome::solved);
  CHECK(scene.choices(scene.root()) == "a@1.0.0 b@1.0.0");
  CHECK(scene.choices(scene.search[scene.root()].choices[0].scope) == "b@2.0.0");
  for (const ScopeId id : scene.search.reachable()) CHECK_FALSE(scene.search[id].problem);
  CHECK(scene.search.package_count() == 3);
}

TEST_CASE("search: a package without peers is one scope whoever chose it") {
  Scene scene("project: a *; b *\na 1.0.0: c *\nb 1.0.0: c *\nc 1.0.0: a *");
  CHECK(scene.settle() == Outcome::solved);
  CHECK(scene.search.reachable().size() == 4);  // the project, a, b, c; circles end
}

TEST_CASE("search: a package with peers is a scope for each provider it meets") {
  Scene scene(
      "project: a *; b *\na 1.0.0: host ^1; plug *\nb 1.0.0: host ^2; plug *\nhost 1.0.0:\n"
      "host 2.0.0:\nplug 1.0.0: peer host *");
  CHECK(scene.settle() == Outcome::solved);
  const auto plug_of = [&scene](std::size_t child) {
    return scene.search[scene.search[scene.root()].choices[child].scope].choices[1].scope;
  };
  CHECK(plug_of(0) != plug_of(1));
  CHECK(scene.text(scene.package("host"), scene.search[plug_of(1)].context[0].version) == "2.0.0");
  CHECK(scene.search.package_count() == 5);  // plug counts once
}

TEST_CASE("search: a peer nobody has gets a slot of its own in the scope that needs it") {
  Scene scene("project: plug *\nplug 1.0.0: peer host ^1\nhost 1.0.0:\nhost 2.0.0:");
  CHECK(scene.settle() == Outcome::solved);
  CHECK(scene.choices(scene.root()) == "plug@1.0.0 +host@1.0.0");
  const Scope& root = scene.search[scene.root()];
  const Provider host = scene.search.provider(scene.root(), root.choices, root.implicit,
                                              scene.universe.own_name("host"));
  CHECK(scene.text(host.package, host.version) == "1.0.0");
  CHECK(scene.search
            .provider(scene.root(), root.choices, root.implicit, scene.universe.own_name("nobody"))
            .version == kNoVersion);
}

TEST_CASE("search: what is not known is waited for, and only that") {
  Parts parts("project: a *; b *\na 1.0.0: c *\nb 1.0.0:\nc 1.0.0:");
  Search search(parts.knowledge, 1);
  parts.package("b");
  CHECK(search.settle() == Outcome::waiting);
  CHECK(search.needed() == std::vector<PackageId>{parts.package("a")});  // which loads it
  CHECK(search.settle() == Outcome::waiting);
  CHECK(search.needed() == std::vector<PackageId>{parts.package("c")});
  CHECK(search.settle() == Outcome::solved);
  CHECK(search.needed().empty());
}

TEST_CASE("search: an impossible child becomes a lemma, and its parent chooses again") {
  Scene scene("project: a *\na 1.0.0:\na 2.0.0: b ^9\na 3.0.0: b ^9\nb 1.0.0:");
  CHECK(scene.settle() == Outcome::solved);
  CHECK(scene.choices(scene.root()) == "a@1.0.0");
  const std::vector<Lemma>* lemmas = scene.knowledge.lemmas_of(scene.package("a"));
  REQUIRE(lemmas);
  REQUIRE(lemmas->size() == 1);  // one for both: they ask for the same
  CHECK(scene.text(scene.package("a"), lemmas->front().versions) == "2.0.0 3.0.0");
}

TEST_CASE("search: a refuted project says from which requirements that follows") {
  Scene scene("project: a *\na 1.0.0: b ^9\nb 1.0.0:");
  CHECK(scene.settle() == Outcome::impossible);
  REQUIRE(scene.search.refutation() != kNoProof);
  const std::vector<Fact> facts = facts_behind(scene.knowledge.proofs, scene.search.refutation());
  std::set<std::string> about;
  for (const Fact& fact : facts) about.emplace(scene.universe.text(fact.alias));
  CHECK(about == std::set<std::string>{"a", "b"});
}

TEST_CASE("search: one scope may be settled by itself") {
  Scene scene("project: a *\na 1.0.0: b *\na 2.0.0: b ^9\nb 1.0.0:");
  CHECK(scene.settle() == Outcome::solved);
  std::vector<Choice> other = scene.search[scene.root()].choices;
  other[0].version = scene.version(scene.package("a"), "2.0.0");
  const ScopeId trial = scene.search.child_scope(scene.root(), other, {}, 0);
  CHECK(scene.search.settle(trial) == Outcome::impossible);
  CHECK(scene.choices(scene.root()) == "a@1.0.0");
}

TEST_CASE("search: a choice found elsewhere becomes the scope's own") {
  Scene scene("project: a *\na 1.0.0:\na 2.0.0:");
  CHECK(scene.settle() == Outcome::solved);
  std::vector<Choice> other = scene.search[scene.root()].choices;
  other[0].version = scene.version(scene.package("a"), "1.0.0");
  scene.search.adopt(scene.root(), other, {});
  CHECK(scene.settle() == Outcome::solved);  // and stays
  CHECK(scene.choices(scene.root()) == "a@1.0.0");
}

TEST_CASE("search: changed preferences are asked again only where they may count") {
  Scene scene("project: x *; a *\nx 1.0.0: a *\na 1.0.0:\na 2.0.0:");
  CHECK(scene.settle() == Outcome::solved);
  const PackageId a = scene.package("a");
  scene.universe[a].preferred = {scene.version(a, "1.0.0")};
  CHECK(scene.settle() == Outcome::solved);
  const ScopeId x = scene.search[scene.root()].choices[1].scope;
  CHECK(scene.choices(x) == "a@2.0.0");
  scene.search.reconsider({a});
  CHECK(scene.settle() == Outcome::solved);
  CHECK(scene.choices(x) == "a@1.0.0");
  CHECK(scene.choices(scene.root()) == "a@2.0.0 x@1.0.0");  // direct ones do not follow them
}

TEST_CASE("search: when rules are let go nothing that was proved with them stays") {
  Scene scene("project: host ^1; plug *\nhost 1.0.0:\nplug 1.0.0: peer host ^2");
  CHECK(scene.settle() == Outcome::impossible);
  scene.knowledge.waived[{scene.package("plug"), 0, scene.universe.own_name("host")}] =
      Leniency::wrong_version;
  scene.search.relax();
  CHECK(scene.search.refutation() == kNoProof);
  CHECK(scene.settle() == Outcome::solved);
  CHECK(scene.choices(scene.root()) == "host@1.0.0 plug@1.0.0");
}

TEST_CASE("T-RES-04: a search that costs more than its budget ends") {
  Scene scene("project: a *\na 1.0.0: b *\nb 1.0.0:", policy_with(&Policy::max_work, 15));
  CHECK(scene.settle() == Outcome::exhausted);
}

TEST_CASE("search: flat mode has one version of each package, or refuses") {
  Scene fits("project: a *; b *\na 1.0.0: b ^1\nb 1.0.0:\nb 2.0.0:",
             policy_with(&Policy::flat, true));
  CHECK(fits.settle() == Outcome::solved);
  CHECK(fits.choices(fits.root()) == "a@1.0.0 b@1.0.0");
  Scene cannot("project: a *; b ^2\na 1.0.0: b ^1\nb 1.0.0:\nb 2.0.0:",
               policy_with(&Policy::flat, true));
  CHECK(cannot.settle() == Outcome::impossible);
  CHECK(cannot.search.refutation() != kNoProof);
}

}  // namespace hod::resolver
