// SPDX-License-Identifier: MIT
#include "resolver/locked.h"

#include <doctest/doctest.h>

namespace hod::resolver {

namespace {

ResolutionGraph graph_of_two() {
  ResolutionGraph graph;
  GraphPackage a;
  a.name = "a";
  a.version = "1.0.0";
  a.edges.push_back({"b", "^1", DependencyKind::production, {EdgeTarget::Kind::package, 1}});
  GraphPackage b;
  b.name = "b";
  b.version = "1.2.0";
  graph.packages = {a, b};
  GraphImporter project{".", "project", "1.0.0", {}};
  project.edges.push_back({"a", "^1", DependencyKind::production, {EdgeTarget::Kind::package, 0}});
  graph.importers.push_back(project);
  return graph;
}

}  // namespace

TEST_CASE("the index tells versions of names and what stood in a slot") {
  const ResolutionGraph graph = graph_of_two();
  const LockIndex index(&graph, {});
  CHECK(index.versions().at("b") == std::vector<std::string>{"1.2.0"});
  REQUIRE(index.targets("a@1.0.0", "b").size() == 1);
  CHECK(index.targets("a@1.0.0", "b").front()->version == "1.2.0");
  CHECK(index.targets(".", "a").size() == 1);
  CHECK(index.targets(".", "b").empty());
}

TEST_CASE("what may move is not in the index") {
  const ResolutionGraph graph = graph_of_two();
  Policy policy;
  policy.update = {"b"};
  const LockIndex index(&graph, policy);
  CHECK_FALSE(index.versions().contains("b"));
  CHECK(index.targets("a@1.0.0", "b").empty());
  CHECK(index.targets(".", "a").size() == 1);
  policy.update = {"*"};
  CHECK(LockIndex(&graph, policy).empty());
  CHECK(LockIndex(nullptr, policy).empty());
}

}  // namespace hod::resolver
