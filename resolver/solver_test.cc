// SPDX-License-Identifier: MIT
#include "resolver/solver.h"

#include <doctest/doctest.h>

#include "resolver/test_world.h"

using namespace hod;
using namespace hod::resolver;

namespace {

VersionFacts released(std::string version) {
  VersionFacts facts;
  facts.version = std::move(version);
  return facts;
}

}  // namespace

TEST_CASE("a range takes the version tagged latest if it fits, else the highest") {
  CHECK(World("project: a ^1\na 1.0.0:\na 1.1.0:\na 1.2.0:").solve().packages() == "a@1.2.0");
  CHECK(
      World("project: a ^1\na 1.0.0:\na 1.1.0:\na 1.2.0:\ntag a latest 1.1.0").solve().packages() ==
      "a@1.1.0");
  CHECK(
      World("project: a ^2\na 1.0.0:\na 2.1.0:\na 2.2.0:\ntag a latest 1.0.0").solve().packages() ==
      "a@2.2.0");
  CHECK(
      World("project: a next\na 1.0.0:\na 2.0.0-rc.1:\ntag a next 2.0.0-rc.1").solve().packages() ==
      "a@2.0.0-rc.1");
}

TEST_CASE("T-RES-06 a tag counts as a tag: `latest` may be old, a range is never a tag's name") {
  // `latest` on an old version holds for ranges it is in, and for nothing else.
  CHECK(World("project: a *\na 1.0.0:\na 9.0.0:\ntag a latest 1.0.0").solve().packages() ==
        "a@1.0.0");
  CHECK(World("project: a ^9\na 1.0.0:\na 9.0.0:\ntag a latest 1.0.0").solve().packages() ==
        "a@9.0.0");
  CHECK(World("project: a ^1\na 1.0.0:\na 2.0.0:\ntag a ^1 2.0.0").solve().packages() == "a@1.0.0");
  // A prerelease tagged latest is taken by `*` only.
  CHECK(World("project: a *\na 1.0.0:\na 2.0.0-x:\ntag a latest 2.0.0-x").solve().packages() ==
        "a@2.0.0-x");
  CHECK(World("project: a >=1\na 1.0.0:\na 2.0.0-x:\ntag a latest 2.0.0-x").solve().packages() ==
        "a@1.0.0");
}

TEST_CASE("deprecated versions and unasked prereleases come last") {
  CHECK(World("project: a ^1\na 1.0.0:\na 1.1.0 [deprecated]:").solve().packages() == "a@1.0.0");
  CHECK(World("project: a ^1\na 1.1.0 [deprecated]:").solve().packages() == "a@1.1.0");
  CHECK(World("project: a *\na 1.0.0:\na 2.0.0-beta:").solve().packages() == "a@1.0.0");
  CHECK(World("project: a *\na 2.0.0-beta:").solve().packages() == "a@2.0.0-beta");
  CHECK(World("project: a ^1\na 1.0.0-beta:").solve().packages() == "refused");
}

TEST_CASE("two parents may hold different versions, but share one that suits both") {
  CHECK(World("project: a *; b *\na 1.0.0: s ^1\nb 1.0.0: s ^2\ns 1.0.0:\ns 2.0.0:")
            .solve()
            .packages() == "a@1.0.0 b@1.0.0 s@1.0.0 s@2.0.0");
  CHECK(World("project: a *; b *\na 1.0.0: s ^1\nb 1.0.0: s ~1.2\ns 1.2.0:\ns 1.9.0:")
            .solve()
            .packages() == "a@1.0.0 b@1.0.0 s@1.2.0");
  // A direct dependency stays at the newest.
  CHECK(World("project: s ^1; b *\nb 1.0.0: s ~1.2\ns 1.2.0:\ns 1.9.0:").solve().packages() ==
        "b@1.0.0 s@1.2.0 s@1.9.0");
}

