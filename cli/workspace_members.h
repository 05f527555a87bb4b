// SPDX-License-Identifier: MIT
// Which folders are members of a workspace: the globs of `workspaces` walked on disk.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"

namespace hod::cli {

struct FoundMembers {
  std::vector<std::string>
      paths;  // folders with a package.json, relative to the root, sorted, without "."
  // Folders whose change of entries may add or remove a member; relative, sorted. The no-op path
  // stats them.
  std::vector<std::string> watched;
};

// `patterns` in the file's order: "!x" takes away what earlier ones found, a later one may bring it
// back. node_modules and symlinks are never entered. Errors: workspace_invalid (a pattern that
// leaves the root: T-LINK-09), disk_*.
Result<FoundMembers> find_members(const std::string& root,
                                  const std::vector<std::string>& patterns);

// Names of the folders in `path` that may be members or lead to some, sorted; none when it cannot
// be read.
std::vector<std::string> folders_in(const std::string& path);

}  // namespace hod::cli
