// SPDX-License-Identifier: MIT
#include "cli/afterwards.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <fmt/core.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cache/handover.h"
#include "cache/spare.h"
#include "cli/reporter.h"

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

std::string afterwards_text(const std::string& cache_root) {
  const cache::Ledger ahead = cache::read_ledger(cache::spare_folder(cache_root));
  const cache::Ledger later = cache::read_ledger(cache::keeper_folder(cache_root));
  std::string text;
  if (ahead.made > 0)
    text += fmt::format("{:<10}{:>12}{:>9} ms   the last of {}, after its command; {} on disk\n",
                        "ahead", "", ahead.last_cpu_ms, counted(ahead.made, "spare tree"),
                        readable_bytes(ahead.last_bytes));
  if (later.made > 0)
    text += fmt::format("{:<10}{:>12}{:>9} ms   filling the cache, after the last of {}\n", "later",
                        "", later.last_cpu_ms, counted(later.made, "command"));
  return text;
}

void add_afterwards(Json& document, const std::string& cache_root) {
  const auto add = [&document](const char* name, const cache::Ledger& ledger) {
    if (ledger.made == 0) return;
    const auto number = [](std::uint64_t value) {
      return Json::number(static_cast<std::int64_t>(value));
    };
    Json work = Json::object();
    work.set("made", number(ledger.made));
    work.set("cpuMs", number(ledger.cpu_ms));
    work.set("lastCpuMs", number(ledger.last_cpu_ms));
    work.set("lastBytes", number(ledger.last_bytes));
    document.set(name, std::move(work));
  };
  add("linkAhead", cache::read_ledger(cache::spare_folder(cache_root)));
  add("linkLater", cache::read_ledger(cache::keeper_folder(cache_root)));
}

bool ends_with_command() { return ::getpid() == kInit || ::getsid(0) == ::getsid(kInit); }

}  // namespace hod::cli
