// SPDX-License-Identifier: MIT
// Is there nothing to do? The state file's head and the inputs' bytes tell, in some hundred
// microseconds: no SQLite, no OpenSSL, no libcurl, no thread (architecture.md, "nothing is started
// before it is needed").
//
// The inputs of a tree are kept in its state file; their paths say how they are compared:
//   "packages/"              ends with a slash: a folder with the same folders in it (members of a
//                            workspace)
//   "node_modules/express"   below node_modules: must exist
//   "package.json"           a file: the same bytes, or still absent
// Bytes and not stamps: reading and summing a lockfile of 1,300 packages takes 0.1 ms, and no time
// stamp or inode of a project gets into its state file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cache/linker.h"
#include "cli/project.h"
#include "core/model/resolution_graph.h"

namespace hod::cli {

enum class TreeCheck : std::uint8_t {
  current,   // nothing to do
  changed,   // an input or a setting is another one, or there is no tree
  damaged,   // inputs are the same, but something is missing in node_modules: repair it
  unproved,  // as it was, but from before the last boot, which may have ended without warning
};

TreeCheck check_tree(const std::string& project_root, std::string_view settings_digest);

// Was the tree, or what a stopped run left of one, written on this machine before its last boot?
bool tree_is_unproved(const std::string& project_root);

// A short digest of settings or a lockfile's text, in hex. For telling apart, not for security.
std::string short_digest(std::string_view text);

using TreeInputs = std::vector<cache::TreeState::Input>;

// An input file whose text was read. `stamp`: taken before it was read.
cache::TreeState::Input file_input(std::string path, const std::optional<FileStamp>& stamp,
                                   std::string_view text);

// What this project's tree is made from: manifests, watched folders, .npmrc, and the direct
// dependencies that must be there. The lockfile is added by who writes it.
TreeInputs tree_inputs(const Project& project, const ResolutionGraph& graph,
                       const cache::TreeShape& shape);

}  // namespace hod::cli
