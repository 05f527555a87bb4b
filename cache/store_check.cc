// SPDX-License-Identifier: MIT
// The fence is one stat a file, relative to a handle of the package's folder. ctime is no part of
// it: linking or unlinking any other name of the inode changes it.
#include "cache/store_check.h"

#include <cerrno>
#include <memory>
#include <optional>

#include "cache/file_fence.h"
#include "cache/hash.h"
#include "core/base/file.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

constexpr std::size_t kReadPiece = std::size_t{128} << 10;

enum class Proof : std::uint8_t { fence, sums, just_read };

class Checker {
 public:
  Checker(const StoredPackage& package, Proof proof)
      : package_(package),
        proof_(proof),
        folder_(io::open(package.folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW)) {}

  CheckedPackage run() {
    for (std::size_t i = 0; i < package_.files.size(); ++i) {
      const StoredFile& file = package_.files[i];
      struct stat info {};
      bool right = folder_ &&
                   io::fstatat(folder_.get(), file.path.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
                   could_be(file, info) &&
                   (proof_ == Proof::sums ? sum_then_stamp(i, info) : fence_or_sum(i, info));
      if (!right) result_.damaged.push_back(file.path);
    }
    return std::move(result_);
  }

 private:
  static bool could_be(const StoredFile& file, const struct stat& info) {
    mode_t needed = file.executable ? S_IRUSR | S_IXUSR : S_IRUSR;
    return S_ISREG(info.st_mode) && static_cast<std::uint64_t>(info.st_size) == file.size &&
           (info.st_mode & needed) == needed;
  }

  static bool same_time(const StoredFile& file, const struct stat& info) {
    return mtime_of(info) == file.mtime_ns;
  }
  static bool same_stamp(const StoredFile& file, const struct stat& info) {
    return info.st_ino == file.inode && same_time(file, info);
  }

  bool fence_or_sum(std::size_t index, const struct stat& info) {
    const StoredFile& file = package_.files[index];
    if (same_stamp(file, info)) return true;
    if (proof_ != Proof::just_read || !same_time(file, info)) return sum_then_stamp(index, info);
    stamped(index).inode = info.st_ino;
    return true;
  }

  bool sum_then_stamp(std::size_t index, const struct stat& info) {
    const StoredFile& file = package_.files[index];
    Fd fd(io::openat(folder_.get(), file.path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
    if (!fd || sum_of(fd) != file.xxh3) return false;
    if (!same_stamp(file, info)) restamp(index, fd, info);
    return true;
  }

  std::optional<std::uint64_t> sum_of(const Fd& fd) {
    if (!buffer_) buffer_ = std::make_unique_for_overwrite<std::byte[]>(kReadPiece);
    sum_.reset();
    for (;;) {
      ssize_t got = io::read(fd.get(), buffer_.get(), kReadPiece);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return std::nullopt;
      if (got == 0) return sum_.value();
      sum_.update({buffer_.get(), static_cast<std::size_t>(got)});
    }
  }

  StoredFile& stamped(std::size_t index) {
    if (result_.restamped.empty()) result_.restamped = package_.files;
    return result_.restamped[index];
  }

  void restamp(std::size_t index, const Fd& fd, const struct stat& info) {
    StoredFile& file = stamped(index);
    file.inode = info.st_ino;
    // Where the time cannot be set (a file of another user), the one it has will do.
    const bool right = same_time(file, info) ||
                       (!package_.of_layer && io::set_times(fd.get(), time_of(file)) == 0);
    if (!right) file.mtime_ns = mtime_of(info);
  }

  const StoredPackage& package_;
  Proof proof_;
  Fd folder_;
  Xxh3 sum_;
  std::unique_ptr<std::byte[]> buffer_;
  CheckedPackage result_;
};

}  // namespace

CheckedPackage check_package(const StoredPackage& package, Verify strength) {
  return Checker(package, strength == Verify::sums ? Proof::sums : Proof::fence).run();
}

CheckedPackage check_just_read(const StoredPackage& package) {
  return Checker(package, Proof::just_read).run();
}

}  // namespace hod::cache
