// What node_modules is to look like, as a list of file operations: made from the graph alone
// (pure), printed by --dry-run, timed by benchmarks, executed by linker.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/bins.h"
#include "core/model/resolution_graph.h"

namespace hod::cache {

enum class Layout : std::uint8_t { isolated, hoisted };

// One package folder to be there: where, and what fills it.
struct PlacedPackage {
  std::string path;  // relative to the project's root: "node_modules/.hod/a@1.0.0/node_modules/a"
  PackageIndex package = kNoPackage;
  std::string identity;  // content and flags: equal identity = nothing to do on re-install
  bool copied = false;   // copies instead of hard links: scripts may write to it, or it is patched
  std::vector<std::string> executables;  // bin targets inside: get x bits, CRLF shebangs mended
};
struct PlacedLink {
  std::string path;    // relative to the project's root
  std::string target;  // text of the symlink, relative
  friend auto operator<=>(const PlacedLink&, const PlacedLink&) = default;
};
struct PlacedBin {
  std::string path;    // "node_modules/.bin/tsc"
  std::string target;  // text of the symlink: "../typescript/bin/tsc"
  friend auto operator<=>(const PlacedBin&, const PlacedBin&) = default;
};

struct TreeShape {
  std::vector<PlacedPackage> packages;     // sorted by path
  std::vector<PlacedLink> links;           // sorted by path
  std::vector<PlacedBin> bins;             // sorted by path
  std::vector<std::string> bin_conflicts;  // notices
};

struct ShapeOptions {
  Layout layout = Layout::isolated;
  std::vector<bool> wanted;  // Installable::packages
  Omit omit;                 // importers' omitted kinds get no links
  bool hidden_hoist = true;  // isolated: node_modules/.hod/node_modules/<name> for undeclared names
  std::vector<bool> copied;  // by PackageIndex: PlacedPackage::copied; empty: none
  // By PackageIndex: the hash of its patch, "" for none; empty: none. Patched ones are copied, too.
  std::vector<std::string> patched;
  std::string_view patch_of(PackageIndex package) const {
    return package < patched.size() ? std::string_view(patched[package]) : std::string_view();
  }
  // isolated: by PackageIndex, the node_modules folder (absolute) of the global virtual store's
  // entry that stands for it (global_store.h); "": in the project. Empty: all in the project.
  std::vector<std::string> shared;
  std::vector<std::vector<Bin>> importer_bins;  // by importer: the bins of workspace members
};

// Pure; deterministic. hoisted: npm's placement (client.md §C) with fewer copies; isolated: pnpm's.
// docs/layouts.md describes both.
TreeShape make_shape(const ResolutionGraph& graph, const ShapeOptions& options);

}  // namespace hod::cache
