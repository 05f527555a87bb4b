// SPDX-License-Identifier: MIT
// The text of `--help`, made from the tables. Pure.
#pragma once

#include <string>

#include "cli/command_table.h"

namespace hod::cli {

// hod's version as the build knows it: "0.1.0".
std::string_view program_version();

std::string general_help();
std::string command_help(CommandId command);

}  // namespace hod::cli
