// What node_modules is to look like, as a list of file operations: made from the graph and the file lists alone (pure),
// printed by --dry-run, timed by benchmarks, executed by linker.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cache/store.h"
#include "core/base/result.h"
#include "core/model/resolution_graph.h"

namespace hod::cache {

enum class Layout : std::uint8_t { isolated, hoisted };

// One package folder to be there: where, and what fills it.
struct PlacedPackage {
  std::string path;        // relative to the project's root: "node_modules/.hod/a@1.0.0/node_modules/a"
  PackageIndex package = kNoPackage;
  std::string identity;    // digest + flags: equal identity = nothing to do on re-install
};
struct PlacedLink {
  std::string path;    // relative to the project's root
  std::string target;  // text of the symlink, relative
  friend auto operator<=>(const PlacedLink&, const PlacedLink&) = default;
};
struct PlacedBin {
  std::string path;      // "node_modules/.bin/tsc"
  std::string target;    // symlink text: "../typescript/bin/tsc"
  std::string file;      // the real file, relative to the project's root: gets x bits, CRLF shebang mended
};

struct TreeShape {
  std::vector<PlacedPackage> packages;  // sorted by path
  std::vector<PlacedLink> links;        // sorted by path
  std::vector<PlacedBin> bins;          // sorted by path
  std::vector<std::string> bin_conflicts;  // notices
};

struct ShapeOptions {
  Layout layout = Layout::isolated;
  std::vector<bool> wanted;  // Installable::packages
  Omit omit;                 // importers' omitted kinds get no links
  bool hidden_hoist = true;  // isolated: node_modules/.hod/node_modules/<name> for undeclared requires
};

// Pure; deterministic. hoisted: npm's placement (client.md §C); isolated: pnpm's.
TreeShape make_shape(const ResolutionGraph& graph, const ShapeOptions& options);

}  // namespace hod::cache
