// SPDX-License-Identifier: MIT
#include "lockfile/hod_lock.h"

#include <algorithm>
#include <chrono>
#include <random>

#include <doctest/doctest.h>

#include "core/base/encoding.h"
#include "core/base/file.h"

using namespace hod;
using namespace hod::lockfile;

namespace {

std::string sha512(char fill) { return "sha512-" + to_base64(std::string(64, fill)); }

GraphPackage package_of(const char* name, const char* version) {
  GraphPackage package;
  package.name = name;
  package.version = version;
  package.integrity = sha512('a');
  return package;
}

EdgeTarget to_package(PackageIndex index) { return {EdgeTarget::Kind::package, index}; }

ResolutionGraph read(std::string_view text) {
  auto graph = read_hod_lock(text, "hod.lock");
  INFO(text);
  if (!graph) FAIL(graph.error().text());
  return std::move(*graph);
}

// One of everything.
ResolutionGraph full_graph() {
  ResolutionGraph graph;
  graph.overrides = {{"overrides.a", "1.0.0"}, {"pnpm.overrides.b@>1 <2", "-"}};
  graph.patches = {{"@scope/full@>=1 <2", std::string(64, 'f')}, {"git-dep", std::string(64, '0')}};
  graph.importers = {{".", "app", "", {}}, {"packages/ui kit", "@mono/ui", "", {}}};

  GraphPackage full = package_of("@scope/full", "1.2.3-rc.1");
  full.peer_context = "(react@18.2.0)";
  full.integrity = sha512('b') + " sha1-" + to_base64(std::string(20, 'c'));
  full.tarball = "https://files.example/full.tgz";
  full.platform = {{"linux", "!win32"}, {"x64"}, {"glibc"}};
  full.node_engine = ">=18 <23 || >=24";
  full.bundled = {"inner", "@x/inner"};
  full.bins = {{"full", "bin/full.js"}, {"full2", "bin/a b.js"}};
  full.has_install_script = true;
  full.deprecated = "line one\nline \"two\" \\ \xE2\x80\xAE \xC3\xA9";
  full.edges = {{"old-react", "npm:react@^17", DependencyKind::production, to_package(1)},
                {"react", ">=17", DependencyKind::peer, to_package(2)},
                {"vue", "*", DependencyKind::optional_peer, {}},
                {"ui", "workspace:*", DependencyKind::production, {EdgeTarget::Kind::importer, 1}}};
  GraphPackage folder = package_of("folder", "");
  folder.integrity.clear();
  folder.source = {PackageSource::Kind::directory, "../lib"};
  GraphPackage git = package_of("git-dep", "1.0.0");
  git.integrity.clear();
  git.source = {PackageSource::Kind::git,
                "git+ssh://git@host.example/a/b.git#0123456789012345678901234567890123456789"};
  GraphPackage work = package_of("work", "1.0.0");
  work.source = {PackageSource::Kind::registry, "internal"};
  GraphPackage file = package_of("packed", "2.0.0");
  file.source = {PackageSource::Kind::tarball_file, "vendor/packed 2.tgz"};
  GraphPackage url = package_of("remote", "3.0.0");
  url.source = {PackageSource::Kind::tarball_url, "https://files.example/remote.tgz"};
  GraphPackage linked = package_of("linked", "1.0.0");
  linked.integrity.clear();
  linked.source = {PackageSource::Kind::link, "packages/linked"};
  graph.packages = {full,
                    package_of("react", "17.0.2"),
                    package_of("react", "18.2.0"),
                    folder,
                    git,
                    work,
                    file,
                    url,
                    linked,
                    package_of("2-thenable", "1.0.0")};
  graph.importers[0].edges = {
      {"@scope/full", "^1.2.3-rc", DependencyKind::production, to_package(0)},
      {"folder", "file:../lib", DependencyKind::production, to_package(3)},
      {"git-dep", "git+ssh://git@host.example/a/b.git", DependencyKind::development, to_package(4)},
      {"work", "1", DependencyKind::production, to_package(5)},
      {"packed", "file:vendor/packed 2.tgz", DependencyKind::production, to_package(6)},
      {"remote", "https://files.example/remote.tgz", DependencyKind::optional, to_package(7)},
      {"linked", "link:packages/linked", DependencyKind::production, to_package(8)},
      {"gone", "^1", DependencyKind::optional, {}},
      {"ui", "workspace:^", DependencyKind::production, {EdgeTarget::Kind::importer, 1}},
      {"thenable", "npm:2-thenable@1", DependencyKind::production, to_package(9)},
      {"react", "18", DependencyKind::peer, to_package(2)},
  };
  canonicalize(graph);
  return graph;
}

}  // namespace