TEST_CASE("a peer is provided by the parent, its slot, its own peer, or an implicit slot") {
  World slot("project: host ^1; plug *\nhost 1.0.0:\nhost 2.0.0:\nplug 1.0.0: peer host *");
  CHECK(slot.solve().packages() == "host@1.0.0 plug@1.0.0(host@1.0.0)");
  CHECK(slot.edge("plug@1.0.0(host@1.0.0)", "host") == "host@1.0.0");

  World parent("project: host *\nhost 1.0.0: preset *\npreset 1.0.0: peer host ^1");
  CHECK(parent.solve().edge("preset@1.0.0(host@1.0.0)", "host") == "host@1.0.0");

  World above(
      "project: host ^1; ui *\nhost 1.0.0:\nhost 2.0.0:\nui 1.0.0: hook *; peer host *\n"
      "hook 1.0.0: peer host *");
  CHECK(above.solve().edge("hook@1.0.0(host@1.0.0)", "host") == "host@1.0.0");

  World implicit("project: plug *\nhost 1.0.0:\nhost 2.0.0:\nplug 1.0.0: peer host ^1");
  CHECK(implicit.solve().packages() == "host@1.0.0 plug@1.0.0(host@1.0.0)");
  CHECK(implicit.edge(".", "host") == "no such edge");
}

TEST_CASE("an optional peer is checked only where somebody provides it") {
  CHECK(World("project: plug *\nhost 1.0.0:\nplug 1.0.0: peer? host ^1").solve().packages() ==
        "plug@1.0.0");
  CHECK(World("project: plug ^1; host 1.0.0\nhost 1.0.0:\nplug 1.0.0:\nplug 1.1.0: peer? host ^2")
            .solve()
            .packages() == "host@1.0.0 plug@1.0.0");
}

TEST_CASE("an older version is taken where the newest cannot work, however deep the reason") {
  CHECK(World("project: plug *; host ^1\nhost 1.0.0:\nhost 2.0.0:\nplug 1.0.0: peer host ^1\n"
              "plug 2.0.0: peer host ^2")
            .solve()
            .packages() == "host@1.0.0 plug@1.0.0(host@1.0.0)");
  CHECK(World("project: a *\na 1.0.0:\na 2.0.0: b *\nb 1.0.0: nowhere *").solve().packages() ==
        "a@1.0.0");
  CHECK(World("project: a *\na 1.0.0:\na 2.0.0: b *\nb 1.0.0: c ^9\nc 1.0.0:").solve().packages() ==
        "a@1.0.0");
}

TEST_CASE("an optional dependency is left out only if nothing with it works") {
  World gone("project: opt x *; a *\na 1.0.0:\nx 1.0.0: y *\ny 1.0.0: nowhere *");
  CHECK(gone.solve().packages() == "a@1.0.0");
  CHECK(gone.edge(".", "x") == "absent");
  REQUIRE(gone.warnings.size() == 1);
  CHECK(gone.warnings[0].kind == Warning::Kind::optional_dropped);

  CHECK(World("project: opt x *\nx 1.0.0:\nx 2.0.0: nowhere *").solve().packages() == "x@1.0.0");
}

TEST_CASE("packages for other platforms stay in the graph") {
  CHECK(World("project: opt a *\na 1.0.0 [os win32]:").solve().packages() == "a@1.0.0");
  World here("project: opt a *\na 1.0.0 [os win32]:");
  here.policy.platform = Platform{"linux", "x64", ""};
  CHECK(here.solve().packages() == "");
}

TEST_CASE("strict engines leave versions out that this Node.js does not suit") {
  World world("project: a *\na 1.0.0 [node >=18]:\na 2.0.0 [node >=22]:");
  CHECK(world.solve().packages() == "a@2.0.0");
  world.policy.engine_strict = true;
  world.policy.node_version = "20.0.0";
  CHECK(world.solve().packages() == "a@1.0.0");
}

