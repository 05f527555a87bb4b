// SPDX-License-Identifier: MIT
// From the nodes of a foreign lockfile to a graph: shared by all readers of such.
//
// A node is what the foreign file has: a place in a tree, a snapshot, an entry. Several nodes may
// be one package of ours (npm lays the same version down twice), and one version may be several
// packages (its copies lead to different ones): nodes become one package exactly when they are the
// same version of the same source and lead, edge by edge, to the same packages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "lockfile/foreign_lock.h"

namespace hod::lockfile {

class ImportGraph {
 public:
  // `origin`: the lockfile, for messages. Importers are those of the requirements, without edges.
  ImportGraph(std::string_view origin, const Requirements& requirements);

  // A new node; edges are added later, their targets' indices are nodes (or importers).
  std::uint32_t add_node(GraphPackage package);
  GraphPackage& node(std::uint32_t index) { return nodes_[index]; }
  const GraphPackage& node(std::uint32_t index) const { return nodes_[index]; }
  std::uint32_t node_count() const { return static_cast<std::uint32_t>(nodes_.size()); }

  std::vector<GraphImporter>& importers() { return importers_; }
  // Of that path, or nothing.
  std::optional<std::uint32_t> importer_at(std::string_view path) const;
  // Of that name, or nothing.
  std::optional<std::uint32_t> importer_named(std::string_view name) const;

  // Adds an importer's edge. `specifier` is what the lockfile recorded; when the manifest says the
  // same, the edge gets what our own graphs record of it: after overrides and catalogs. An alias
  // that has an edge already keeps it.
  void add_importer_edge(std::uint32_t importer, GraphEdge edge);

  // The raw specifiers of an importer's manifest, one an alias, in the order in which kinds win.
  std::vector<Dependency> wanted_by(std::uint32_t importer) const;

  // Where a registry package's archive was, when it is nowhere a registry would put it; for the
  // warning.
  void note_foreign_address(std::uint32_t node, std::string_view url);

  struct Options {
    bool wants_integrity = true;  // of sources that have one
  };
  // Checks every text, makes packages of nodes and the canonical graph.
  Result<ForeignLock> finish(Options options) &&;

  Error invalid(std::string what) const;  // lockfile_invalid at the origin

 private:
  Result<void> check(const GraphPackage& package, Options options) const;
  std::vector<std::uint32_t> classes() const;
  Result<std::vector<GraphPackage>> packages_of(const std::vector<std::uint32_t>& classes) const;

  std::string origin_;
  const Requirements& requirements_;
  std::vector<GraphPackage> nodes_;
  std::vector<GraphImporter> importers_;
  std::vector<std::string> foreign_addresses_;
};

// What a `resolved` address says about a package that was asked for as `specifier`.
struct ResolvedAddress {
  PackageSource source;
  bool is_foreign =
      false;  // of the registry by its specifier, but at an address no registry would use
};
// Nothing when it makes no sense.
std::optional<ResolvedAddress> source_of_address(std::string_view resolved, std::string_view name,
                                                 std::string_view specifier);

// The git location behind a git host's archive of one commit
// ("https://codeload.…/u/r/tar.gz/<commit>"); nothing when it is no such address. Such archives are
// made on the fly, so they have no integrity.
std::optional<std::string> git_of_archive(std::string_view url);

// ".../name/-/file.tgz"
bool address_is_registry_shaped(std::string_view url, std::string_view name);

}  // namespace hod::lockfile
