// For tests: something done in a child process under a fault plan ($HOD_FAULT's words).
#pragma once

#include <functional>
#include <string>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/io.h"

namespace hod::cache {

enum class FaultedEnd { done, failed, killed };

struct FaultedRun {
  FaultedEnd end = FaultedEnd::done;
  unsigned long calls = 0;  // to the disk, under the plan; 0 when it was killed
};

// `work`: did it go well?
inline FaultedRun run_under(const std::string& plan, const std::function<bool()>& work) {
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    io::set_fault_plan(plan.c_str());
    const bool good = work();
    const unsigned long made = io::fault_calls();
    const ssize_t told = ::write(pipe[1], &made, sizeof made);
    ::_exit(good && told > 0 ? 0 : 1);
  }
  ::close(pipe[1]);
  FaultedRun run;
  if (::read(pipe[0], &run.calls, sizeof run.calls) <= 0) run.calls = 0;
  ::close(pipe[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFSIGNALED(status)) {
    run.end = FaultedEnd::killed;
  } else if (WEXITSTATUS(status) != 0) {
    run.end = FaultedEnd::failed;
  }
  return run;
}

}  // namespace hod::cache