TEST_CASE("hod.lock has one block a package and one line a fact") {
  const std::string a = sha512('a');
  CHECK(write_hod_lock(full_graph()) == R"(hod-lock 1

overrides
  overrides.a 1.0.0
  "pnpm.overrides.b@>1 <2" -

patches
  "@scope/full@>=1 <2" ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
  git-dep 0000000000000000000000000000000000000000000000000000000000000000

importer .
  name app
  prod @scope/full ^1.2.3-rc 1.2.3-rc.1(react@18.2.0)
  prod folder file:../lib folder@ directory ../lib
  dev git-dep git+ssh://git@host.example/a/b.git 1.0.0 git git+ssh://git@host.example/a/b.git#0123456789012345678901234567890123456789
  optional gone ^1 -
  prod linked link:packages/linked 1.0.0 link packages/linked
  prod packed "file:vendor/packed 2.tgz" 2.0.0 file "vendor/packed 2.tgz"
  peer react 18 18.2.0
  optional remote https://files.example/remote.tgz 3.0.0 tarball https://files.example/remote.tgz
  prod thenable npm:2-thenable@1 2-thenable@1.0.0
  prod ui workspace:^ importer "packages/ui kit"
  prod work 1 1.0.0 registry internal

importer "packages/ui kit"
  name @mono/ui

package 2-thenable@1.0.0
  integrity )" + a + R"(

package @scope/full@1.2.3-rc.1(react@18.2.0)
  integrity )" + sha512('b') +
                                            R"( sha1-Y2NjY2NjY2NjY2NjY2NjY2NjY2M=
  tarball https://files.example/full.tgz
  os linux !win32
  cpu x64
  libc glibc
  node ">=18 <23 || >=24"
  bundled @x/inner inner
  bin full bin/full.js
  bin full2 "bin/a b.js"
  scripts
  deprecated "line one\nline \"two\" \\ \u202e )"
                                            "\xC3\xA9"
                                            R"("
  prod old-react npm:react@^17 react@17.0.2
  peer react >=17 18.2.0
  prod ui workspace:* importer "packages/ui kit"
  peerOptional vue * -

package folder@ directory ../lib

package git-dep@1.0.0 git git+ssh://git@host.example/a/b.git#0123456789012345678901234567890123456789

package linked@1.0.0 link packages/linked

package packed@2.0.0 file "vendor/packed 2.tgz"
  integrity )" + a + R"(

package react@17.0.2
  integrity )" + a + R"(

package react@18.2.0
  integrity )" + a + R"(

package remote@3.0.0 tarball https://files.example/remote.tgz
  integrity )" + a + R"(

package work@1.0.0 registry internal
  integrity )" + a + "\n");
}

TEST_CASE("the example of the specification is canonical") {
  const std::string page =
      must(read_file(std::string(HOD_SOURCE_DIR) + "/docs/lockfile-format.md"));
  const std::string fence = "```\n";
  const std::size_t begin = page.find(fence) + fence.size();
  const std::string example = page.substr(begin, page.find(fence, begin) - begin);
  CHECK(write_hod_lock(read(example)) == example);
}

TEST_CASE("what was written is read back, all of it") {
  const ResolutionGraph graph = full_graph();
  const std::string text = write_hod_lock(graph);
  CHECK(read(text) == graph);
  CHECK(write_hod_lock(read(text)) == text);
}

TEST_CASE("a graph of nothing is a lockfile") {
  ResolutionGraph graph;
  graph.importers = {{".", "", "", {}}};
  CHECK(write_hod_lock(graph) == "hod-lock 1\n\nimporter .\n");
  CHECK(read(write_hod_lock(graph)) == graph);
}

TEST_CASE(
    "blocks and lines in any order, windows newlines and leftovers give the canonical graph") {
  const std::string integrity = "  integrity " + sha512('a') + "\n";
  std::string text = "hod-lock 1\n\npackage b@1.0.0\n" + integrity +
                     "\n\n\npackage leftover@1.0.0\n" + integrity +
                     "\npackage a@1.0.0\n  prod c 1 1.0.0\n  prod b ^1 1.0.0\n" + integrity +
                     "package c@1.0.0\n" + integrity + "importer .\n  prod a * 1.0.0\n";
  const ResolutionGraph graph = read(text);
  const std::string canonical = write_hod_lock(graph);
  CHECK(canonical == "hod-lock 1\n\nimporter .\n  prod a * 1.0.0\n\npackage a@1.0.0\n" + integrity +
                         "  prod b ^1 1.0.0\n  prod c 1 1.0.0\n\npackage b@1.0.0\n" + integrity +
                         "\npackage c@1.0.0\n" + integrity);
  std::string windows;
  for (const char c : text) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  CHECK(write_hod_lock(read(windows)) == canonical);
}

