// SPDX-License-Identifier: MIT
#include "cli/local_sources.h"

#include <doctest/doctest.h>

#include "cli/test_folder.h"

using namespace hod;
using namespace hod::cli;

TEST_CASE("a folder is a package with one version and the dependencies of its manifest") {
  TestFolder folder;
  folder.write(
      "lib/package.json",
      R"({"name":"lib","version":"1.2.3","dependencies":{"a":"^1"},"devDependencies":{"b":"1"},
    "peerDependencies":{"c":"2"},"engines":{"node":">=18"},"scripts":{"install":"x"}})");
  PackageSource source{PackageSource::Kind::directory, "../project/../lib"};
  resolver::ProvidedSource provided = must(provided_by_folder(folder / "project", source, "alias"));
  CHECK(provided.metadata.name() == "lib");
  REQUIRE(provided.metadata.version_count() == 1);
  VersionFacts facts = provided.metadata.facts(0);
  CHECK(facts.version == "1.2.3");
  CHECK(facts.dependencies.size() == 2);
  CHECK(facts.node_engine == ">=18");
  CHECK(facts.has_install_script);
}

TEST_CASE("a linked folder's dependencies are not ours, and one without a name takes the slot's") {
  TestFolder folder;
  folder.write("lib/package.json", R"({"dependencies":{"a":"^1"}})");
  resolver::ProvidedSource provided =
      must(provided_by_folder(folder.path(), {PackageSource::Kind::link, "lib"}, "alias"));
  CHECK(provided.metadata.name() == "alias");
  CHECK(provided.metadata.facts(0).version == "0.0.0");
  CHECK(provided.metadata.facts(0).dependencies.empty());
}

TEST_CASE("a folder without a manifest is told with its place") {
  TestFolder folder;
  auto provided =
      provided_by_folder(folder.path(), {PackageSource::Kind::directory, "nothing"}, "x");
  REQUIRE_FALSE(provided);
  CHECK(provided.error().code() == ErrorCode::manifest_missing);
  CHECK(provided.error().where() == folder / "nothing/package.json");
}

TEST_CASE("locations are relative to the project, absolute ones stay") {
  CHECK(absolute_location("/a/b", "../c/") == "/a/c");
  CHECK(absolute_location("/a/b", "/x/./y") == "/x/y");
  CHECK(absolute_location("/a/b", ".") == "/a/b");
}
