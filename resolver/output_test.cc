// SPDX-License-Identifier: MIT
#include "resolver/output.h"

#include <doctest/doctest.h>

#include "resolver/test_world.h"

namespace hod::resolver {

TEST_CASE("output: a package is there once for each set of providers it reaches") {
  World world(
      "project: a *; b *\na 1.0.0: host ^1; plug *\nb 1.0.0: host ^2; plug *\nhost 1.0.0:\n"
      "host 2.0.0:\nplug 1.0.0: peer host *");
  world.solve();
  CHECK(world.packages() ==
        "a@1.0.0 b@1.0.0 host@1.0.0 host@2.0.0 plug@1.0.0(host@1.0.0) plug@1.0.0(host@2.0.0)");
  CHECK(world.edge("a@1.0.0", "plug") == "plug@1.0.0(host@1.0.0)");
  CHECK(world.edge("b@1.0.0", "plug") == "plug@1.0.0(host@2.0.0)");
  CHECK(world.edge("plug@1.0.0(host@2.0.0)", "host") == "host@2.0.0");
}

TEST_CASE("output: who has a peer of its own differs with it for those who have that as a peer") {
  // Both have the same version of `mid`, but not the same `mid`.
  World world(
      "project: x *; y *\nx 1.0.0: base ^1; mid *; top *\ny 1.0.0: base ^2; mid *; top *\n"
      "base 1.0.0:\nbase 2.0.0:\nmid 1.0.0: peer base *\ntop 1.0.0: peer mid *");
  world.solve();
  CHECK(world.edge("x@1.0.0", "top") == "top@1.0.0(base@1.0.0)(mid@1.0.0)");
  CHECK(world.edge("y@1.0.0", "top") == "top@1.0.0(base@2.0.0)(mid@1.0.0)");
  CHECK(world.edge("top@1.0.0(base@2.0.0)(mid@1.0.0)", "mid") == "mid@1.0.0(base@2.0.0)");
}

TEST_CASE("output: siblings that want each other are told without end") {
  World world("project: a *; b *\na 1.0.0: peer b *\nb 1.0.0: peer a *");
  CHECK(world.solve().packages() == "a@1.0.0(b@1.0.0) b@1.0.0(a@1.0.0)");
  CHECK(world.edge("a@1.0.0(b@1.0.0)", "b") == "b@1.0.0(a@1.0.0)");
  CHECK(world.edge("b@1.0.0(a@1.0.0)", "a") == "a@1.0.0(b@1.0.0)");
}

TEST_CASE("output: a peer comes from above through whoever has it as a peer, too") {
  World world("project: host *; a *\nhost 1.0.0:\na 1.0.0: b *; peer host *\nb 1.0.0: peer host *");
  world.solve();
  CHECK(world.edge("a@1.0.0(host@1.0.0)", "b") == "b@1.0.0(host@1.0.0)");
  CHECK(world.edge("b@1.0.0(host@1.0.0)", "host") == "host@1.0.0");
}

TEST_CASE("output: a package that brings its own host is its children's provider") {
  World world("project: host *\nhost 1.0.0: plug *\nplug 1.0.0: peer host *");
  world.solve();
  CHECK(world.edge("host@1.0.0", "plug") == "plug@1.0.0(host@1.0.0)");
  CHECK(world.edge("plug@1.0.0(host@1.0.0)", "host") == "host@1.0.0");
}

TEST_CASE("output: a workspace member that provides a peer is told by its folder") {
  World world("project: host *; plug *\nmember packages/host host 1.0.0:\nplug 1.0.0: peer host *");
  CHECK(world.solve().packages() == "plug@1.0.0(host@link:packages/host)");
  CHECK(world.edge(".", "host") == "packages/host");
  CHECK(world.edge("plug@1.0.0(host@link:packages/host)", "host") == "packages/host");
}

TEST_CASE("output: what is optional and not to be had is an edge that ends nowhere") {
  World world("project: opt gone *; a *\na 1.0.0: peer? b *");
  world.solve();
  CHECK(world.edge(".", "gone") == "absent");
  CHECK(world.edge("a@1.0.0", "b") == "absent");
}

TEST_CASE("output: instances that overrides made different are told apart by a number") {
  World world(
      "project: a *; b *\na 1.0.0: mid *\nb 1.0.0: mid *\nmid 1.0.0: low ^2\nlow 1.0.0:\n"
      "low 2.0.0:");
  Override rule;
  rule.parents.push_back({"a", {}, ""});
  rule.target.name = "low";
  rule.specifier = "1.0.0";
  rule.origin = "overrides.a.low";
  world.requirements.overrides.rules.push_back(rule);
  world.solve();
  CHECK(world.packages() == "a@1.0.0 b@1.0.0 low@1.0.0 low@2.0.0 mid@1.0.0 mid@1.0.0(#2)");
  const std::string of_a = world.edge("a@1.0.0", "mid");
  const std::string of_b = world.edge("b@1.0.0", "mid");
  CHECK(of_a != of_b);
  CHECK(world.edge(of_a, "low") == "low@1.0.0");
  CHECK(world.edge(of_b, "low") == "low@2.0.0");
}

TEST_CASE("output: instances under different overrides that come to the same are one") {
  World world("project: a *; b *\na 1.0.0: mid *\nb 1.0.0: mid *\nmid 1.0.0: low *\nlow 1.0.0:");
  Override rule;
  rule.parents.push_back({"a", {}, ""});
  rule.target.name = "unrelated";
  rule.specifier = "1.0.0";
  rule.origin = "overrides.a.unrelated";
  world.requirements.overrides.rules.push_back(rule);
  CHECK(world.solve().packages() == "a@1.0.0 b@1.0.0 low@1.0.0 mid@1.0.0");
}

TEST_CASE("output: the graph does not depend on the order in which answers come") {
  const char* text =
      "project: z *; a *; plug *\nz 1.0.0: m ^1; plug *\na 1.0.0: m ^2; plug *\nm 1.0.0:\n"
      "m 2.0.0:\nplug 1.0.0: peer m *";
  World forwards(text);
  World backwards(text);
  CHECK(*forwards.solve().graph == *backwards.solve(true).graph);
}

}  // namespace hod::resolver
