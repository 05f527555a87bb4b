// What was chosen: packages, edges between them, importers. The solver's outcome, the lockfile's
// content and the linker's input are this one type.
//
// Canonical: packages sorted by (name, version by precedence, source, peer context), edges by
// alias; so the same graph gives the same bytes. All platforms are in it; choosing what to install
// here is `installable()`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/model/bins.h"
#include "core/model/dependency.h"
#include "core/model/package_metadata.h"
#include "core/model/platform.h"
#include "core/model/requirements.h"

namespace hod {

struct PackageSource {
  enum class Kind : std::uint8_t { registry, tarball_url, tarball_file, git, directory, link };
  Kind kind = Kind::registry;
  // registry: "" for the one configured for the name; tarball_url: URL; tarball_file, directory,
  // link: path relative to the project's root; git: "git+ssh://…#<full commit>" (or a host's
  // tarball URL, then tarball_url).
  std::string location;
  friend auto operator<=>(const PackageSource&, const PackageSource&) = default;
};

using PackageIndex = std::uint32_t;
inline constexpr PackageIndex kNoPackage = 0xFFFFFFFF;

// Where an edge ends: a package, an importer (workspace), or nothing (an optional dependency that
// could not be had, an optional peer nobody provides).
struct EdgeTarget {
  enum class Kind : std::uint8_t { package, importer, absent };
  Kind kind = Kind::absent;
  std::uint32_t index = kNoPackage;
  friend auto operator<=>(const EdgeTarget&, const EdgeTarget&) = default;
};

struct GraphEdge {
  std::string alias;
  std::string specifier;  // after overrides, as it was asked for
  DependencyKind kind = DependencyKind::production;
  EdgeTarget target;
  friend auto operator<=>(const GraphEdge&, const GraphEdge&) = default;
};

struct GraphPackage {
  std::string name;
  std::string version;  // normalised semver text
  PackageSource source;
  std::string integrity;  // SRI text; empty only for directory, link and git sources
  std::string tarball;    // only when it is not where the registry's rule puts it (see client of
                          // fetcher/registry.h), else ""
  // Distinguishes instances of one name@version by what their peers resolve to:
  // "(react@18.2.0)(vue@3.0.0)", sorted; empty when it has no resolved peers. Readable, canonical.
  std::string peer_context;
  std::vector<GraphEdge> edges;  // sorted by alias; one per alias; peers resolved to the provider
  std::vector<Bin> bins;
  PlatformNeeds platform;
  std::vector<std::string>
      bundled;  // names that its tarball brings itself: not resolved, not linked
  std::string node_engine;
  std::string deprecated;
  bool has_install_script = false;
  std::uint64_t unpacked_size =
      0;  // bytes, 0: unknown; a hint for progress and for ordering fetches (not in the lockfile)
  friend bool operator==(const GraphPackage&, const GraphPackage&) = default;

  std::string id() const { return name + "@" + version; }
};

struct GraphImporter {
  std::string path;  // as Importer::path
  std::string name;
  std::string version;
  std::vector<GraphEdge>
      edges;  // sorted by alias; one per alias (kind production, development, optional or peer)
  friend bool operator==(const GraphImporter&, const GraphImporter&) = default;
};

struct ResolutionGraph {
  std::vector<GraphImporter> importers;  // sorted by path; "." first
  std::vector<GraphPackage> packages;
  std::vector<std::pair<std::string, std::string>>
      overrides;  // origin → specifier, sorted: a change re-solves
  // Key of `patchedDependencies` → hash of the patch (patches.h), sorted. They change no version.
  std::vector<std::pair<std::string, std::string>> patches;
  friend bool operator==(const ResolutionGraph&, const ResolutionGraph&) = default;
};

// Sorts packages and edges into the canonical order and renumbers targets; drops what no importer
// reaches.
void canonicalize(ResolutionGraph& graph);

struct Omit {
  bool development = false;
  bool optional = false;
  bool peer = false;
};

// Which packages are to be on disk here: reachable from an importer without omitted kinds, and,
// below optional edges, only where the platform allows. A package that only optional edges lead to
// and whose platform does not fit is left out with all that only it needs. index i ↔ packages[i].
// `missing_platform`: packages that are required (not only optional) although this platform is none
// of theirs.
struct Installable {
  std::vector<bool> packages;
  std::vector<PackageIndex> unsupported;
};
Installable installable(const ResolutionGraph& graph, const Platform& platform, const Omit& omit);

// Does the graph still answer these requirements (same importers, same specifiers, same overrides)?
// What differs, one line each, for --frozen-lockfile's message; empty: up to date.
std::vector<std::string> differences(const ResolutionGraph& locked,
                                     const Requirements& requirements);

}  // namespace hod
