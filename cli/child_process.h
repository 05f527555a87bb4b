// SPDX-License-Identifier: MIT
// Programs started by hod: scripts, `hod exec`, `node --version`. Blocks until the child has ended.
// Main thread only.
//
// While a child runs, Ctrl-C belongs to it (the terminal sends SIGINT to both; hod waits for the
// child's answer), and SIGTERM and SIGHUP sent to hod are handed on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/environment.h"
#include "core/base/file.h"
#include "core/base/result.h"

namespace hod::cli {

enum class ChildOutput : std::uint8_t {
  inherit,    // the terminal as it is
  to_stderr,  // both streams to stderr: stdout is for our own document
  capture,    // stdout is collected (64 KiB at most), stderr dropped
};

struct ChildRequest {
  std::string program;                 // absolute
  std::vector<std::string> arguments;  // without the program's name
  Environment environment;
  std::string folder;  // absolute: where it starts
  ChildOutput output = ChildOutput::inherit;
};

struct ChildOutcome {
  int exit_code = 0;  // as a shell would say it: 128 + signal when one ended it
  int signal = 0;     // 0: it ended by itself
  std::string output;
};

// Error: command_missing (no such file), permission_denied, disk_failed (cannot be started).
Result<ChildOutcome> run_child(const ChildRequest& request);

// A child that answers while hod does something else; who is not asked for it is waited for at the
// end of its owner's life. Signals to hod are not handed on.
class BackgroundChild {
 public:
  // `output` must be capture.
  static Result<BackgroundChild> start(const ChildRequest& request);
  ~BackgroundChild();
  BackgroundChild(BackgroundChild&& other) noexcept;
  BackgroundChild(const BackgroundChild&) = delete;

  ChildOutcome wait();  // once

 private:
  BackgroundChild(int process, Fd output) : process_(process), output_(std::move(output)) {}
  int process_;  // 0: waited for
  Fd output_;
};

}  // namespace hod::cli