TEST_CASE("aliases provide peers under their slot's name") {
  World world("project: host npm:other@^1; plug *\nother 1.5.0:\nplug 1.0.0: peer host ^1");
  CHECK(world.solve().packages() == "other@1.5.0 plug@1.0.0(other@1.5.0)");
  CHECK(world.edge("plug@1.0.0(other@1.5.0)", "host") == "other@1.5.0");
  CHECK(World("project: x1 npm:x@^1; x2 npm:x@^2\nx 1.0.0:\nx 2.0.0:").solve().packages() ==
        "x@1.0.0 x@2.0.0");
}

TEST_CASE("members of the workspace answer workspace: and plain ranges that fit") {
  World world(
      "project: @my/a workspace:*\nmember packages/a @my/a 1.2.0: @my/b ^2\n"
      "member packages/b @my/b 2.0.0: @my/a ^9\n@my/a 9.0.0:");
  CHECK(world.solve().packages() == "@my/a@9.0.0");
  CHECK(world.edge(".", "@my/a") == "packages/a");
  CHECK(world.edge("packages/a", "@my/b") == "packages/b");
  CHECK(world.edge("packages/b", "@my/a") == "@my/a@9.0.0");

  World wrong("project: @my/c workspace:^\nmember packages/a @my/a 1.2.0:");
  CHECK(wrong.solve().explanation().find("no member of the workspace") != std::string::npos);
}

TEST_CASE("bundled dependencies are not resolved") {
  World world("project: a *\na 1.0.0 [bundles b]: b *; c *\nc 1.0.0:");
  CHECK(world.solve().packages() == "a@1.0.0 c@1.0.0");
}

TEST_CASE("what the lockfile has stays unless asked to move") {
  const std::string text =
      "project: a ^1\na 1.0.0: b *\na 1.2.0: b *\nb 1.0.0:\nb 2.0.0:\n"
      "locked a 1.0.0\nlocked b 1.0.0";
  World world(text);
  CHECK(world.solve().packages() == "a@1.0.0 b@1.0.0");
  world.policy.update = {"b"};
  CHECK(world.solve().packages() == "a@1.0.0 b@2.0.0");
  world.policy.update = {"*"};
  CHECK(world.solve().packages() == "a@1.2.0 b@2.0.0");
}

TEST_CASE("a dependency added to a locked project moves nothing else") {
  World world(
      "project: a ^1; new *\na 1.0.0: s ^1\na 1.2.0: s ^1\nnew 1.0.0: s ~1.0\ns 1.0.0:\n"
      "s 1.0.5:\ns 1.5.0:\nlocked a 1.0.0\nlocked s 1.5.0");
  CHECK(world.solve().packages() == "a@1.0.0 new@1.0.0 s@1.0.5 s@1.5.0");
}

TEST_CASE("T-RES-09 versions that are too young are held back, and that is told") {
  World world("project: a ^1\na 1.0.0 [time 100]:\na 1.1.0 [time 900]:");
  world.policy.before = 500;
  CHECK(world.solve().packages() == "a@1.0.0");
  REQUIRE(world.warnings.size() == 1);
  CHECK(world.warnings[0].kind == Warning::Kind::held_back);
  CHECK(world.warnings[0].package == "a@1.1.0");
  world.policy.before_exempt = {"a"};
  CHECK(world.solve().packages() == "a@1.1.0");

  World locked("project: a ^1\na 1.0.0 [time 100]:\na 1.1.0 [time 900]:\nlocked a 1.1.0");
  locked.policy.before = 500;
  CHECK(locked.solve().packages() == "a@1.1.0");
}

TEST_CASE("T-RES-10 a version without a publish time counts as new") {
  World world("project: a *\na 1.0.0 [time 100]:\na 1.1.0:");
  world.policy.before = 500;
  CHECK(world.solve().packages() == "a@1.0.0");
  World none("project: a *\na 1.0.0:");
  none.policy.before = 500;
  CHECK(none.solve().packages() == "refused");
  CHECK(none.explanation().find("too recently") != std::string::npos);
}

