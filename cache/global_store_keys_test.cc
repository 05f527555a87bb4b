// SPDX-License-Identifier: MIT
#include "cache/global_store_keys.h"

#include <doctest/doctest.h>

#include "cache/global_store_scene_test.h"

using namespace hod;
using namespace hod::cache;
using namespace hod::cache::scene;

namespace {

// Entry names by "a@1(context)"; "" for what stays in the project.
std::map<std::string, std::string> entries_of(const ResolutionGraph& graph,
                                              const ShapeOptions& options) {
  const std::vector<std::string> names = global_entries(wanted_graph(graph, options));
  std::map<std::string, std::string> out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    out[graph.packages[i].id() + graph.packages[i].peer_context] = names[i];
  }
  return out;
}

std::map<std::string, std::string> entries_of(std::string_view text) {
  const ResolutionGraph graph = proved_graph(text);
  return entries_of(graph, all_of(graph, Layout::isolated));
}

}  // namespace

TEST_CASE("the same closure has the same entry in every project") {
  auto one = entries_of(". -> a@1\n a@1 -> b@1\n b@1");
  auto other = entries_of(". -> z@3, b@1, y=a@1\n z@3 -> a@1\n a@1 -> b@1\n b@1");
  CHECK(one["a@1"] == other["a@1"]);
  CHECK(one["b@1"] == other["b@1"]);
  CHECK(one["a@1"].starts_with("a@1/"));
  CHECK(one["a@1"].size() == 4 + 32);
}

TEST_CASE("an entry's name changes with anything below it") {
  const std::string way = ". -> a@1\n a@1 -> b@1\n b@1 -> ";
  auto one = entries_of(way + "c@1\n c@1");
  for (const char* other :
       {"c@2\n c@2", "d=c@1\n c@1", "c@1\n c@1 -> d@1\n d@1", "c@1\n c@1 [bin x=cli.js]"}) {
    CAPTURE(other);
    CHECK(entries_of(way + other)["a@1"] != one["a@1"]);
  }
  ResolutionGraph repacked = proved_graph(way + "c@1\n c@1");
  repacked.packages.back().integrity = repacked.packages.front().integrity;
  CHECK(entries_of(repacked, all_of(repacked, Layout::isolated))["a@1"] != one["a@1"]);
}

TEST_CASE("peers count as they were resolved") {
  auto both = entries_of(
      ". -> x@1, y@1\n x@1 -> p@1, a@1(p@1)\n y@1 -> p@2, a@1(p@2)\n a@1(p@1) -> peer p@1\n"
      "a@1(p@2) -> peer p@2\n p@1\n p@2");
  CHECK(both["a@1(p@1)"] != both["a@1(p@2)"]);
}

TEST_CASE("packages that need each other have names of their own, the same in every project") {
  const std::string ring = "a@1 -> b@1\n b@1 -> a@1, c@1\n c@1";
  auto one = entries_of(". -> a@1\n" + ring);
  auto other = entries_of(". -> z@1\n z@1 -> b@1\n" + ring);
  CHECK(one["a@1"] == other["a@1"]);
  CHECK(one["b@1"] == other["b@1"]);
  CHECK(one["a@1"].substr(4) != one["b@1"].substr(4));
  auto changed = entries_of(". -> a@1\n a@1 -> b@1\n b@1 -> a@1, c@2\n c@2");
  CHECK(changed["a@1"] != one["a@1"]);
}

TEST_CASE("what is left out on this platform is not in the name") {
  const ResolutionGraph graph = proved_graph(". -> a@1\n a@1 -> optional native@1\n native@1");
  ShapeOptions options = all_of(graph, Layout::isolated);
  const std::string with = entries_of(graph, options)["a@1"];
  for (std::size_t i = 0; i < graph.packages.size(); ++i) {
    if (graph.packages[i].name == "native") options.wanted[i] = false;
  }
  const std::string without = entries_of(graph, options)["a@1"];
  CHECK(with != without);
  CHECK(without == entries_of(". -> a@1\n a@1")["a@1"]);
}

TEST_CASE("what cannot be shared stays in the project with all above it, not what is below") {
  SUBCASE("workspace members and folders") {
    auto made = entries_of(
        ". -> a@1, f@1\n /packages/w w@1 -> below@1\n a@1 -> b@1\n b@1 -> w=/packages/w, below@1\n"
        "f@1 -> l@1\n l@1 [folder libs/l]\n below@1");
    for (const char* id : {"a@1", "b@1", "f@1", "l@1"}) CHECK(made[id].empty());
    CHECK_FALSE(made["below@1"].empty());
  }
  SUBCASE("packages that scripts may write to") {
    const ResolutionGraph graph = proved_graph(". -> a@1\n a@1 -> b@1\n b@1 -> c@1\n c@1");
    ShapeOptions options = all_of(graph, Layout::isolated);
    options.copied = {false, true, false};
    REQUIRE(graph.packages[1].name == "b");
    auto made = entries_of(graph, options);
    CHECK(made["a@1"].empty());
    CHECK(made["b@1"].empty());
    CHECK_FALSE(made["c@1"].empty());
  }
  SUBCASE("packages that no SHA-512 proves") {
    ResolutionGraph graph = proved_graph(". -> a@1\n a@1 -> b@1\n b@1");
    graph.packages[1].integrity = "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=";
    CHECK(entries_of(graph, all_of(graph, Layout::isolated))["a@1"].empty());
  }
  SUBCASE("a ring with one of them") {
    auto made = entries_of(". -> a@1\n /w w@1\n a@1 -> b@1\n b@1 -> a@1, w=/w");
    CHECK(made["a@1"].empty());
    CHECK(made["b@1"].empty());
  }
}

TEST_CASE("a chain of a hundred thousand packages is named without deep recursion") {
  ResolutionGraph graph;
  constexpr PackageIndex kLength = 100'000;
  const std::string integrity =
      Integrity::of(DigestAlgorithm::sha512, digest_of(DigestAlgorithm::sha512, "")).text();
  graph.packages.resize(kLength);
  for (PackageIndex i = 0; i < kLength; ++i) {
    GraphPackage& package = graph.packages[i];
    package.name = "p" + std::to_string(i);
    package.version = "1.0.0";
    package.integrity = integrity;
    if (i + 1 == kLength) continue;
    package.edges.push_back({"p" + std::to_string(i + 1),
                             "1",
                             DependencyKind::production,
                             {EdgeTarget::Kind::package, i + 1}});
  }
  graph.importers.push_back({".", "", "", {}});
  const ShapeOptions options = all_of(graph, Layout::isolated);
  const std::vector<std::string> names = global_entries(wanted_graph(graph, options));
  CHECK_FALSE(names.front().empty());
  CHECK_FALSE(names.back().empty());
}
