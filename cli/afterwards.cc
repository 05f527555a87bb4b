// SPDX-License-Identifier: MIT
#include "cli/afterwards.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hod::cli {

namespace {

constexpr int kLowestPriority = 19;
constexpr int kLowPriority = 5;
constexpr int kIoWhoProcess = 1;             // ioprio_set: this process
constexpr int kIoClassIdle = 3 << 13;        // only when nobody else wants the disk
constexpr unsigned kFirstOwnDescriptor = 3;  // after stdin, stdout and stderr
constexpr pid_t kInit = 1;

void close_all_but(std::vector<int> kept) {
  std::sort(kept.begin(), kept.end());
  unsigned from = kFirstOwnDescriptor;
  for (const int descriptor : kept) {
    const unsigned keep = static_cast<unsigned>(descriptor);
    if (keep > from) ::syscall(SYS_close_range, from, keep - 1, 0U);
    from = std::max(from, keep + 1);
  }
  ::syscall(SYS_close_range, from, ~0U, 0U);
  const int nothing = ::open("/dev/null", O_RDWR);
  if (nothing < 0) return;
  for (int i = 0; i < static_cast<int>(kFirstOwnDescriptor); ++i) ::dup2(nothing, i);
  if (nothing >= static_cast<int>(kFirstOwnDescriptor)) ::close(nothing);
}

// Best effort, all of it.
void step_back(Urgency urgency) {
  const bool idle = urgency == Urgency::idle;
  ::setpriority(PRIO_PROCESS, 0, idle ? kLowestPriority : kLowPriority);
  if (!idle) return;
  const sched_param none{};
  ::sched_setscheduler(0, SCHED_IDLE, &none);
  ::syscall(SYS_ioprio_set, kIoWhoProcess, 0, kIoClassIdle);
}

}  // namespace

bool run_afterwards(Urgency urgency, std::vector<int> kept, const std::function<bool()>& work) {
  const pid_t child = ::fork();
  if (child < 0) return false;
  if (child == 0) {
    ::setsid();
    const pid_t worker = ::fork();
    if (worker != 0) ::_exit(worker < 0 ? 1 : 0);
    close_all_but(std::move(kept));
    if (::chdir("/") != 0) ::_exit(1);
    step_back(urgency);
    ::_exit(work() ? 0 : 1);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool ends_with_command() { return ::getpid() == kInit || ::getsid(0) == ::getsid(kInit); }

}  // namespace hod::cli