TEST_CASE("flat mode has one version of each package") {
  World world(
      "project: a *; b *\na 1.0.0: s ^1\na 2.0.0: s ^2\nb 1.0.0: s ^1\ns 1.0.0:\n"
      "s 2.0.0:");
  world.policy.flat = true;
  CHECK(world.solve().packages() == "a@1.0.0 b@1.0.0 s@1.0.0");
}

TEST_CASE("without strict peers only those are wrong that cannot be right") {
  World world(
      "project: host ^2; old *; new *\nhost 1.0.0:\nhost 2.0.0:\nold 1.0.0: peer host ^1\n"
      "new 1.0.0: peer host ^1\nnew 2.0.0: peer host ^2\nnew 3.0.0: peer host ^3");
  CHECK(world.solve().packages() == "refused");
  world.policy.peers = Peers::forgiving;
  CHECK(world.solve().packages() == "host@2.0.0 new@2.0.0(host@2.0.0) old@1.0.0(host@2.0.0)");
  REQUIRE(world.warnings.size() == 1);
  CHECK(world.warnings[0].kind == Warning::Kind::peer_unmet);
  CHECK(world.warnings[0].text == "old@1.0.0 wants host ^1 beside it and gets host@2.0.0");
  CHECK(world.warnings[0].path == std::vector<std::string>{".", "old@1.0.0"});
}

TEST_CASE("peers of others are let go where those of the project's own dependencies are kept") {
  World deep(
      "project: host ^2; app *\nhost 1.0.0:\nhost 2.0.0:\napp 1.0.0: plug *; peer host *\n"
      "plug 1.0.0: peer host ^1");
  CHECK(deep.solve().packages() == "refused");
  deep.policy.peers = Peers::of_others;
  CHECK(deep.solve().packages() == "app@1.0.0(host@2.0.0) host@2.0.0 plug@1.0.0(host@2.0.0)");
  CHECK(deep.warnings.size() == 1);

  World direct("project: host ^2; plug *\nhost 1.0.0:\nhost 2.0.0:\nplug 1.0.0: peer host ^1");
  direct.policy.peers = Peers::of_others;
  CHECK(direct.solve().packages() == "refused");
}

TEST_CASE("an override replaces ranges everywhere, and a peer it bends is told") {
  World world(
      "project: host 2.0.0; plug *\noverride host = 2.0.0\nhost 1.0.0:\nhost 2.0.0:\n"
      "plug 1.0.0: peer host ^1");
  CHECK(world.solve().packages() == "host@2.0.0 plug@1.0.0(host@2.0.0)");
  REQUIRE(world.warnings.size() == 1);
  CHECK(world.warnings[0].kind == Warning::Kind::peer_by_override);
}

TEST_CASE("the order of answers does not matter") {
  const char* text =
      "project: a *; b *; c *\na 1.0.0: s ^1; t *\nb 1.0.0: s ~1.1; peer c *\n"
      "c 1.0.0: t ^1\nc 2.0.0: t ^2; peer t ^2\ns 1.1.0:\ns 1.2.0:\nt 1.0.0:\n"
      "t 2.0.0:";
  World forwards(text);
  World backwards(text);
  CHECK(*forwards.solve().graph == *backwards.solve(true).graph);
}

TEST_CASE("metadata is asked for in as few rounds as the tree is deep") {
  World world(
      "project: a *; b *\na 1.0.0: c *; d *\nb 1.0.0: d *\nc 1.0.0: e *\nd 1.0.0: e *\n"
      "e 1.0.0:");
  world.solve();
  CHECK(world.rounds == 3);
}

