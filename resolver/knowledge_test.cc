// SPDX-License-Identifier: MIT
#include "resolver/knowledge.h"

#include <doctest/doctest.h>

#include "resolver/test_parts.h"

namespace hod::resolver {

namespace {

std::string chosen(Parts& parts, NodeId owner, Bits set = {}) {
  const Slot slot = parts.knowledge.book.slots(owner)[0];
  return parts.text(slot.target, parts.knowledge.choose(owner, slot, set));
}

}  // namespace

TEST_CASE("the first choice is what the lockfile has, then what the registry recommends") {
  const std::string text = "project: a ^1\na 1.0.0:\na 1.1.0:\na 1.2.0:\ntag a latest 1.1.0";
  Parts fresh(text);
  fresh.load_all();
  CHECK(chosen(fresh, fresh.project()) == "1.1.0");
  Parts locked(text + "\nlocked a 1.0.0");
  locked.load_all();
  CHECK(chosen(locked, locked.project()) == "1.0.0");
  Parts moved(text + "\nlocked a 1.0.0", policy_with(&Policy::update, {"a"}));
  moved.load_all();
  CHECK(chosen(moved, moved.project()) == "1.1.0");
}

TEST_CASE("a locked version that does not fit any more is no choice") {
  Parts parts("project: a ^2\na 1.0.0:\na 2.0.0:\nlocked a 1.0.0");
  parts.load_all();
  CHECK(chosen(parts, parts.project()) == "2.0.0");
}

TEST_CASE("of a set the choice is one of its members, or nothing") {
  Parts parts("project: a *\na 1.0.0:\na 2.0.0-rc.1:\na 3.0.0:");
  const PackageId a = parts.package("a");
  const Bits set = parts.universe.arena().zero(parts.universe[a].words);
  CHECK(chosen(parts, parts.project(), set) == "nothing");
  CHECK(parts.text(a, parts.knowledge.choose_implicit(a, set)) == "nothing");
  set.set(1);
  CHECK(chosen(parts, parts.project(), set) == "2.0.0-rc.1");
  set.set(0);  // `*` takes a prerelease only where nothing else is
  CHECK(chosen(parts, parts.project(), set) == "1.0.0");
  CHECK(parts.text(a, parts.knowledge.choose_implicit(a, set)) == "1.0.0");
}

TEST_CASE("a preferred version moves the project's own dependencies only where that is asked for") {
  Parts parts("project: a *\nb 1.0.0: a *\na 1.0.0:\na 2.0.0:");
  parts.load_all();
  const PackageId a = parts.package("a");
  parts.universe[a].preferred = {parts.version(a, "1.0.0")};
  CHECK(chosen(parts, parts.node("b", "1.0.0")) == "1.0.0");
  CHECK(chosen(parts, parts.project()) == "2.0.0");
  parts.knowledge.prefer_everywhere = true;
  CHECK(chosen(parts, parts.project()) == "1.0.0");
  parts.knowledge.prefer_everywhere = false;
  parts.universe[a].shared_by_importers = true;
  CHECK(chosen(parts, parts.project()) == "1.0.0");
  const Bits all = parts.universe.satisfying(parts.spec("*"), a);
  CHECK(parts.text(a, parts.knowledge.choose_implicit(a, all)) == "1.0.0");
}

TEST_CASE("T-RES-04: the budget is used up for good") {
  Parts parts("project:", policy_with(&Policy::max_work, 100));
  CHECK(parts.knowledge.spend(60));
  CHECK(parts.knowledge.spend(40));
  CHECK_FALSE(parts.knowledge.spend(1));
  CHECK_FALSE(parts.knowledge.spend(0));
  Parts few("project:", policy_with(&Policy::max_scopes, 2));
  few.knowledge.budget.scopes = 3;
  CHECK_FALSE(few.knowledge.spend(0));
  Parts decided("project:", policy_with(&Policy::max_decisions, 2));
  decided.knowledge.budget.decisions = 3;
  CHECK_FALSE(decided.knowledge.spend(0));
}

TEST_CASE("peers are left to the project only once some had to be let go, and only its own") {
  const char* text = "project: host *\nmember m m 1.0.0: other *";
  Parts strict(text);
  CHECK(strict.knowledge.of_project.empty());
  Parts parts(text, policy_with(&Policy::peers, Peers::of_others));
  const NameId host = parts.universe.own_name("host");
  const NameId other = parts.universe.own_name("other");
  CHECK_FALSE(parts.knowledge.left_to_project(host));
  parts.knowledge.lenient = true;
  CHECK(parts.knowledge.left_to_project(host));
  CHECK_FALSE(parts.knowledge.left_to_project(other));
  CHECK(parts.knowledge.of_importers.contains(other));
}

TEST_CASE("a peer is as strict as it is until it is let go, each by itself") {
  Parts parts("project:\na 1.0.0: peer host *\na 2.0.0: peer host *");
  const PackageId a = parts.package("a");
  const NameId host = parts.universe.own_name("host");
  CHECK(parts.knowledge.leniency(a, 0, host) == Leniency::none);
  parts.knowledge.waived[{a, 0, host}] = Leniency::absent;
  CHECK(parts.knowledge.leniency(a, 0, host) == Leniency::absent);
  CHECK(parts.knowledge.leniency(a, 1, host) == Leniency::none);
}

}  // namespace hod::resolver
