// SPDX-License-Identifier: MIT
// The system calls of hod::io. With HOD_FAULTS each one first passes fault_point(), which counts
// and, as $HOD_FAULT says, fails, shortens or kills. Parsing of $HOD_FAULT happens once, on the
// first call.
#include "core/base/io.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include <linux/fs.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

namespace hod::io {

#ifdef HOD_FAULTS
namespace {

enum class Action { none, count, kill, fail, shorten };

struct Plan {
  Action action = Action::none;
  int error = 0;
  unsigned long from = 0;   // the first call that is hit
  unsigned long until = 0;  // the last one
  std::string operations;   // only calls of these names: "write" or "write+rename"
  std::string path_part;    // only paths that contain this
  bool tells = false;       // says what was hit: for whoever reads the log of a run
};

struct Verb {
  std::string_view name;
  Action action;
  int error;
};
constexpr Verb kVerbs[] = {{"count", Action::count, 0},      {"kill", Action::kill, 0},
                           {"short", Action::shorten, 0},    {"enospc", Action::fail, ENOSPC},
                           {"eio", Action::fail, EIO},       {"eintr", Action::fail, EINTR},
                           {"emfile", Action::fail, EMFILE}, {"eacces", Action::fail, EACCES},
                           {"erofs", Action::fail, EROFS},   {"exdev", Action::fail, EXDEV},
                           {"eperm", Action::fail, EPERM},   {"emlink", Action::fail, EMLINK},
                           {"estale", Action::fail, ESTALE}, {"enotsup", Action::fail, ENOTSUP}};

Plan parse_plan(std::string_view text) {
  Plan plan;
  std::size_t colon = text.rfind(':');
  std::string_view verb = colon == std::string_view::npos ? text : text.substr(colon + 1);
  for (const Verb& row : kVerbs) {
    if (row.name != verb) continue;
    plan.action = row.action;
    plan.error = row.error;
  }
  std::string_view conditions =
      colon == std::string_view::npos ? std::string_view{} : text.substr(0, colon);
  while (!conditions.empty()) {
    std::string_view condition = conditions.substr(0, conditions.find(','));
    conditions.remove_prefix(std::min(conditions.size(), condition.size() + 1));
    auto number = [&](std::size_t skip) {
      return std::strtoul(std::string(condition.substr(skip)).c_str(), nullptr, 10);
    };
    if (condition.rfind("n=", 0) == 0) plan.from = plan.until = number(2);
    if (condition.rfind("from=", 0) == 0) {
      plan.from = number(5);
      plan.until = ~0UL;
    }
    if (condition.rfind("op=", 0) == 0) plan.operations = condition.substr(3);
    if (condition.rfind("path~", 0) == 0) plan.path_part = condition.substr(5);
  }
  return plan;
}

std::atomic<unsigned long> calls{0};

Plan& current_plan() {
  static Plan plan = [] {
    const char* text = std::getenv("HOD_FAULT");
    Plan made = text == nullptr ? Plan{} : parse_plan(text);
    made.tells = true;
    if (made.action == Action::count) {
      std::atexit([] { std::fprintf(stderr, "HOD_FAULT calls: %lu\n", calls.load()); });
    }
    return made;
  }();
  return plan;
}

bool is_one_of(std::string_view names, std::string_view name) {
  while (!names.empty()) {
    std::string_view first = names.substr(0, names.find('+'));
    if (first == name) return true;
    names.remove_prefix(std::min(names.size(), first.size() + 1));
  }
  return false;
}

// Not through stdio, which may be what is failing.
void tell_hit(const char* operation, const char* path) {
  char line[512];
  int length = std::snprintf(line, sizeof line, "HOD_FAULT hits %s %.400s\n", operation, path);
  [[maybe_unused]] ssize_t told = ::write(STDERR_FILENO, line, static_cast<std::size_t>(length));
}

}  // namespace

void set_fault_plan(const char* text) {
  current_plan() = parse_plan(text);
  calls = 0;
}

unsigned long fault_calls() { return calls.load(); }

Fault fault_point(const char* operation, const char* path) noexcept {
  const Plan& wanted = current_plan();
  if (wanted.action == Action::none) return {};
  if (!wanted.operations.empty() && !is_one_of(wanted.operations, operation)) return {};
  if (!wanted.path_part.empty() && std::strstr(path, wanted.path_part.c_str()) == nullptr)
    return {};
  unsigned long number = ++calls;
  if (wanted.action == Action::count || number < wanted.from || number > wanted.until) return {};
  if (wanted.tells && number == wanted.from) tell_hit(operation, path);
  if (wanted.action == Action::kill) ::kill(::getpid(), SIGKILL);
  if (wanted.action == Action::shorten) return {0, true};
  return {wanted.error, false};
}
#endif

int open(const char* path, int flags, mode_t mode) noexcept {
  HOD_IO_FAULT("open", path, -1)
  return ::open(path, flags | O_CLOEXEC, mode);
}

int openat(int directory, const char* path, int flags, mode_t mode) noexcept {
  HOD_IO_FAULT("open", path, -1)
  return ::openat(directory, path, flags | O_CLOEXEC, mode);
}

ssize_t read(int fd, void* data, std::size_t size) noexcept {
  HOD_IO_FAULT("read", "", -1)
  return ::read(fd, data, size);
}

ssize_t write(int fd, const void* data, std::size_t size) noexcept {
#ifdef HOD_FAULTS
  Fault fault = fault_point("write", "");
  if (fault.error != 0) {
    errno = fault.error;
    return -1;
  }
  if (fault.shortened && size > 1) size /= 2;
#endif
  return ::write(fd, data, size);
}

int fsync(int fd) noexcept {
  HOD_IO_FAULT("fsync", "", -1)
  return ::fsync(fd);
}

int syncfs(int fd) noexcept {
  HOD_IO_FAULT("fsync", "", -1)
  return ::syncfs(fd);
}

int rename(const char* from, const char* to) noexcept {
  HOD_IO_FAULT("rename", to, -1)
  return ::rename(from, to);
}

int renameat(int from_directory, const char* from, int to_directory, const char* to) noexcept {
  HOD_IO_FAULT("rename", to, -1)
  return ::renameat(from_directory, from, to_directory, to);
}

int renameat2(int from_directory, const char* from, int to_directory, const char* to,
              unsigned flags) noexcept {
  HOD_IO_FAULT("rename", to, -1)
  return static_cast<int>(::syscall(SYS_renameat2, from_directory, from, to_directory, to, flags));
}

int linkat(int from_directory, const char* from, int to_directory, const char* to) noexcept {
  HOD_IO_FAULT("link", to, -1)
  return ::linkat(from_directory, from, to_directory, to, 0);
}

int link_descriptor(int fd, int to_directory, const char* to) noexcept {
  HOD_IO_FAULT("link", to, -1)
  // Naming the descriptor itself saves four look-ups in /proc, a tenth of a proved install. Linux
  // before 6.10 lets only root do so, and says ENOENT.
  static std::atomic<bool> directly{true};
  if (directly.load(std::memory_order_relaxed)) {
    if (::linkat(fd, "", to_directory, to, AT_EMPTY_PATH) == 0) return 0;
    if (errno != ENOENT) return -1;
  }
  char name[32];
  std::snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  const int linked = ::linkat(AT_FDCWD, name, to_directory, to, AT_SYMLINK_FOLLOW);
  if (linked == 0) directly.store(false, std::memory_order_relaxed);
  return linked;
}

int symlinkat(const char* target, int directory, const char* path) noexcept {
  HOD_IO_FAULT("symlink", path, -1)
  return ::symlinkat(target, directory, path);
}

ssize_t readlinkat(int directory, const char* path, char* out, std::size_t size) noexcept {
  HOD_IO_FAULT("readlink", path, -1)
  return ::readlinkat(directory, path, out, size);
}

int unlinkat(int directory, const char* path, int flags) noexcept {
  HOD_IO_FAULT("unlink", path, -1)
  return ::unlinkat(directory, path, flags);
}

int mkdirat(int directory, const char* path, mode_t mode) noexcept {
  HOD_IO_FAULT("mkdir", path, -1)
  return ::mkdirat(directory, path, mode);
}

int fstatat(int directory, const char* path, struct stat* out, int flags) noexcept {
  HOD_IO_FAULT("stat", path, -1)
  return ::fstatat(directory, path, out, flags);
}

int ftruncate(int fd, off_t length) noexcept {
  HOD_IO_FAULT("ftruncate", "", -1)
  return ::ftruncate(fd, length);
}

int open_beneath(int directory, const char* path, int flags) noexcept {
  HOD_IO_FAULT("open", path, -1)
  open_how how{};
  how.flags = static_cast<unsigned long long>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  return static_cast<int>(::syscall(SYS_openat2, directory, path, &how, sizeof how));
}

int set_times(int directory, const char* path, const timespec& time, int flags) noexcept {
  HOD_IO_FAULT("utime", path, -1)
  const timespec both[2] = {time, time};
  return ::utimensat(directory, path, both, flags);
}

int set_times(int fd, const timespec& time) noexcept {
  HOD_IO_FAULT("utime", "", -1)
  const timespec both[2] = {time, time};
  return ::futimens(fd, both);
}

int reflink(int from, int to) noexcept {
  HOD_IO_FAULT("copy", "", -1)
  return ::ioctl(to, FICLONE, from);
}

namespace {

int copy_by_reading(int from, int to) noexcept {
  char buffer[64 * 1024];
  for (;;) {
    ssize_t got = ::read(from, buffer, sizeof buffer);
    if (got == 0) return 0;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    for (ssize_t done = 0; done < got;) {
      ssize_t written = io::write(to, buffer + done, static_cast<std::size_t>(got - done));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return -1;
      done += written;
    }
  }
}

}  // namespace

int copy(int from, int to) noexcept {
  HOD_IO_FAULT("copy", "", -1)
  if (::ioctl(to, FICLONE, from) == 0) return 0;
  bool any = false;
  for (;;) {
    ssize_t copied = ::copy_file_range(from, nullptr, to, nullptr, std::size_t{1} << 30, 0);
    if (copied > 0) any = true;
    if (copied == 0 && any) return 0;
    if (copied <= 0) break;
  }
  bool unsupported =
      errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP || errno == EBADF;
  if (any && !unsupported) return -1;
  if (::lseek(from, 0, SEEK_SET) < 0 || ::lseek(to, 0, SEEK_SET) < 0) return -1;
  return copy_by_reading(from, to);
}

int fchmod(int fd, mode_t mode) noexcept {
  HOD_IO_FAULT("chmod", "", -1)
  return ::fchmod(fd, mode);
}

int flock(int fd, int operation) noexcept {
  HOD_IO_FAULT("flock", "", -1)
  return ::flock(fd, operation);
}

int lock_range(int fd, short type, off_t start, off_t length) noexcept {
  HOD_IO_FAULT("flock", "", -1)
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = start;
  range.l_len = length;
  return ::fcntl(fd, F_OFD_SETLK, &range);
}

int close(int fd) noexcept { return ::close(fd); }

}  // namespace hod::io
