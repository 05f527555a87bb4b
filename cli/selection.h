// SPDX-License-Identifier: MIT
// Which projects of a workspace a command is about (-r, -w, --filter, --workspace), and in which
// order. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/project.h"
#include "core/base/result.h"

namespace hod::cli {

// Does the command line name projects at all? Else the one the command was started in is meant.
bool selects_members(const Arguments& arguments);

// Indices into project.members: dependencies before those that need them, else by path. Not the
// root, unless named.
//
// --filter: a name (`*` matches), `./folder` from the start folder, `!…` takes away, `x...` adds
// what x needs of the workspace, `...x` what needs x. --workspace: a name, a member's folder or one
// above it. Error: usage, when nothing fits.
Result<std::vector<std::size_t>> select_members(const Project& project, const Arguments& arguments,
                                                const std::string& start_folder);

// Indices of the members that `member` depends on, by their names.
std::vector<std::size_t> member_dependencies(const Project& project, std::size_t member);

// `members` with dependencies first; ways in circles are cut at the later path.
std::vector<std::size_t> in_dependency_order(const Project& project,
                                             std::vector<std::size_t> members);

}  // namespace hod::cli
