// SPDX-License-Identifier: MIT
// Large bodies on disk: O_TMPFILE where the file system knows it, else a random name that is
// removed before the first byte is written.
#include "fetcher/body_file.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>

#include "core/base/io.h"

namespace hod::fetcher {

namespace {

constexpr mode_t kPrivate = 0600;
constexpr unsigned kPrivateFolder = 0700;

int open_and_unlink(const std::string& folder) {
  std::string path = folder + "/body-" + random_suffix();
  int fd = io::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kPrivate);
  if (fd < 0) return -1;
  if (io::unlinkat(AT_FDCWD, path.c_str(), 0) == 0) return fd;
  int failed = errno;
  io::close(fd);
  errno = failed;
  return -1;
}

}  // namespace

Result<BodyFile> BodyFile::create(const std::string& folder) {
  int fd = io::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, kPrivate);
  if (fd < 0 && errno == ENOENT) {
    HOD_CHECK(make_directories(folder, kPrivateFolder));
    fd = io::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, kPrivate);
  }
  if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
    fd = open_and_unlink(folder);
  }
  if (fd < 0) return failure(system_error(errno, "make a file for a download in", folder));
  return BodyFile(Fd(fd));
}

Result<BodyFile> BodyFile::in_memory() {
  int fd = ::memfd_create("hod", MFD_CLOEXEC);
  if (fd < 0) return failure(system_error(errno, "make", "a file in memory"));
  return BodyFile(Fd(fd));
}

Result<void> BodyFile::append(std::string_view bytes) {
  size_ += bytes.size();
  while (!bytes.empty()) {
    ssize_t written = io::write(fd_.get(), bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return failure(system_error(errno, "write a download to", "the cache"));
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

std::string BodyFile::path() const { return "/proc/self/fd/" + std::to_string(fd_.get()); }

}  // namespace hod::fetcher
