// SPDX-License-Identifier: MIT
#include "lockfile/import_graph.h"

#include "lockfile/foreign_scene_test.h"

using namespace hod;
using namespace hod::lockfile;
using namespace hod::lockfile::scene;

namespace {

GraphPackage package(const char* name, const char* version = "1.0.0") {
  GraphPackage made;
  made.name = name;
  made.version = version;
  made.integrity = kSha512;
  return made;
}
GraphEdge edge(const char* alias, std::uint32_t node,
               DependencyKind kind = DependencyKind::production) {
  return {alias, "*", kind, {EdgeTarget::Kind::package, node}};
}

}  // namespace

TEST_CASE("nodes that lead to the same become one package, circles included") {
  const Project project = project_of({{".", R"({"dependencies": {"a": "*", "b": "*"}})"}});
  ImportGraph graph("lock", project.requirements);
  // Two copies of a circle a → b → a, and one a that leads elsewhere.
  for (int i = 0; i < 2; ++i) {
    const std::uint32_t a = graph.add_node(package("a"));
    const std::uint32_t b = graph.add_node(package("b"));
    graph.node(a).edges = {edge("b", b)};
    graph.node(b).edges = {edge("a", a)};
  }
  const std::uint32_t odd = graph.add_node(package("a"));
  const std::uint32_t other = graph.add_node(package("b", "2.0.0"));
  graph.node(odd).edges = {edge("b", other)};
  graph.add_importer_edge(0, edge("a", 0));
  graph.add_importer_edge(0, edge("b", 3));
  graph.add_importer_edge(0, edge("c", odd));
  graph.add_importer_edge(0, edge("a", odd));  // too late: the first one stays
  CHECK(text_of(must(std::move(graph).finish({})).graph) ==
        "importer .\n  prod a * 1.0.0\n  prod b * 1.0.0\n  prod c * a@1.0.0(#2)\n"
        "package a@1.0.0\n  prod b * 1.0.0\npackage a@1.0.0(#2)\n  prod b * 2.0.0\n"
        "package b@1.0.0\n  prod a * 1.0.0\npackage b@2.0.0\n");
}

TEST_CASE("a peer context names all providers that peers lead to") {
  const Project project = project_of({{".", "{}"}, {"ui", R"({"name": "ui"})"}});
  ImportGraph graph("lock", project.requirements);
  const std::uint32_t a = graph.add_node(package("a"));
  const std::uint32_t b = graph.add_node(package("b"));
  const std::uint32_t c = graph.add_node(package("c"));
  graph.node(a).edges = {edge("b", b, DependencyKind::peer), edge("c", c)};
  graph.node(b).edges = {edge("a", a, DependencyKind::optional_peer),
                         {"ui", "*", DependencyKind::peer, {EdgeTarget::Kind::importer, 1}}};
  graph.add_importer_edge(0, edge("a", a));
  const ForeignLock lock = must(std::move(graph).finish({}));
  CHECK(lock.graph.packages[0].peer_context == "(b@1.0.0)(ui@link:ui)");
  CHECK(lock.graph.packages[1].peer_context == "(a@1.0.0)(ui@link:ui)");
  CHECK(lock.graph.packages[2].peer_context.empty());
}

TEST_CASE("an importer's edge is recorded as our own graphs record it") {
  const Project project = project_of(
      {{".", R"({"dependencies": {"a": "^1", "b": "^1"}, "overrides": {"a": "1.5.0"}})"}});
  ImportGraph graph("lock", project.requirements);
  const std::uint32_t a = graph.add_node(package("a", "1.5.0"));
  graph.add_importer_edge(0,
                          {"a", "^1", DependencyKind::production, {EdgeTarget::Kind::package, a}});
  graph.add_importer_edge(0,
                          {"b", "^2", DependencyKind::production, {EdgeTarget::Kind::package, a}});
  const ForeignLock lock = must(std::move(graph).finish({}));
  CHECK(lock.graph.importers[0].edges[0].specifier == "1.5.0");
  CHECK(lock.graph.importers[0].edges[1].specifier == "^2");
  CHECK(lock.graph.overrides.size() == 1);
}

