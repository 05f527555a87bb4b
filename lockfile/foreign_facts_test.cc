// SPDX-License-Identifier: MIT
#include "lockfile/foreign_facts.h"

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::lockfile;

namespace {

GraphPackage package(std::string name, std::string version) {
  GraphPackage made;
  made.name = std::move(name);
  made.version = std::move(version);
  return made;
}

GraphEdge edge(std::string alias, std::string specifier, PackageIndex target) {
  return {std::move(alias),
          std::move(specifier),
          DependencyKind::production,
          {EdgeTarget::Kind::package, target}};
}

// The project asks for host and plug; plug asks for lib. Nothing but versions is known.
ForeignLock bare() {
  ForeignLock lock;
  lock.graph.packages = {package("host", "1.0.0"), package("lib", "1.0.0"),
                         package("plug", "2.0.0")};
  lock.graph.packages[2].edges.push_back(edge("lib", "1.0.0", 1));
  lock.graph.importers.push_back(
      {".", "x", "", {edge("host", "^1.0.0", 0), edge("plug", "^2.0.0", 2)}});
  lock.unknown = {true, true, true, true, true, true, true};
  return lock;
}

std::map<std::string, PackageMetadata> documents() {
  std::map<std::string, PackageMetadata> out;
  PackageMetadataBuilder plug("plug");
  VersionFacts facts;
  facts.version = "2.0.0";
  facts.dependencies = {{"host", ">=1", DependencyKind::peer},
                        {"lib", "^1.0.0", DependencyKind::production},
                        {"none", "*", DependencyKind::optional_peer}};
  facts.bins = {{"plug", "cli.js"}};
  facts.node_engine = ">=18";
  facts.integrity = "sha512-plug";
  facts.has_install_script = true;
  plug.add_version(facts);
  facts.version = "3.0.0";
  plug.add_version(facts);
  out.emplace("plug", make_package_metadata(std::move(plug)));
  return out;
}

}  // namespace

TEST_CASE("nothing is asked where a foreign lockfile records everything") {
  ForeignLock lock = bare();
  CHECK(names_with_unknown_facts(lock) == std::set<std::string>{"host", "lib", "plug"});
  lock.unknown = {};
  CHECK(names_with_unknown_facts(lock).empty());
}

TEST_CASE("facts come from the document of exactly the version that the lockfile has") {
  ForeignLock lock = bare();
  const ResolutionGraph before = lock.graph;
  must(complete_facts(lock, documents(), "yarn.lock"));
  const GraphPackage& plug = lock.graph.packages[2];
  CHECK(plug.id() == "plug@2.0.0");
  CHECK(plug.integrity == "sha512-plug");
  CHECK(plug.node_engine == ">=18");
  CHECK(plug.bins.size() == 1);
  CHECK(plug.has_install_script);
  REQUIRE(plug.edges.size() == 3);
  CHECK(plug.edges[0].alias == "host");
  CHECK(plug.edges[0].kind == DependencyKind::peer);
  CHECK(plug.edges[0].target == EdgeTarget{EdgeTarget::Kind::package, 0});
  CHECK(plug.edges[1].specifier == "^1.0.0");
  CHECK(plug.edges[2].target.kind == EdgeTarget::Kind::absent);
  CHECK(check_nothing_moved(before, lock.graph).has_value());
}

TEST_CASE("what the lockfile does record is not asked of the registry") {
  ForeignLock lock = bare();
  lock.unknown = {};
  lock.unknown.bins = true;
  lock.graph.packages[2].integrity = "sha512-mine";
  must(complete_facts(lock, documents(), "pnpm-lock.yaml"));
  CHECK(lock.graph.packages[2].integrity == "sha512-mine");
  CHECK(lock.graph.packages[2].edges.size() == 1);
  CHECK(lock.graph.packages[2].bins.size() == 1);
  CHECK(lock.graph.packages[2].node_engine.empty());
}

TEST_CASE("a version that the registry has no more is named, and no other one is picked") {
  ForeignLock lock = bare();
  lock.graph.packages[2].version = "2.5.0";
  const auto completed = complete_facts(lock, documents(), "yarn.lock");
  REQUIRE_FALSE(completed.has_value());
  CHECK(completed.error().code() == ErrorCode::version_not_found);
  CHECK(completed.error().text().find("plug@2.5.0") != std::string::npos);
  CHECK(lock.graph.packages[2].version == "2.5.0");
}

TEST_CASE("a version or an edge that moved is told") {
  const ResolutionGraph before = bare().graph;
  ResolutionGraph after = before;
  after.packages[1].version = "1.1.0";
  CHECK(check_nothing_moved(before, after).error().what().find("lib@1.0.0") != std::string::npos);
  after = before;
  after.packages.push_back(package("more", "1.0.0"));
  CHECK(check_nothing_moved(before, after).error().what().find("more@1.0.0") != std::string::npos);
  after = before;
  after.packages[2].edges.clear();
  CHECK(check_nothing_moved(before, after).error().what().find("`lib` of `plug@2.0.0`") !=
        std::string::npos);
}
