// SPDX-License-Identifier: MIT
#include "resolver/universe.h"

#include <doctest/doctest.h>

#include "resolver/test_parts.h"

namespace hod::resolver {

TEST_CASE("a specifier's meaning is read from its text, whoever wrote it") {
  struct Row {
    const char* text;
    Spec::Kind kind;
  };
  Parts parts("project:");
  for (const Row& row :
       {Row{"", Spec::Kind::any}, Row{"*", Spec::Kind::any}, Row{"^1.2.3", Spec::Kind::range},
        Row{"1.x || >=3", Spec::Kind::range}, Row{"next", Spec::Kind::tag},
        Row{"npm:other@^2", Spec::Kind::range}, Row{"npm:other@beta", Spec::Kind::tag},
        Row{"file:../a", Spec::Kind::source}, Row{"link:../a", Spec::Kind::source},
        Row{"workspace:^", Spec::Kind::workspace}, Row{"catalog:", Spec::Kind::catalog}}) {
    CAPTURE(row.text);
    CHECK(parts.universe[parts.spec(row.text)].kind == row.kind);
  }
  CHECK(parts.universe.text(parts.universe[parts.spec("npm:other@^2")].alias) == "other");
  CHECK(parts.universe[parts.spec("next")].tag == "next");
}

TEST_CASE("a specifier that means nothing is kept with its reason") {
  Parts parts("project:");
  const Spec& spec = parts.universe[parts.spec("npm:")];
  CHECK(spec.kind == Spec::Kind::refused);
  CHECK_FALSE(spec.problem.empty());
}

TEST_CASE("equal texts have one number, whatever memory they stand in") {
  Parts parts("project:");
  CHECK(parts.spec("^1") == parts.spec(std::string("^") + "1"));
  CHECK(parts.spec("^1") != parts.spec("^2"));
  CHECK(parts.universe.own_name("a") == parts.universe.name("a"));
  CHECK(parts.package("a") == parts.package("a"));
  CHECK(parts.package("a") != parts.package("b"));
}

TEST_CASE("the versions in a range are found by its bounds") {
  struct Row {
    const char* range;
    const char* versions;
  };
  Parts parts("project:\na 1.0.0:\na 1.2.0-rc.1:\na 1.2.0:\na 2.0.0-beta.1:\na 2.0.0:\na 3.1.0:");
  const PackageId a = parts.package("a");
  for (const Row& row : {Row{"^1", "1.0.0 1.2.0"}, Row{">=1.2.0-rc.0 <2", "1.2.0-rc.1 1.2.0"},
                         Row{"<2.0.0", "1.0.0 1.2.0"}, Row{"<=2.0.0", "1.0.0 1.2.0 2.0.0"},
                         Row{">1.2.0", "2.0.0 3.1.0"}, Row{"1.0.0 || 3.x", "1.0.0 3.1.0"},
                         Row{"=1.2.0-rc.1", "1.2.0-rc.1"}, Row{">=9", ""}, Row{"<1 || >4", ""},
                         Row{"*", "1.0.0 1.2.0-rc.1 1.2.0 2.0.0-beta.1 2.0.0 3.1.0"}}) {
    CAPTURE(row.range);
    const SpecId spec = parts.spec(row.range);
    const Bits set = parts.universe.satisfying(spec, a);
    CHECK(parts.text(a, set) == row.versions);
    for (VersionIndex i = 0; i < parts.universe[a].versions; ++i) {
      // Asked for one by one, before there is a set, the answer is the same.
      Parts afresh(
          "project:\na 1.0.0:\na 1.2.0-rc.1:\na 1.2.0:\na 2.0.0-beta.1:\na 2.0.0:\na 3.1.0:");
      CHECK(afresh.universe.satisfies(afresh.spec(row.range), afresh.package("a"), i) ==
            set.has(i));
    }
  }
}

TEST_CASE("best: the tag `latest` where it fits, then the highest, deprecated ones last") {
  struct Row {
    const char* specifier;
    const char* version;
  };
  Parts parts(
      "project:\na 1.0.0:\na 1.5.0 [deprecated]:\na 2.0.0:\na 2.1.0:\na 3.0.0 [deprecated]:\n"
      "a 4.0.0-rc.1:\ntag a latest 2.0.0\ntag a next 4.0.0-rc.1");
  const PackageId a = parts.package("a");
  for (const Row& row :
       {Row{"*", "2.0.0"}, Row{"^2", "2.0.0"}, Row{"^2.1", "2.1.0"}, Row{"^1", "1.0.0"},
        Row{"^3", "3.0.0"}, Row{"next", "4.0.0-rc.1"}, Row{"latest", "2.0.0"},
        Row{"no-such-tag", "nothing"}, Row{"^9", "nothing"}}) {
    CAPTURE(row.specifier);
    CHECK(parts.text(a, parts.universe.best(parts.spec(row.specifier), a)) == row.version);
  }
}

TEST_CASE("best of a set: `latest` that is deprecated does not count, prereleases where asked") {
  Parts parts("project:\na 1.0.0:\na 2.0.0-rc.1:\na 2.0.0 [deprecated]:\ntag a latest 2.0.0");
  const PackageId a = parts.package("a");
  const Bits all = parts.universe.satisfying(parts.spec("*"), a);
  CHECK(parts.text(a, parts.universe.best_of(a, all, true)) == "1.0.0");
  CHECK(parts.text(a, parts.universe.best_of(a, all, false)) == "2.0.0-rc.1");
  all.clear(parts.version(a, "1.0.0"));
  CHECK(parts.text(a, parts.universe.best_of(a, all, true)) == "2.0.0-rc.1");
  all.clear(parts.version(a, "2.0.0-rc.1"));
  CHECK(parts.text(a, parts.universe.best_of(a, all, true)) == "2.0.0");
  const Bits none = parts.universe.arena().zero(parts.universe[a].words);
  none.set(parts.universe[a].versions);
  CHECK(parts.universe.best_of(a, none, true) == kNoVersion);
}

TEST_CASE("T-RES-10: what is younger than the limit, or of unknown age, is no candidate") {
  Parts parts("project:\na 1.0.0 [time 100]:\na 1.1.0 [time 300]:\na 1.2.0:\ntag a latest 1.1.0",
              policy_with(&Policy::before, 200));
  const PackageId a = parts.package("a");
  CHECK(parts.text(a, parts.universe.satisfying(parts.spec("*"), a)) == "1.0.0 1.1.0 1.2.0");
  CHECK(parts.text(a, parts.universe.candidates(parts.spec("*"), a)) == "1.0.0");
  CHECK(parts.universe.is_held_back(parts.universe[a], 1));
  CHECK(parts.universe.is_held_back(parts.universe[a], 2));
  // What the tag names may not be had yet: the newest release before it.
  CHECK(parts.text(a, parts.universe.best(parts.spec("latest"), a)) == "1.0.0");
  Policy but_a = policy_with(&Policy::before, 200);
  but_a.before_exempt = {"a"};
  Parts exempt("project:\na 1.1.0 [time 300]:", but_a);
  CHECK_FALSE(exempt.universe.is_held_back(exempt.universe[exempt.package("a")], 0));
}

TEST_CASE("the limit does not take away what the lockfile has") {
  Parts parts("project:\na 1.0.0 [time 100]:\na 1.1.0 [time 300]:\nlocked a 1.1.0",
              policy_with(&Policy::before, 200));
  const PackageId a = parts.package("a");
  CHECK(parts.text(a, parts.universe.candidates(parts.spec("*"), a)) == "1.0.0 1.1.0");
  CHECK(parts.universe[a].locked == std::vector<VersionIndex>{1});
}

TEST_CASE("engines and platform take candidates away only where the policy says so") {
  const char* text = "project:\na 1.0.0:\na 2.0.0 [node >=20]:\na 3.0.0 [os win32]:";
  Parts careless(text);
  CHECK(careless.universe[careless.package("a")].allowed.null());
  Policy by_engine = policy_with(&Policy::engine_strict, true);
  by_engine.node_version = "18.0.0";
  Parts strict(text, by_engine);
  const PackageId a = strict.package("a");
  CHECK(strict.text(a, strict.universe.candidates(strict.spec("*"), a)) == "1.0.0 3.0.0");
  Parts platform(text, policy_with(&Policy::platform, Platform{"linux", "x64", "glibc"}));
  const PackageId b = platform.package("a");
  CHECK(platform.text(b, platform.universe.candidates(platform.spec("*"), b)) == "1.0.0 2.0.0");
}

TEST_CASE("what the lockfile knows of a package is told to be lacking once, when it is") {
  Parts parts("project:\na 1.0.0:");
  const PackageId a = parts.package("a");
  parts.universe.load(a, parts.world.registry.at("a"), {}, true);
  parts.universe.candidates(parts.spec("^1"), a);
  CHECK_FALSE(parts.universe.lacks());
  parts.universe.candidates(parts.spec("^2"), a);
  parts.universe.candidates(parts.spec("^3"), a);
  CHECK(parts.universe.lacks());
  CHECK(parts.universe.take_lacking() == std::vector<PackageId>{a});
  CHECK_FALSE(parts.universe.lacks());
}

TEST_CASE("members of the workspace are packages with one version, found by name") {
  Parts parts("project:\nmember packages/m @my/m 1.2.0-dev.1:\nmember packages/n n no-version:");
  const PackageId member = parts.universe.member(parts.universe.own_name("@my/m"));
  REQUIRE(member != kNoPackageId);
  CHECK(member == parts.universe.importer_package(1));
  CHECK(parts.universe.version_text(member, 0) == "1.2.0-dev.1");
  // It answers with whatever it is going to be released as.
  CHECK(parts.universe.satisfies(parts.spec("^1.2.0-dev"), member, 0));
  CHECK(parts.universe.satisfies(parts.spec("^1.1.0"), member, 0));
  CHECK_FALSE(parts.universe.satisfies(parts.spec("^2"), member, 0));
  CHECK(parts.universe.version_text(parts.universe.importer_package(2), 0) == "0.0.0");
  CHECK(parts.universe.member(parts.universe.own_name("stranger")) == kNoPackageId);
}

TEST_CASE("answers are matched to what was asked for, by name or source") {
  Parts parts("project:");
  const PackageId a = parts.package("a");
  PackageSource folder{PackageSource::Kind::directory, "packages/f"};
  const PackageId f = parts.universe.source_package(folder, parts.universe.own_name("f"));
  CHECK(parts.universe.source_package(folder, parts.universe.own_name("again")) == f);
  CHECK(parts.universe.find({"a", {}}) == a);
  CHECK(parts.universe.find({"f", folder}) == f);
  CHECK(parts.universe.find({"f", {}}) == kNoPackageId);
  CHECK(parts.universe.find({"never-named", {}}) == kNoPackageId);
  parts.universe.set_missing(a, Error(ErrorCode::package_not_found, "there is no `a`"));
  CHECK(parts.universe[a].known());
  CHECK(parts.universe[a].missing->what() == "there is no `a`");
}

}  // namespace hod::resolver
