// Paths below a project, as text: what may stand in a tree, and how one place names another.
//
// All paths are relative to the project's root, "/"-separated, without "." and "..". The grammar of
// what hod places (docs/layouts.md) is checked before anything is made or removed, for the wanted
// tree as for the one a state file claims (T-LINK-01, T-LINK-04, T-LINK-11).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/model/resolution_graph.h"

namespace hod::cache {

enum class TreeEntry : unsigned char { package, link, bin };

// May an entry of this kind stand at `path`?
//   [<folder>/]node_modules/[.hod/<id>/node_modules/]<name>[/node_modules/<name>]…
//   links also at <…>/node_modules/.hod/node_modules/<name>; bins at <…>/node_modules/.bin/<name>
bool tree_path_is_safe(std::string_view path, TreeEntry kind);

// The text of a symlink in folder `from` (of the project) that leads to `to` (shortest_path(); may
// leave the project by leading ".." or be absolute).
std::string relative_link(std::string_view from, std::string_view to);

std::string_view parent_path(std::string_view path);  // "" at the top
std::string_view base_name(std::string_view path);
bool path_is_below(std::string_view path, std::string_view folder);  // strictly

// "node_modules" of a folder: joins without a leading slash for the root "".
std::string joined(std::string_view folder, std::string_view name);

// Calls take("a"), take("a/b") for path "a/b/file", less those that `before` is in, too: of files
// sorted by bytes those of one folder stand together. `take` says whether to go on.
template <class Take>
void for_new_folders(std::string_view before, std::string_view path, const Take& take) {
  std::size_t common = 0;
  for (std::size_t i = 0; i < path.size() && i < before.size() && path[i] == before[i]; ++i) {
    if (path[i] == '/') common = i + 1;
  }
  for (std::size_t slash = path.find('/', common); slash != std::string_view::npos;
       slash = path.find('/', slash + 1)) {
    if (!take(path.substr(0, slash))) return;
  }
}

// The isolated layout's folder for one package: "a@1.0.0_react@18.2.0", "@s+a@1.0.0", with a patch
// "a@1.0.0_patch_hash=<hash>". Names longer than 120 characters, and those that lost something on
// the way, end with 128 bits of SHA-256 (T-CACHE-08).
std::string isolated_folder(const GraphPackage& package, std::string_view patch = {});

}  // namespace hod::cache