TEST_CASE("T-RES-08 git and URL sources below direct dependencies are refused") {
  World world("project: a *\na 1.0.0: evil git+https://git.example/evil.git");
  CHECK(world.solve().packages() == "refused");
  CHECK(world.error->code() == ErrorCode::source_refused);
  CHECK(exit_code(world.error->code()) == 9);
  world.policy.allow_exotic_subdependencies = true;
  world.add_source({PackageSource::Kind::git, "git+https://git.example/evil.git"},
                   released("1.0.0"), "evil",
                   {PackageSource::Kind::git, "git+https://git.example/evil.git#0123"});
  CHECK(world.solve().packages() == "a@1.0.0 evil@1.0.0");

  World direct("project: x https://files.example/x.tgz");
  direct.add_source({PackageSource::Kind::tarball_url, "https://files.example/x.tgz"},
                    released("3.0.0"), "x",
                    {PackageSource::Kind::tarball_url, "https://files.example/x.tgz"});
  CHECK(direct.solve().packages() == "x@3.0.0");
  // Files and folders are for the project alone, whatever is allowed.
  World file("project: a *\na 1.0.0: b file:../b");
  file.policy.allow_exotic_subdependencies = true;
  CHECK(file.solve().packages() == "refused");
}

TEST_CASE("T-RES-02 names of JavaScript's own are names like others") {
  World world(
      "project: constructor ^1; toString ^1; __proto__ ^1; hasOwnProperty *\n"
      "constructor 1.0.0: toString ^1\ntoString 1.0.0: __proto__ ^1\n"
      "__proto__ 1.0.0: constructor ^1\nhasOwnProperty 1.0.0: peer constructor *");
  CHECK(world.solve().packages() ==
        "__proto__@1.0.0 constructor@1.0.0 hasOwnProperty@1.0.0(constructor@1.0.0) "
        "toString@1.0.0");
}

TEST_CASE("T-RES-07 versions of two sources are never merged") {
  // The name from a tarball and the name from the registry are two packages, each with its own
  // versions.
  World world("project: x https://files.example/x.tgz; a *\na 1.0.0: x ^1\nx 1.0.0:\nx 9.0.0:");
  world.add_source({PackageSource::Kind::tarball_url, "https://files.example/x.tgz"},
                   released("1.5.0"), "x",
                   {PackageSource::Kind::tarball_url, "https://files.example/x.tgz"});
  CHECK(world.solve().edge(".", "x") == "x@1.5.0");
  CHECK(world.edge("a@1.0.0", "x") == "x@1.0.0");
}

TEST_CASE("T-RES-04 a search that does not end is given up with a message") {
  // Pigeons and holes: peers among many siblings that never fit.
  std::string text = "project: ";
  std::string registry;
  for (int i = 0; i < 12; ++i) {
    const std::string name = "p" + std::to_string(i);
    text += name + " *; ";
    for (int v = 1; v <= 11; ++v) {
      registry += name + " " + std::to_string(v) + ".0.0: ";
      for (int k = 0; k < 12; ++k) {
        if (k == i) continue;
        const std::string own = std::to_string(v);
        registry += "peer p" + std::to_string(k) + " <" + own + ".0.0 || >" + own + ".0.0; ";
      }
      registry += "\n";
    }
  }
  World world(text + "\n" + registry);
  world.policy.max_work = 3'000'000;
  world.solve();
  REQUIRE(world.error);
  CHECK(world.error->code() == ErrorCode::resolution_budget);
  CHECK(world.error->text().find("choices") != std::string::npos);
  CHECK(exit_code(world.error->code()) == 3);
}

TEST_CASE("circles, self-dependencies and a peer on oneself end") {
  CHECK(World("project: a *\na 1.0.0: b *\nb 1.0.0: a *").solve().packages() == "a@1.0.0 b@1.0.0");
  CHECK(World("project: a *\na 1.0.0: a *").solve().packages() == "a@1.0.0");
  CHECK(World("project: a *\na 1.0.0: peer a ^1").solve().packages() == "a@1.0.0");
  CHECK(World("project: a *\na 1.0.0: peer a ^2").solve().packages() == "refused");
  CHECK(World("project: a *; b *\na 1.0.0: peer b *\nb 1.0.0: peer a *").solve().packages() ==
        "a@1.0.0(b@1.0.0) b@1.0.0(a@1.0.0)");
}

