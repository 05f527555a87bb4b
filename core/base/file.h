// Files as values: descriptors with one owner, whole-file reading, atomic writing.
//
// Threads: any. All errors are Errors made by system_error() with the path.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/result.h"

namespace hod {

// Owns a file descriptor. -1: none.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Fd() { reset(); }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset();

 private:
  int fd_ = -1;
};

// What tells one state of a file from another without reading it.
struct FileStamp {
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;  // since the epoch
  std::uint64_t inode = 0;
  friend auto operator<=>(const FileStamp&, const FileStamp&) = default;
};

// The stamp of `path`, following links; nothing when it does not exist (or cannot be seen).
std::optional<FileStamp> file_stamp(const std::string& path);

inline constexpr std::uint64_t kLargestFile = std::uint64_t{256} << 20;  // bytes

// The whole file, or what a pipe gives. Errors: file_missing, permission_denied, disk_failed; file
// larger than `limit` bytes: disk_failed.
Result<std::string> read_file(const std::string& path, std::uint64_t limit = kLargestFile);

// A file of a project: an absent one is no error, a pipe or a device is (it could keep us waiting).
Result<std::optional<std::string>> read_file_if_present(const std::string& path);

enum class Durable : std::uint8_t { no, yes };

// Old bytes or new bytes, never a mix: writes `<path>.<random>.tmp` beside it, fsyncs (if durable),
// renames, fsyncs the folder. An existing file keeps its mode and, where permitted, its owner; a
// new one gets `mode` & ~umask. A symlink at `path` is followed.
Result<void> write_file_atomic(const std::string& path, std::string_view bytes,
                               Durable durable = Durable::yes, unsigned mode = 0666);

// Removes what stopped runs of write_file_atomic() left beside `path`. For a caller who knows that
// nobody writes it now; what cannot be removed stays.
void remove_temporaries_of(const std::string& path);

// mkdir -p. `mode` for folders it makes.
Result<void> make_directories(const std::string& path, unsigned mode = 0777);

// Removes a file or a whole folder, never following a symlink (T-LINK-11). Absent is fine.
Result<void> remove_tree(const std::string& path);
Result<void> remove_tree_at(int directory, const std::string& name);

bool directory_exists(const std::string& path);
bool file_exists(const std::string& path);

// The kernel's identity of this boot (/proc/sys/kernel/random/boot_id), empty where there is none.
std::string boot_id();

// 16 lower-case hex digits of the kernel's randomness, for names of temporary files.
std::string random_suffix();

}  // namespace hod
