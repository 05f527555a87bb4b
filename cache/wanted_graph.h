// The graph as the layouts see it: only what is wanted on this machine, names as numbers, and the
// folders of the project that have a node_modules of their own.
//
// Views into the graph and the options: both must outlive it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cache/link_plan.h"

namespace hod::cache {

using AliasIndex = std::uint32_t;
using TopIndex = std::uint32_t;
inline constexpr TopIndex kNoTop = 0xFFFFFFFF;

struct WantedEdge {
  AliasIndex alias = 0;
  EdgeTarget target;  // never absent, never an unwanted package
  bool peer = false;
};

// A dependency that is rightly absent: nothing of that name should be found, unless it would do.
struct AbsentEdge {
  AliasIndex alias = 0;
  std::string_view specifier;
};

// A folder of the user's own with packages below it: an importer, or a `file:` folder inside the
// project.
struct TopFolder {
  std::string path;  // relative to the project's root, normalised; "" for the root itself
  PackageIndex package = kNoPackage;  // of a `file:` folder
  TopIndex parent = kNoTop;           // whose node_modules Node looks into next
  std::vector<WantedEdge> edges;      // by alias text
};

struct WantedGraph {
  const ResolutionGraph* graph = nullptr;
  const ShapeOptions* options = nullptr;
  std::vector<std::string_view> aliases;       // AliasIndex → text
  std::vector<TopFolder> tops;                 // importers by their index, then `file:` folders
  std::vector<std::vector<WantedEdge>> edges;  // by PackageIndex; empty for folders and links
  std::vector<TopIndex> top_of_package;        // `file:` folders and links: their top, else kNoTop
  std::vector<std::vector<AliasIndex>> bundled;  // by PackageIndex
  std::vector<AbsentEdge> absent;                // of all packages, by alias

  bool wanted(PackageIndex package) const {
    return package < options->wanted.size() && options->wanted[package];
  }
  // A symlink to a folder of the user's instead of a folder of the store's.
  bool is_folder(PackageIndex package) const;
  std::string_view alias(AliasIndex index) const { return aliases[index]; }
  // May `target` stand where everybody sees it? Not where somebody asks, optionally, for another
  // version of that name and was to find none: npm calls a tree invalid where an optional peer is
  // found and does not fit.
  bool is_welcome(AliasIndex alias, const EdgeTarget& target) const;
  const std::vector<Bin>& bins_of(const EdgeTarget& target) const;
};

WantedGraph wanted_graph(const ResolutionGraph& graph, const ShapeOptions& options);

}  // namespace hod::cache
