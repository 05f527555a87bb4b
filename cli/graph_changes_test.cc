// SPDX-License-Identifier: MIT
#include "cli/graph_changes.h"

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::cli;

namespace {

GraphPackage package(std::string name, std::string version) {
  GraphPackage out;
  out.name = std::move(name);
  out.version = std::move(version);
  return out;
}

Project project_of(std::string_view manifest) {
  Project project;
  project.root = "/app";
  project.members.push_back(
      {".", must(Manifest::parse(manifest, "/app/package.json", Strict::yes)), std::nullopt});
  return project;
}

}  // namespace

TEST_CASE("changes between two graphs are told by name: come, gone, moved") {
  ResolutionGraph before, after;
  before.packages = {package("a", "1.0.0"), package("b", "1.0.0"), package("c", "1.0.0"),
                     package("d", "1.0.0")};
  after.packages = {package("a", "1.0.0"), package("b", "2.0.0"), package("d", "1.0.0"),
                    package("d", "2.0.0"), package("e", "1.0.0")};
  std::vector<std::string> texts;
  for (const GraphChange& change : graph_changes(&before, after)) {
    texts.push_back(change.name + ":" + change.before + ">" + change.after);
  }
  CHECK(texts == std::vector<std::string>{"b:1.0.0>2.0.0", "c:1.0.0>", "d:>2.0.0", "e:>1.0.0"});
  CHECK(graph_changes(nullptr, after).size() == 5);
  CHECK(graph_changes(&after, after).empty());
}

TEST_CASE(
    "engines that refuse this Node.js are found, and it is asked for only when somebody cares") {
  ResolutionGraph graph;
  graph.packages = {package("old", "1.0.0"), package("new", "2.0.0"),
                    package("elsewhere", "1.0.0")};
  graph.packages[0].node_engine = ">=4";
  graph.packages[1].node_engine = ">=24";
  graph.packages[2].node_engine = ">=99";
  int asked = 0;
  auto version = [&] {
    ++asked;
    return std::string("20.1.0");
  };
  std::vector<UnfitEngine> unfit =
      unfit_engines(graph, {true, true, false}, project_of("{}"), version);
  REQUIRE(unfit.size() == 1);
  CHECK(unfit.front().text() == "new 2.0.0 (>=24)");
  CHECK(unfit.front().error().code() == ErrorCode::engine_unsupported);
  CHECK(asked == 1);
  CHECK_FALSE(wants_engines({}));
  CHECK(wants_engines(graph));
  CHECK(unfit_engines({}, {}, project_of("{}"), version).empty());
  CHECK(asked == 1);
  CHECK(unfit_engines({}, {}, project_of(R"({"engines":{"node":"18.x"}})"), version)
            .front()
            .package == "your package.json");
}

TEST_CASE("packages that their publishers gave up are told when they come, not again") {
  ResolutionGraph graph;
  graph.packages = {package("a", "1.0.0"), package("b", "1.0.0")};
  graph.packages[0].deprecated = "use c";
  graph.packages[1].deprecated = "broken";
  graph.importers = {
      {".", "", "", {{"a", "1", DependencyKind::production, {EdgeTarget::Kind::package, 0}}}}};
  std::vector<DeprecatedPackage> found = newly_deprecated(nullptr, graph);
  REQUIRE(found.size() == 2);
  CHECK(found[0].direct);
  CHECK(found[0].message == "use c");
  CHECK_FALSE(found[1].direct);
  CHECK(newly_deprecated(&graph, graph).empty());
}

TEST_CASE("a specifier that cannot be read is told with file, line and column") {
  Project project = project_of(
      "{\n  \"dependencies\": {\n    \"fine\": \"^1.0.0\",\n    \"odd\": \"strange:x\"\n  }\n}\n");
  Errors errors = wrong_specifiers(project);
  REQUIRE(errors.size() == 1);
  CHECK(errors.front().where().find("/app/package.json:4:") == 0);
  CHECK(errors.front().what().find("`odd`") == 0);
}

TEST_CASE("near names of manifests and lockfile are offered for a package that does not exist") {
  Project project = project_of(R"({"dependencies":{"express":"1"}})");
  ResolutionGraph locked;
  locked.packages = {package("accepts", "1.0.0")};
  auto hints = [&](const char* name) {
    Error error(ErrorCode::package_not_found, std::string("there is no package `") + name + "`");
    return with_near_names(std::move(error), project, locked).hints();
  };
  CHECK(hints("exprss") == std::vector<std::string>{"did you mean `express`?"});
  CHECK(hints("acepts") == std::vector<std::string>{"did you mean `accepts`?"});
  CHECK(hints("quite-another").empty());
}

TEST_CASE("a package for other systems says what it wants and what this is") {
  GraphPackage mac = package("mac-only", "1.0.0");
  mac.platform.os = {"darwin"};
  Error error = unfit_platform(mac, {"linux", "x64", "glibc"});
  CHECK(error.code() == ErrorCode::platform_unsupported);
  CHECK(error.details().front() == "it wants os darwin; cpu any; libc any");
}

TEST_CASE("several versions of one name are found, and what became fewer of them") {
  ResolutionGraph before, after;
  before.packages = {package("a", "1.0.0"), package("a", "2.0.0"), package("b", "1.0.0"),
                     package("b", "2.0.0"), package("c", "1.0.0"), package("c", "1.0.0")};
  after.packages = {package("a", "2.0.0"), package("b", "1.0.0"), package("b", "3.0.0"),
                    package("c", "1.0.0")};
  CHECK(version_count(before) == 5);
  CHECK(names_of_several(before) == std::set<std::string>{"a", "b"});
  CHECK(names_with_fewer(before, after) == std::set<std::string>{"a"});
  CHECK(change_text({"a", "1.0.0", ""}) == "- a 1.0.0");
  CHECK(change_text({"a", "1.0.0", "2.0.0"}) == "~ a 1.0.0 -> 2.0.0");
}
