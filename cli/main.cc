// SPDX-License-Identifier: MIT
// The process around run_program: argv, environment, folder, terminal.
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/program.h"
#include "cli/reporter.h"

namespace {

unsigned terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

// Archives and their contents are large and live shortly: given back at once, they do not add up in
// the arenas of several threads. (An install of 1,340 packages: 30 MB less at its peak.)
void return_large_blocks() { mallopt(M_MMAP_THRESHOLD, 256 << 10); }

constexpr rlim_t kFewestDescriptors = 24;  // loop, database and workers; fewer fail here and there

// A file that got the number of a stream that is closed would get that stream's text.
void open_missing_streams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
    if (fcntl(stream, F_GETFD) < 0 && open("/dev/null", O_RDWR) != stream) return;
  }
}

// What this process inherits and cannot work with. Whether it can start.
bool settle_limits() {
  open_missing_streams();
  signal(SIGPIPE, SIG_IGN);  // a reader that goes away is seen as a failed write
  signal(SIGXFSZ, SIG_IGN);  // and so is a file that may not grow (ulimit -f)
  // A umask against the owner would make trees and caches that nobody can read.
  const mode_t mask = umask(077);
  umask(mask & 077);
  rlimit descriptors{};
  return getrlimit(RLIMIT_NOFILE, &descriptors) != 0 || descriptors.rlim_cur >= kFewestDescriptors;
}

int fail(hod::ErrorCode code, const char* text) {
  const std::string name(hod::error_name(code));
  std::fprintf(stderr, "error: %s [%s]\n", text, name.c_str());
  return hod::exit_code(code);
}

}  // namespace

int main(int argc, char** argv) {
  return_large_blocks();
  if (!settle_limits()) {
    return fail(hod::ErrorCode::permission_denied,
                "this process may open too few files; `ulimit -n` must be 24 at least");
  }
  std::error_code failed;
  std::string folder = std::filesystem::current_path(failed).string();
  if (failed) {
    return fail(hod::ErrorCode::file_missing,
                "the folder this was started in does not exist any more");
  }
  hod::cli::ProgramInput input;
  for (int i = 1; i < argc; ++i) input.words.emplace_back(argv[i]);
  input.environment = hod::Environment::of_process();
  input.folder = std::move(folder);
  input.stderr_is_terminal = isatty(STDERR_FILENO) != 0;
  if (input.stderr_is_terminal) input.terminal_width = terminal_width();
  int code = hod::cli::run_program(input, hod::cli::ReporterStreams::of_process());
  if (const int error = hod::cli::output_error(); code == 0 && error != 0) {
    code = fail(error == ENOSPC || error == EDQUOT ? hod::ErrorCode::disk_full
                                                   : hod::ErrorCode::disk_failed,
                "the output could not be written");
  }
  return code;
}
