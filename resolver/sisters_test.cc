// SPDX-License-Identifier: MIT
#include "resolver/sisters.h"

#include <doctest/doctest.h>

#include "resolver/test_parts.h"

namespace hod::resolver {

namespace {

// The sisters of `of` among all versions of `p`, about its dependency on `dep`.
std::string sisters_of(Parts& parts, const std::string& of, const std::string& specifier,
                       DependencyKind kind) {
  const PackageId p = parts.package("p");
  const Bits all = parts.universe.satisfying(parts.spec("*"), p);
  return parts.text(p, sisters(parts.knowledge, parts.universe.arena(), p, parts.version(p, of),
                               all, parts.universe.own_name("dep"), parts.spec(specifier), kind));
}

constexpr DependencyKind kPlain = DependencyKind::production;
constexpr DependencyKind kPeer = DependencyKind::peer;

}  // namespace

TEST_CASE("sisters ask for the same name with the same words and of the same kind") {
  Parts parts(
      "project:\np 1.0.0: dep ^1\np 1.1.0: dep ^1; more *\np 2.0.0: dep ^2\np 3.0.0: opt dep ^1\n"
      "p 4.0.0: peer dep ^1\np 5.0.0:");
  CHECK(sisters_of(parts, "1.0.0", "^1", kPlain) == "1.0.0 1.1.0");
  CHECK(sisters_of(parts, "2.0.0", "^2", kPlain) == "2.0.0");
  CHECK(sisters_of(parts, "4.0.0", "^1", kPeer) == "4.0.0");
}

TEST_CASE("a name that is asked for as another kind besides makes no sister") {
  Parts parts("project:\np 1.0.0: dep ^1\np 2.0.0: dep ^1; opt dep ^1\np 3.0.0: dep ^1");
  CHECK(sisters_of(parts, "1.0.0", "^1", kPlain) == "1.0.0 3.0.0");
}

TEST_CASE("a dependency and a peer of one name are two things") {
  Parts parts("project:\np 1.0.0: dep ^1\np 2.0.0: dep ^1; peer dep ^2");
  CHECK(sisters_of(parts, "1.0.0", "^1", kPlain) == "1.0.0 2.0.0");
}

TEST_CASE("only versions within the given set count, and always the version itself") {
  Parts parts("project:\np 1.0.0: dep ^1\np 2.0.0: dep ^1\np 3.0.0: dep ^1");
  const PackageId p = parts.package("p");
  const Bits some = parts.universe.satisfying(parts.spec(">=2"), p);
  CHECK(parts.text(p, sisters(parts.knowledge, parts.universe.arena(), p, 0, some,
                              parts.universe.own_name("dep"), parts.spec("^1"), kPlain)) ==
        "1.0.0 2.0.0 3.0.0");
  some.clear(2);
  CHECK(parts.text(p, sisters(parts.knowledge, parts.universe.arena(), p, 0, some,
                              parts.universe.own_name("dep"), parts.spec("^1"), kPlain)) ==
        "1.0.0 2.0.0");
}

TEST_CASE("what comes along in the archive is not asked for, so bundling makes no sister") {
  Parts parts("project:\np 1.0.0: dep ^1\np 2.0.0 [bundles dep]: dep ^1");
  CHECK(sisters_of(parts, "1.0.0", "^1", kPlain) == "1.0.0");
  Parts peers("project:\np 1.0.0: peer dep ^1\np 2.0.0 [bundles x]: peer dep ^1");
  CHECK(sisters_of(peers, "1.0.0", "^1", kPeer) == "1.0.0 2.0.0");
}

TEST_CASE("where overrides may treat versions differently there are no sisters") {
  Parts parts("project:\np 1.0.0: dep ^1\np 2.0.0: dep ^1\noverride dep = 1.0.0");
  CHECK(sisters_of(parts, "1.0.0", "^1", kPlain) == "1.0.0");
}

TEST_CASE("peers that were let go differ from those that were not") {
  Parts parts("project:\np 1.0.0: peer dep ^1\np 2.0.0: peer dep ^1\np 3.0.0: peer dep ^1");
  const PackageId p = parts.package("p");
  parts.knowledge.waived[{p, 1, parts.universe.own_name("dep")}] = Leniency::absent;
  CHECK(sisters_of(parts, "1.0.0", "^1", kPeer) == "1.0.0 3.0.0");
  CHECK(sisters_of(parts, "2.0.0", "^1", kPeer) == "2.0.0");
}

}  // namespace hod::resolver
