// SPDX-License-Identifier: MIT
// The fence around stored files.
#include "cache/file_fence.h"

namespace hod::cache {

namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr mode_t kPlainMode = 0644;
constexpr mode_t kCommandMode = 0755;

}  // namespace

std::int64_t mtime_of(const struct stat& info) {
  return std::int64_t{info.st_mtim.tv_sec} * kNanosecondsPerSecond + info.st_mtim.tv_nsec;
}

timespec time_of(const StoredFile& file) {
  timespec time{};
  time.tv_sec = static_cast<time_t>(file.mtime_ns / kNanosecondsPerSecond);
  time.tv_nsec = static_cast<long>(file.mtime_ns % kNanosecondsPerSecond);
  if (time.tv_nsec < 0) {
    time.tv_nsec += kNanosecondsPerSecond;
    --time.tv_sec;
  }
  return time;
}

bool stamp_matches(const struct stat& info, const StoredFile& file) {
  return S_ISREG(info.st_mode) && static_cast<std::uint64_t>(info.st_size) == file.size &&
         mtime_of(info) == file.mtime_ns && info.st_ino == file.inode;
}

bool mode_matches(const struct stat& info, bool executable) {
  const mode_t mode = info.st_mode & 07777;
  const mode_t made_with = executable ? kCommandMode : kPlainMode;
  return (mode & ~made_with) == 0 && (mode & S_IRWXU) == (made_with & S_IRWXU);
}

}  // namespace hod::cache
