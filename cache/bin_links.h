// Commands: which symlinks go into a node_modules/.bin, and which files of a package are commands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cache/wanted_graph.h"

namespace hod::cache {

// Something in the node_modules beside the .bin.
struct BinOwner {
  std::string_view alias;
  EdgeTarget target;
  bool direct = false;  // a dependency of the folder that the node_modules belongs to
};

enum class BinFolder : unsigned char { of_user, of_package };

// Adds the links of `node_modules`/.bin to `shape`. `owners`: nearest first. On a clash a direct
// dependency wins, then the package of the command's name, then the nearest (T-LINK-03). `node`,
// `npm`, `sh` and their like are only made for direct dependencies of a folder of the user's.
void add_bins(const WantedGraph& graph, std::string_view node_modules, BinFolder kind,
              const std::vector<BinOwner>& owners, TreeShape& shape);

// The safe bin targets of a package, sorted, each once (T-LINK-01, T-LINK-02).
std::vector<std::string> executables_of(const std::vector<Bin>& bins);

}  // namespace hod::cache
