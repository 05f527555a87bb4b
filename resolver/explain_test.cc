// SPDX-License-Identifier: MIT
#include "resolver/explain.h"

#include <doctest/doctest.h>

#include "resolver/test_world.h"

using namespace hod;
using namespace hod::resolver;

TEST_CASE("a conflict is told in numbered sentences, with ways out that were tried") {
  World world(
      "project: host ^1.0.0; plug ^2\nhost 1.0.0:\nhost 2.0.0:\nplug 1.0.0: peer host ^1\n"
      "plug 2.0.0: peer host ^2.0.0\nother 1.0.0:");
  world.solve();
  CHECK(world.explanation() ==
        "error: no set of versions works [RESOLUTION_IMPOSSIBLE]\n"
        "  1. your package.json asks for host ^1.0.0\n"
        "  2. your package.json asks for plug ^2\n"
        "  3. plug 2.0.0 (the only version in \"^2\") needs host ^2.0.0 beside it\n"
        "  so host ^1.0.0 and plug ^2 cannot be together.\n"
        "\n"
        "  ways out, smallest first\n"
        "    a  hod add plug@1                           takes plug 1.0.0 instead of ^2\n"
        "    b  hod add host@2                           takes host 2.0.0 instead of ^1.0.0\n"
        "    c  hod pkg set overrides.plug.host=^1.0.0   lets plug run with host ^1.0.0, which it "
        "does not promise to support\n");
  REQUIRE(world.conflict);
  CHECK(world.conflict->causes.size() == 3);
  CHECK(world.conflict->causes[2].kind == Cause::Kind::peer);
  CHECK(world.conflict->causes[2].who == "plug@2.0.0");
  CHECK(world.conflict->causes[2].dependency == "host");
  CHECK(world.conflict->repairs.size() == 3);
}

TEST_CASE("nothing is named that does not matter") {
  World world(
      "project: a *; b *; host ^1; plug *\nhost 1.0.0:\nhost 2.0.0:\na 1.0.0: c *\n"
      "b 1.0.0: c ^1; peer host *\nc 1.0.0:\nc 2.0.0:\nplug 1.0.0: c ^2; peer host ^2");
  world.solve();
  REQUIRE(world.conflict);
  CHECK(world.conflict->causes.size() == 3);
  CHECK(world.explanation().find("c ^") == std::string::npos);
  CHECK(world.explanation().find("asks for b") == std::string::npos);
}

TEST_CASE("versions that say the same are told together") {
  World world(
      "project: host ^1; plug *\nhost 1.0.0:\nhost 2.0.0:\nplug 1.0.0: peer host ^2\n"
      "plug 1.1.0: peer host ^2\nplug 1.2.0: peer host ^2");
  world.solve();
  CHECK(world.explanation().find(
            "plug 1.0.0, 1.1.0 and 1.2.0 (every version in \"*\") need host ^2 beside it") !=
        std::string::npos);
}

TEST_CASE("a version that does not exist is told with its neighbours") {
  World world("project: a ^2\na 1.0.0:\na 1.5.0:\na 3.0.0:\na 4.0.0:");
  world.solve();
  CHECK(world.error->code() == ErrorCode::version_not_found);
  CHECK(exit_code(world.error->code()) == 4);
  CHECK(world.explanation().find("there is no such version; the newest is 4.0.0, the nearest below "
                                 "1.5.0, the nearest above 3.0.0") != std::string::npos);
}

TEST_CASE("a package that does not exist deep in the tree is told with the chain") {
  World world("project: a *\na 1.0.0: b ^1\nb 1.0.0: nowhere ^3");
  world.solve();
  CHECK(world.error->code() == ErrorCode::package_not_found);
  const std::string text = world.explanation();
  CHECK(text.find("your package.json asks for a *") != std::string::npos);
  CHECK(text.find("a 1.0.0 (the only version in \"*\") needs b ^1") != std::string::npos);
  CHECK(text.find("needs nowhere ^3: there is no package `nowhere`") != std::string::npos);
}

TEST_CASE("members of the workspace are named by their manifest") {
  World world(
      "project: host *\nmember packages/a @my/a 1.0.0: host ^1; plug *\nhost 1.0.0:\n"
      "host 2.0.0:\nplug 1.0.0: peer host ^2");
  world.solve();
  CHECK(world.explanation().find("packages/a/package.json asks for plug *") != std::string::npos);
  CHECK(world.explanation().find("hod add --workspace packages/a host@2") != std::string::npos);
}
TEST_CASE("an override that holds below some packages only is told where it matters") {
  World world("project: a *\na 1.0.0: b *\nb 1.0.0: c *\nc 1.0.0:");
  Override rule;
  rule.parents = {{"a", std::nullopt, ""}, {"b", std::nullopt, ""}};
  rule.target.name = "c";
  rule.specifier = "9.0.0";
  rule.origin = "overrides.a.b.c";
  world.requirements.overrides.rules.push_back(std::move(rule));
  CHECK(world.solve().packages() == "refused");
  CHECK(world.explanation().find(
            "your package.json puts c 9.0.0 for what is asked below a > b (overrides.a.b.c)") !=
        std::string::npos);
}