TEST_CASE("several instances of one version differ in their peers") {
  ResolutionGraph graph;
  graph.importers = {{".", "", "", {}}};
  for (const char* version : {"17.0.0", "18.0.0"}) {
    const auto index = static_cast<PackageIndex>(graph.packages.size());
    GraphPackage host = package_of("host", "1.0.0");
    host.peer_context = std::string("(peer@") + version + ")";
    host.edges = {{"peer", "*", DependencyKind::peer, to_package(index + 1)}};
    graph.packages.push_back(host);
    graph.packages.push_back(package_of("peer", version));
    graph.importers[0].edges.push_back({std::string("host") + version[1], "npm:host@1",
                                        DependencyKind::production, to_package(index)});
  }
  canonicalize(graph);
  CHECK(read(write_hod_lock(graph)) == graph);
}

TEST_CASE("a text that is no UTF-8 is written so that it can be read") {
  ResolutionGraph graph;
  graph.importers = {{".", "", "", {}}};
  GraphPackage package = package_of("a", "1.0.0");
  package.deprecated = "bad \xFF byte";
  graph.packages = {package};
  graph.importers[0].edges = {{"a", "1", DependencyKind::production, to_package(0)}};
  CHECK(read(write_hod_lock(graph)).packages[0].deprecated.find("bad ") == 0);
}

namespace {

class RandomGraph {
 public:
  explicit RandomGraph(unsigned seed) : random_(seed) {}