TEST_CASE("T-LOCK-03: the stronger of two integrities of one version is kept") {
  const Project project = project_of({{".", "{}"}});
  ImportGraph graph("lock", project.requirements);
  GraphPackage weak = package("a");
  weak.integrity = "sha1-" + to_base64(std::string(20, 'a'));
  graph.add_importer_edge(0, edge("a", graph.add_node(weak)));
  graph.add_importer_edge(0, edge("b", graph.add_node(package("a"))));
  CHECK(must(std::move(graph).finish({})).graph.packages[0].integrity == kSha512);
}

TEST_CASE("T-LOCK-01: what an address says depends on what was asked for") {
  using Kind = PackageSource::Kind;
  const std::string commit(40, 'a');
  const auto source = [](std::string_view resolved, std::string_view specifier) {
    const auto address = source_of_address(resolved, "a", specifier);
    return address ? address->source : PackageSource{Kind::link, "none"};
  };
  CHECK(source("", "^1") == PackageSource{});
  CHECK(source("https://registry.example/a/-/a-1.0.0.tgz", "^1") == PackageSource{});
  CHECK(source("https://evil.example/a.tgz", "^1") == PackageSource{});
  CHECK(source("https://files.example/a.tgz", "https://files.example/a.tgz") ==
        PackageSource{Kind::tarball_url, "https://files.example/a.tgz"});
  CHECK(source("https://u:p@files.example/a.tgz", "https://files.example/a.tgz").location ==
        "none");
  CHECK(source("https://codeload.github.com/u/a/tar.gz/" + commit, "github:u/a") ==
        PackageSource{Kind::git, "git+https://github.com/u/a.git#" + commit});
  CHECK(source("https://codeload.github.com/u/a/tar.gz/main", "github:u/a").location == "none");
  CHECK(source("github:u/a#" + commit, "github:u/a") ==
        PackageSource{Kind::git, "git+ssh://git@github.com/u/a.git#" + commit});
  CHECK(source("git+ssh://git@host.example/a.git#" + commit, "x") ==
        PackageSource{Kind::git, "git+ssh://git@host.example/a.git#" + commit});
  CHECK(source("git+ssh://git@host.example/a.git#main", "x").location == "none");
  CHECK(source("file:../a", "file:../a") == PackageSource{Kind::directory, "../a"});
  CHECK(source("file:./a.tgz", "file:a.tgz") == PackageSource{Kind::tarball_file, "a.tgz"});
  CHECK(source("file:a/../b", "x").location == "none");
  CHECK(source_of_address("https://evil.example/a.tgz", "a", "^1")->is_foreign);
}

TEST_CASE("an address is a registry's by its shape") {
  CHECK(address_is_registry_shaped("https://registry.example/a/-/a-1.0.0.tgz", "a"));
  CHECK(address_is_registry_shaped("https://registry.example/npm/@s/a/-/a-1.0.0.tgz?x#y", "@s/a"));
  CHECK(address_is_registry_shaped("https://registry.example/@s%2fa/-/a-1.0.0.tgz", "@s/a"));
  CHECK_FALSE(address_is_registry_shaped("https://registry.example/b/-/a-1.0.0.tgz", "a"));
  CHECK_FALSE(address_is_registry_shaped("https://registry.example/xa/-/a-1.0.0.tgz", "a"));
  CHECK_FALSE(address_is_registry_shaped("https://registry.example/a/-/a-1.0.0.zip", "a"));
  CHECK_FALSE(address_is_registry_shaped("https://registry.example/download/a/1.0.0/x", "a"));
}

TEST_CASE("the commit in a git host's archive address leads to the repository") {
  const std::string commit(40, 'a');
  CHECK(git_of_archive("https://codeload.github.com/u/r/tar.gz/" + commit) ==
        "git+https://github.com/u/r.git#" + commit);
  CHECK(git_of_archive("https://github.com/u/r/archive/" + commit + ".tar.gz") ==
        "git+https://github.com/u/r.git#" + commit);
  CHECK(git_of_archive("https://gitlab.com/api/v4/projects/u%2Fr/repository/archive.tar.gz?ref=" +
                       commit) == "git+https://gitlab.com/u/r.git#" + commit);
  CHECK(git_of_archive("https://bitbucket.org/u/r/get/" + commit + ".tar.gz") ==
        "git+https://bitbucket.org/u/r.git#" + commit);
  CHECK(git_of_archive("https://codeload.github.com/u/r/tar.gz/main") == std::nullopt);
  CHECK(git_of_archive("https://files.example/u/r/tar.gz/" + commit) == std::nullopt);
  CHECK(git_of_archive("nonsense") == std::nullopt);
}
