// SPDX-License-Identifier: MIT
// The maker is a grandchild: its parent ends at once, so that the process that started hod never
// sees it. The makers' lock is taken before the fork and inherited, so it is held without a gap
// until the maker ends, however it ends.
//
// fork and not a program of its own: what is to be made is in memory. That is safe here because the
// command is over: its threads are gone but for idle ones, and the child only links and ends by
// _exit.
#include "cli/link_ahead.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/reporter.h"

namespace hod::cli {

namespace {

constexpr int kLowestPriority = 19;
constexpr int kIoWhoProcess = 1;             // ioprio_set: this process
constexpr int kIoClassIdle = 3 << 13;        // only when nobody else wants the disk
constexpr unsigned kFirstOwnDescriptor = 3;  // after stdin, stdout and stderr

void close_all_but(int kept) {
  const unsigned keep = static_cast<unsigned>(kept);
  if (keep > kFirstOwnDescriptor) ::syscall(SYS_close_range, kFirstOwnDescriptor, keep - 1, 0U);
  ::syscall(SYS_close_range, keep + 1, ~0U, 0U);
  const int nothing = ::open("/dev/null", O_RDWR);
  if (nothing < 0) return;
  for (int i = 0; i < static_cast<int>(kFirstOwnDescriptor); ++i) ::dup2(nothing, i);
  if (nothing >= static_cast<int>(kFirstOwnDescriptor)) ::close(nothing);
}

// Best effort, all of it: whoever may not be idle is at least nice.
void step_back() {
  ::setpriority(PRIO_PROCESS, 0, kLowestPriority);
  const sched_param none{};
  ::sched_setscheduler(0, SCHED_IDLE, &none);
  ::syscall(SYS_ioprio_set, kIoWhoProcess, 0, kIoClassIdle);
}

[[noreturn]] void make(cache::SpareMaker& maker) {
  close_all_but(maker.lock());
  if (::chdir("/") != 0) ::_exit(1);
  step_back();
  ::_exit(maker.run() ? 0 : 1);
}

}  // namespace

bool should_link_ahead(LinkAhead setting, bool ci, const cache::LinkReport& links,
                       std::size_t downloaded) {
  switch (setting) {
    case LinkAhead::never:
      return false;
    case LinkAhead::always:
      return true;
    case LinkAhead::automatic:
      return !ci && links.whole_root && downloaded == 0;
  }
  return false;
}

void link_ahead(cache::SpareOrder order) {
  std::optional<cache::SpareMaker> maker = cache::SpareMaker::begin(std::move(order));
  if (!maker) return;
  const pid_t child = ::fork();
  if (child < 0) return;
  if (child == 0) {
    ::setsid();
    if (::fork() == 0) make(*maker);
    ::_exit(0);
  }
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::string link_ahead_text(const std::string& cache_root) {
  const cache::SpareLedger ledger = cache::read_spare_ledger(cache_root);
  if (ledger.made == 0) return {};
  return fmt::format("{:<10}{:>12}{:>9} ms   the last of {}, after its command; {} on disk\n",
                     "ahead", "", ledger.last_cpu_ms, counted(ledger.made, "spare tree"),
                     readable_bytes(ledger.last_bytes));
}

void add_link_ahead(Json& document, const std::string& cache_root) {
  const cache::SpareLedger ledger = cache::read_spare_ledger(cache_root);
  if (ledger.made == 0) return;
  const auto number = [](std::uint64_t value) {
    return Json::number(static_cast<std::int64_t>(value));
  };
  Json ahead = Json::object();
  ahead.set("made", number(ledger.made));
  ahead.set("cpuMs", number(ledger.cpu_ms));
  ahead.set("lastCpuMs", number(ledger.last_cpu_ms));
  ahead.set("lastBytes", number(ledger.last_bytes));
  document.set("linkAhead", std::move(ahead));
}

}  // namespace hod::cli
