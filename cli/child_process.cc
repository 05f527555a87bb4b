// SPDX-License-Identifier: MIT
// posix_spawn rather than libuv: nothing else runs while a child does, and `hod run` then needs no
// loop at all.
//
// What must stay true:
//  (1) The child starts with default signal actions and an empty mask, whatever hod has set for
//  itself. (2) hod's own signal actions are back as they were when run_child returns.
#include "cli/child_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/assert.h"
#include "core/base/file.h"
#include "core/base/io.h"
#include "core/base/program.h"

namespace hod::cli {

namespace {

constexpr std::size_t kMostOutput = 64 * 1024;

volatile pid_t g_child = 0;  // for the signal handler, which may only do what kill() does

void hand_on(int number) {
  if (g_child > 0) kill(g_child, number);
}

// Signal actions for the time a child runs.
class SignalGuard {
 public:
  SignalGuard() {
    set(0, SIGINT, SIG_IGN);
    set(1, SIGQUIT, SIG_IGN);
    set(2, SIGTERM, hand_on);
    set(3, SIGHUP, hand_on);
  }
  ~SignalGuard() {
    for (const Saved& saved : saved_) sigaction(saved.number, &saved.action, nullptr);
  }
  SignalGuard(const SignalGuard&) = delete;
  SignalGuard& operator=(const SignalGuard&) = delete;

 private:
  struct Saved {
    int number = 0;
    struct sigaction action {};
  };
  void set(std::size_t slot, int number, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    saved_[slot].number = number;
    sigaction(number, &action, &saved_[slot].action);
  }
  std::array<Saved, 4> saved_;
};

class SpawnPlan {
 public:
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

std::string read_output(int fd) {
  std::string out;
  std::array<char, 4096> buffer;
  for (;;) {
    ssize_t got = io::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return out;
    std::size_t room = kMostOutput - out.size();
    out.append(buffer.data(), std::min(room, static_cast<std::size_t>(got)));
  }
}

struct Pipe {
  Fd read_end, write_end;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return failure(system_error(errno, "make a pipe", ""));
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

ChildOutcome wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  ChildOutcome outcome;
  if (WIFSIGNALED(status)) {
    outcome.signal = WTERMSIG(status);
    outcome.exit_code = 128 + outcome.signal;
  } else {
    outcome.exit_code = WEXITSTATUS(status);
  }
  return outcome;
}

Error start_error(int number, const ChildRequest& request) {
  if (number == ENOENT) {
    return Error(ErrorCode::command_missing, "cannot start `" + request.program + "`: no such file")
        .hint("if the file exists, the program in its first line (`#!…`) does not");
  }
  return system_error(number, "start", request.program);
}

struct Started {
  pid_t process = 0;
  Fd output;  // when captured
};

Result<Started> start_child(const ChildRequest& request) {
  SpawnPlan plan;
  posix_spawn_file_actions_addchdir_np(&plan.actions, request.folder.c_str());
  Pipe pipe;
  if (request.output == ChildOutput::to_stderr) {
    posix_spawn_file_actions_adddup2(&plan.actions, STDERR_FILENO, STDOUT_FILENO);
  } else if (request.output == ChildOutput::capture) {
    HOD_TRY(pipe, make_pipe());
    posix_spawn_file_actions_adddup2(&plan.actions, pipe.write_end.get(), STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&plan.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&plan.actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  }
  ExecTexts arguments(request.program, request.arguments);
  ExecTexts variables(request.environment);
  pid_t child = 0;
  int failed = posix_spawn(&child, request.program.c_str(), &plan.actions, &plan.attributes,
                           arguments.pointers(), variables.pointers());
  if (failed != 0) return failure(start_error(failed, request));
  return Started{child, std::move(pipe.read_end)};
}

}  // namespace

Result<ChildOutcome> run_child(const ChildRequest& request) {
  SignalGuard guard;
  HOD_TRY(Started child, start_child(request));
  g_child = child.process;
  std::string output = child.output ? read_output(child.output.get()) : "";
  ChildOutcome outcome = wait_for(child.process);
  g_child = 0;
  outcome.output = std::move(output);
  return outcome;
}

Result<BackgroundChild> BackgroundChild::start(const ChildRequest& request) {
  HOD_ASSERT(request.output == ChildOutput::capture);
  HOD_TRY(Started child, start_child(request));
  return BackgroundChild(child.process, std::move(child.output));
}

BackgroundChild::BackgroundChild(BackgroundChild&& other) noexcept
    : process_(std::exchange(other.process_, 0)), output_(std::move(other.output_)) {}

BackgroundChild::~BackgroundChild() {
  if (process_ != 0) wait();
}

ChildOutcome BackgroundChild::wait() {
  HOD_ASSERT(process_ != 0);
  std::string output = read_output(output_.get());
  ChildOutcome outcome = wait_for(std::exchange(process_, 0));
  outcome.output = std::move(output);
  return outcome;
}

}  // namespace hod::cli
