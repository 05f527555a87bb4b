// Child processes on the event loop: lifecycle scripts, git. No shell is put in between: a program
// and its arguments. Loop thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/environment.h"
#include "core/base/result.h"
#include "fetcher/loop.h"

namespace hod::fetcher {

enum class ProcessOutput : std::uint8_t {
  inherit,  // to where ours goes
  capture,  // into the outcome, up to capture_limit
  discard,
};

struct ProcessRequest {
  std::string program;                 // absolute path
  std::vector<std::string> arguments;  // without the program's own name
  Environment environment;             // the whole of it
  std::string folder;                  // to run in
  bool inherit_input = false;          // else it reads nothing
  ProcessOutput output = ProcessOutput::inherit;
  ProcessOutput errors = ProcessOutput::inherit;
  int output_file = -1;                  // a descriptor: standard output goes there instead
  std::size_t capture_limit = 1 << 20;   // bytes of each stream; what is beyond is dropped
  std::chrono::milliseconds timeout{0};  // then it is killed; 0: never
  bool own_session = false;              // no terminal to ask questions on; killed as a group
  std::function<void(std::string_view)> on_output;  // captured pieces of either, as they come
};

struct ProcessOutcome {
  int exit_code = 0;
  int signal = 0;  // that ended it, or 0
  bool timed_out = false;
  bool truncated = false;  // more was written than captured
  std::string output, errors;
  bool succeeded() const { return exit_code == 0 && signal == 0 && !timed_out; }
};

// Starts a process. `done` is called once, never from inside here. Error: command_missing when the
// program cannot be started.
//
// The Process may be dropped at any time: then the child is killed and `done` not called any more.
class Process {
 public:
  using Done = std::function<void(Result<ProcessOutcome>)>;
  Process(Loop& loop, ProcessRequest request, Done done);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void kill(int signal);  // the group, if it has one of its own

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with libuv, until it has let go of its handles
};

}  // namespace hod::fetcher
