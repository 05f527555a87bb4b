// SPDX-License-Identifier: MIT
// The process around run_program: argv, environment, folder, terminal.
#include <cstdio>
#include <filesystem>

#include <malloc.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/program.h"

namespace {

unsigned terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

// Archives and their contents are large and live shortly: given back at once, they do not add up in
// the arenas of several threads. (An install of 1,340 packages: 30 MB less at its peak.)
void return_large_blocks() { mallopt(M_MMAP_THRESHOLD, 256 << 10); }

}  // namespace

int main(int argc, char** argv) {
  return_large_blocks();
  signal(SIGPIPE, SIG_IGN);  // a reader that goes away is seen as a failed write
  std::error_code failed;
  std::string folder = std::filesystem::current_path(failed).string();
  if (failed) {
    std::fputs("error: the folder this was started in does not exist any more [FILE_MISSING]\n",
               stderr);
    return hod::exit_code(hod::ErrorCode::file_missing);
  }
  hod::cli::ProgramInput input;
  for (int i = 1; i < argc; ++i) input.words.emplace_back(argv[i]);
  input.environment = hod::Environment::of_process();
  input.folder = std::move(folder);
  input.stderr_is_terminal = isatty(STDERR_FILENO) != 0;
  if (input.stderr_is_terminal) input.terminal_width = terminal_width();
  return hod::cli::run_program(input, hod::cli::ReporterStreams::of_process());
}