TEST_CASE("a chain as deep as it likes is no recursion") {
  std::string text = "project: p0 *\n";
  for (int i = 0; i < 20'000; ++i) {
    text += "p" + std::to_string(i) + " 1.0.0: p" + std::to_string(i + 1) + " *\n";
  }
  text += "p20000 1.0.0:";
  World world(text);
  REQUIRE(world.solve().graph);
  CHECK(world.graph->packages.size() == 20'001);
}

TEST_CASE("a long chain with nothing at its end is refused") {
  std::string text = "project: p0 *";
  for (int i = 0; i < 20'000; ++i) {
    text += "\np" + std::to_string(i) + " 1.0.0: p" + std::to_string(i + 1) + " *";
  }
  World broken(text);
  CHECK(broken.solve().packages() == "refused");
  REQUIRE(broken.conflict);
  CHECK(broken.conflict->causes.size() == 20'001);
}

TEST_CASE("odd texts in the registry are refused, not obeyed") {
  for (const char* odd : {"||||", "not a range!", "^^1", ">= ", "1.x.3", "file:../..", "link:x",
                          "workspace:*", "catalog:", "npm:@", "http://", "git+ssh://", "\x01"}) {
    CAPTURE(odd);
    World world("project: a *\na 1.0.0:\na 2.0.0: b *\nb 1.0.0:");
    PackageMetadataBuilder builder("a");
    builder.add_version(released("1.0.0"));
    VersionFacts facts;
    facts.version = "2.0.0";
    facts.dependencies = {{"b", odd, DependencyKind::production},
                          {"c", odd, DependencyKind::optional}};
    builder.add_version(std::move(facts));
    builder.add_version(released("not a version"));
    world.registry.insert_or_assign("a", make_package_metadata(std::move(builder)));
    world.solve();
    REQUIRE(world.graph);
    CHECK(world.edge(".", "a").starts_with("a@"));
  }
}

TEST_CASE("T-RES-03 ranges of the greatest length among thousands of versions take no time") {
  std::string range = "^1.0.0";
  for (int i = 0; i < 100; ++i) {
    range += " || ~1." + std::to_string(i) + ".0-" + std::string(24, 'x');
  }
  std::string text = "project: a " + range + "\n";
  for (int i = 0; i < 3000; ++i) text += "a 1." + std::to_string(i) + ".0:\n";
  World world(text);
  CHECK(world.solve().packages() == "a@1.2999.0");
  CHECK(world.statistics.conflicts == 0);
}

TEST_CASE("a package without versions is told as such") {
  World world("project: a *");
  world.registry.emplace("a", make_package_metadata(PackageMetadataBuilder("a")));
  CHECK(world.solve().explanation().find("it has no versions") != std::string::npos);
}

TEST_CASE("releases that are likely to be chosen are told while metadata is still missing") {
  World world("project: a ^1\na 1.0.0:\na 1.5.0: b *\na 2.0.0:\nb 1.0.0: c *\nc 1.0.0:");
  Solver solver(world.requirements, nullptr, world.policy);
  std::vector<std::string> expected;
  Solver::Step step = solver.advance();
  while (!step.done) {
    for (const MetadataKey& key : step.needed) solver.provide(key, world.registry.at(key.name));
    step = solver.advance();
    for (const ExpectedRelease& release : step.expected)
      expected.push_back(release.name + "@" + release.version);
    if (!step.done && expected.size() == 1) CHECK(expected.front() == "a@1.5.0");
  }
  CHECK(expected == std::vector<std::string>{"a@1.5.0", "b@1.0.0", "c@1.0.0"});
}