  ResolutionGraph make() {
    ResolutionGraph graph;
    graph.importers.push_back({".", pick({"", "app", "My App \xC3\xA4"}), "", {}});
    for (std::size_t i = below(3); i > 0; --i) {
      graph.importers.push_back({"packages/p" + std::to_string(i), pick({"", "@m/p"}), "", {}});
    }
    for (std::size_t i = below(15); i > 0; --i) add_package(graph);
    for (auto& importer : graph.importers) add_edges(graph, importer.edges, true);
    for (auto& package : graph.packages) add_edges(graph, package.edges, false);
    for (std::size_t i = below(3); i > 0; --i) {
      graph.overrides.emplace_back("overrides.x" + std::to_string(i) + odd(), odd());
    }
    canonicalize(graph);
    return graph;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  std::string pick(std::initializer_list<const char*> choices) {
    return choices.begin()[below(choices.size())];
  }
  std::string odd() {
    return pick({"", " ", "-", "a b", "\"", "\\", "\\n", "\n", "\t\r\n", "\xE2\x80\xA8",
                 "\xF0\x9F\xA6\x84", "importer", ">=1 <2 || 3", "\x7F", "\x01", "package x@1",
                 "<<<<<<<", "^1.0.0"});
  }

  void add_package(ResolutionGraph& graph) {
    GraphPackage package =
        package_of(pick({"a", "b", "@s/c", "2-d", "E", "x~y", "p(q)"}).c_str(),
                   pick({"1.0.0", "1.10.0", "2.0.0-rc.1", "3.0.0+build.7"}).c_str());
    package.peer_context =
        pick({"", "", "(react@18.0.0)", "(ui@link:packages/a (b))(#2)", "(\xC3\xA9)"});
    if (below(3) == 0) add_source(package);
    if (below(4) == 0) package.tarball = "https://files.example/x?y=%20z";
    if (below(4) == 0) package.platform = {{odd(), "linux"}, {odd()}, {}};
    if (below(4) == 0) package.bins = {{"a'b", "x/y z.js"}, {"c", "\xC3\xA9.js"}};
    if (below(4) == 0) package.bundled = {"a", "@s/c"};
    if (below(3) == 0) package.node_engine = odd();
    if (below(3) == 0) package.deprecated = odd();
    package.has_install_script = below(2) == 0;
    const auto same = [&package](const GraphPackage& other) {
      return other.name == package.name && other.version == package.version &&
             other.source == package.source && other.peer_context == package.peer_context;
    };
    if (std::none_of(graph.packages.begin(), graph.packages.end(), same)) {
      graph.packages.push_back(std::move(package));
    }
  }

  void add_source(GraphPackage& package) {
    const std::string commit(40, 'c');
    switch (below(6)) {
      case 0:
        package.source = {PackageSource::Kind::registry, "internal-2"};
        return;
      case 1:
        package.source = {PackageSource::Kind::tarball_url, "https://files.example/a.tgz"};
        return;
      case 2:
        package.source = {PackageSource::Kind::tarball_file, "../x y/\xC3\xA9.tgz"};
        return;
      case 3:
        package.source = {PackageSource::Kind::git, "git+https://host.example/a.git#" + commit +
                                                        pick({"", "&path:packages/x"})};
        package.integrity.clear();
        return;
      case 4:
        package.source = {PackageSource::Kind::directory, pick({".", "..", "../..", "a/b", "-x"})};
        package.integrity.clear();
        if (below(2)) package.version.clear();
        return;
      default:
        package.source = {PackageSource::Kind::link, "../x"};
        package.integrity.clear();
    }
  }

  void add_edges(const ResolutionGraph& graph, std::vector<GraphEdge>& edges, bool of_importer) {
    for (std::size_t i = below(5); i > 0; --i) {
      GraphEdge edge;
      edge.alias = pick({"a", "b", "@s/c", "importer", "name"}) + std::to_string(i);
      edge.specifier = odd();
      const DependencyKind kinds[] = {DependencyKind::production, DependencyKind::optional,
                                      DependencyKind::peer, DependencyKind::optional_peer,
                                      DependencyKind::development};
      edge.kind = kinds[below(of_importer ? 5 : 4)];
      const std::size_t way = below(4);
      if (way == 0) {
        edge.target = {EdgeTarget::Kind::importer,
                       static_cast<std::uint32_t>(below(graph.importers.size()))};
      } else if (way < 3 && !graph.packages.empty()) {
        const auto index = static_cast<PackageIndex>(below(graph.packages.size()));
        const PackageSource& source = graph.packages[index].source;
        const bool is_place = source.kind == PackageSource::Kind::directory ||
                              source.kind == PackageSource::Kind::link ||
                              source.kind == PackageSource::Kind::tarball_file;
        if (is_place && !of_importer) continue;
        if (is_place) edge.specifier = "file:" + source.location;
        if (below(2)) edge.alias = graph.packages[index].name;
        edge.target = to_package(index);
      }
      const auto same = [&edge](const GraphEdge& other) { return other.alias == edge.alias; };
      if (std::none_of(edges.begin(), edges.end(), same)) edges.push_back(std::move(edge));
    }
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("any canonical graph survives writing and reading, and its bytes do too") {
  for (unsigned seed = 0; seed < 10'000; ++seed) {
    CAPTURE(seed);
    const ResolutionGraph graph = RandomGraph(seed).make();
    const std::string text = write_hod_lock(graph);
    CAPTURE(text);
    const auto again = read_hod_lock(text, "hod.lock");
    if (!again) FAIL(again.error().text());
    REQUIRE(*again == graph);
    REQUIRE(write_hod_lock(*again) == text);
  }
}

TEST_CASE("a damaged lockfile is an error or a graph that is written and read again") {
  const std::string text = write_hod_lock(full_graph());
  std::mt19937 random(5);
  std::size_t readable = 0;
  for (int round = 0; round < 30'000; ++round) {
    std::string damaged = text;
    for (std::size_t k = 1 + random() % 3; k > 0; --k) {
      const std::size_t at = random() % damaged.size();
      switch (random() % 4) {
        case 0:
          damaged[at] = static_cast<char>(random());
          break;
        case 1:
          damaged.erase(at, 1 + random() % 40);
          break;
        case 2:
          damaged.insert(at, damaged.substr(random() % damaged.size(), random() % 80));
          break;
        default:
          damaged[at] = "\n\"\\ @(/.-"[random() % 9];
      }
    }
    const auto graph = read_hod_lock(damaged, "hod.lock");
    if (!graph) continue;
    ++readable;
    const std::string written = write_hod_lock(*graph);
    CAPTURE(damaged);
    const auto again = read_hod_lock(written, "hod.lock");
    if (!again) FAIL(again.error().text());
    REQUIRE(*again == *graph);
  }
  CHECK(readable > 0);
}

TEST_CASE("a lockfile of 1,340 packages is read and written") {
  ResolutionGraph graph;
  graph.importers = {{".", "app", "", {}}};
  std::mt19937 random(1);
  constexpr PackageIndex kCount = 1340;
  for (PackageIndex i = 0; i < kCount; ++i) {
    GraphPackage package = package_of(("package-" + std::to_string(i)).c_str(), "1.2.3");
    package.node_engine = ">=18";
    for (PackageIndex k = 0; k < 5 && i > k; ++k) {
      const auto target = static_cast<PackageIndex>(random() % i);
      package.edges.push_back({"package-" + std::to_string(target), "^1.0.0",
                               DependencyKind::production, to_package(target)});
    }
    std::sort(package.edges.begin(), package.edges.end());
    package.edges.erase(std::unique(package.edges.begin(), package.edges.end()),
                        package.edges.end());
    graph.packages.push_back(std::move(package));
    graph.importers[0].edges.push_back(
        {graph.packages.back().name, "^1.0.0", DependencyKind::production, to_package(i)});
  }
  canonicalize(graph);
  const std::string text = write_hod_lock(graph);
  const auto start = std::chrono::steady_clock::now();
  const ResolutionGraph again = read(text);
  const auto end = std::chrono::steady_clock::now();
  MESSAGE("read " << text.size() << " bytes in "
                  << std::chrono::duration_cast<std::chrono::microseconds>(end - start).count()
                  << " us");
  CHECK(again == graph);
}
