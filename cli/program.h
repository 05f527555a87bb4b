// SPDX-License-Identifier: MIT
// The program `hod`: from the command line to the exit code.
#pragma once

#include <string>
#include <vector>

#include "cli/reporter.h"
#include "core/base/environment.h"

namespace hod::cli {

struct ProgramInput {
  std::vector<std::string> words;  // argv without the program's name
  Environment environment;
  std::string folder;  // absolute: the process's working folder
  bool stderr_is_terminal = false;
  unsigned terminal_width = 80;
};

int run_program(const ProgramInput& input, ReporterStreams streams);

}  // namespace hod::cli
