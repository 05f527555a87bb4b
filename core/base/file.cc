// SPDX-License-Identifier: MIT
// Whole files and folders. Writing is always temp + fsync + rename + fsync of the folder: stopped
// at any point, `path` holds the old bytes or the new ones.
#include "core/base/file.h"

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>
#include <vector>

#include <sys/random.h>
#include <sys/stat.h>

#include "core/base/encoding.h"
#include "core/base/io.h"

namespace hod {

void Fd::reset() {
  if (fd_ >= 0) io::close(fd_);
  fd_ = -1;
}

namespace {

constexpr std::string_view kTemporaryEnding = ".tmp";
constexpr std::size_t kSuffixDigits = 16;  // of random_suffix()

std::string parent_of(const std::string& path) {
  std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string real_target(const std::string& path) {
  std::unique_ptr<char, void (*)(void*)> resolved(::realpath(path.c_str(), nullptr), &::free);
  return resolved ? std::string(resolved.get()) : path;
}

Result<void> write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    ssize_t written = io::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failure(system_error(errno, "write", path));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> fill_temporary(const std::string& temporary, std::string_view bytes, Durable durable,
                            unsigned mode, const struct stat* old) {
  Fd fd(io::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
                 static_cast<mode_t>(mode)));
  if (!fd) return failure(system_error(errno, "create a file", temporary));
  if (old != nullptr) {
    if (io::fchmod(fd.get(), old->st_mode & 07777) != 0)
      return failure(system_error(errno, "set the mode", temporary));
    // Only root may give files away; for everybody else the owner is right already.
    if (::fchown(fd.get(), old->st_uid, old->st_gid) != 0 && errno != EPERM) {
      return failure(system_error(errno, "set the owner", temporary));
    }
  }
  HOD_CHECK(write_all(fd.get(), bytes, temporary));
  if (durable == Durable::yes && io::fsync(fd.get()) != 0)
    return failure(system_error(errno, "sync", temporary));
  return {};
}

Result<void> sync_folder(const std::string& folder) {
  Fd fd(io::open(folder.c_str(), O_RDONLY | O_DIRECTORY));
  if (!fd) return failure(system_error(errno, "open", folder));
  if (io::fsync(fd.get()) != 0 && errno != EINVAL)
    return failure(system_error(errno, "sync", folder));
  return {};
}

}  // namespace

std::optional<FileStamp> file_stamp(const std::string& path) {
  struct stat info {};
  if (io::fstatat(AT_FDCWD, path.c_str(), &info, 0) != 0) return std::nullopt;
  return FileStamp{
      static_cast<std::uint64_t>(info.st_size),
      static_cast<std::int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec,
      static_cast<std::uint64_t>(info.st_ino)};
}

namespace {

Result<std::string> read_open_file(const Fd& fd, const struct stat& info, const std::string& path,
                                   std::uint64_t limit) {
  if (S_ISDIR(info.st_mode)) return failure(system_error(EISDIR, "read", path));
  std::string text;
  // One byte more than the size, so that a file of that size is read whole by one call and its end
  // seen by the next.
  text.resize(static_cast<std::size_t>(info.st_size) + 1);
  std::size_t filled = 0;
  for (;;) {
    if (filled > limit) {
      return failure(Error(ErrorCode::disk_failed,
                           "the file is larger than " + std::to_string(limit) + " bytes")
                         .at(path));
    }
    if (filled == text.size()) text.resize(text.size() * 2);
    ssize_t got = io::read(fd.get(), text.data() + filled, text.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure(system_error(errno, "read", path));
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  text.resize(filled);
  return text;
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::uint64_t limit) {
  Fd fd(io::open(path.c_str(), O_RDONLY));
  struct stat info {};
  if (!fd || io::fstatat(fd.get(), "", &info, AT_EMPTY_PATH) != 0)
    return failure(system_error(errno, "read", path));
  return read_open_file(fd, info, path, limit);
}

Result<std::optional<std::string>> read_file_if_present(const std::string& path) {
  Fd fd(io::open(path.c_str(), O_RDONLY | O_NONBLOCK));  // a pipe would make us wait for a writer
  if (!fd && errno == ENOENT) return std::optional<std::string>();
  struct stat info {};
  if (!fd || io::fstatat(fd.get(), "", &info, AT_EMPTY_PATH) != 0)
    return failure(system_error(errno, "read", path));
  if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))
    return failure(
        Error(ErrorCode::disk_failed, "this is a device or a pipe, not a file").at(path));
  HOD_TRY(std::string text, read_open_file(fd, info, path, kLargestFile));
  return std::optional<std::string>(std::move(text));
}

Result<void> write_file_atomic(const std::string& path, std::string_view bytes, Durable durable,
                               unsigned mode) {
  std::string target = real_target(path);
  struct stat old {};
  bool replaces = io::fstatat(AT_FDCWD, target.c_str(), &old, 0) == 0;
  std::string temporary = target + "." + random_suffix() + std::string(kTemporaryEnding);
  Result<void> filled = fill_temporary(temporary, bytes, durable, mode, replaces ? &old : nullptr);
  if (filled && io::rename(temporary.c_str(), target.c_str()) != 0) {
    filled = failure(system_error(errno, "put the new file in place", target));
  }
  if (!filled) {
    io::unlinkat(AT_FDCWD, temporary.c_str(), 0);
    return filled;
  }
  if (durable == Durable::yes) return sync_folder(parent_of(target));
  return {};
}

Result<void> make_directories(const std::string& path, unsigned mode) {
  if (io::mkdirat(AT_FDCWD, path.c_str(), static_cast<mode_t>(mode)) == 0) return {};
  if (errno == EEXIST) {
    if (directory_exists(path)) return {};
    return failure(system_error(ENOTDIR, "make a folder", path));
  }
  if (errno != ENOENT) return failure(system_error(errno, "make a folder", path));
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    std::string prefix = path.substr(0, slash);
    if (io::mkdirat(AT_FDCWD, prefix.c_str(), static_cast<mode_t>(mode)) != 0 && errno != EEXIST) {
      return failure(system_error(errno, "make a folder", prefix));
    }
  }
  if (io::mkdirat(AT_FDCWD, path.c_str(), static_cast<mode_t>(mode)) != 0 && errno != EEXIST) {
    return failure(system_error(errno, "make a folder", path));
  }
  return {};
}

namespace {

using Directory = std::unique_ptr<DIR, int (*)(DIR*)>;

Directory open_directory_at(int parent, const std::string& name) {
  int fd = io::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (fd < 0) return Directory(nullptr, &::closedir);
  DIR* stream = ::fdopendir(fd);
  if (stream == nullptr) io::close(fd);
  return Directory(stream, &::closedir);
}

bool is_dot(const char* name) {
  return name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0));
}

}  // namespace

// Depth first with a stack of our own: the depth of a tree made by others is not trusted with the
// call stack.
Result<void> remove_tree_at(int directory, const std::string& name) {
  if (io::unlinkat(directory, name.c_str(), 0) == 0 || errno == ENOENT) return {};
  if (errno != EISDIR && errno != EPERM) return failure(system_error(errno, "remove", name));
  struct Level {
    Directory stream;
    int parent;
    std::string name;
  };
  std::vector<Level> levels;
  auto enter = [&](int parent, std::string folder) -> Result<void> {
    Directory stream = open_directory_at(parent, folder);
    if (!stream) return failure(system_error(errno, "remove", folder));
    levels.push_back({std::move(stream), parent, std::move(folder)});
    return {};
  };
  HOD_CHECK(enter(directory, name));
  while (!levels.empty()) {
    dirent* entry = ::readdir(levels.back().stream.get());
    if (entry == nullptr) {
      Level done = std::move(levels.back());
      levels.pop_back();
      done.stream.reset();
      if (io::unlinkat(done.parent, done.name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
        return failure(system_error(errno, "remove the folder", done.name));
      }
      continue;
    }
    if (is_dot(entry->d_name)) continue;
    int here = ::dirfd(levels.back().stream.get());
    if (entry->d_type != DT_DIR) {
      if (io::unlinkat(here, entry->d_name, 0) == 0 || errno == ENOENT) continue;
      if (errno != EISDIR && errno != EPERM)
        return failure(system_error(errno, "remove", entry->d_name));
    }
    HOD_CHECK(enter(here, entry->d_name));
  }
  return {};
}

void remove_temporaries_of(const std::string& path) {
  const std::string folder = parent_of(path);
  const std::string start = path.substr(path.rfind('/') + 1) + ".";
  Directory stream = open_directory_at(AT_FDCWD, folder);
  if (!stream) return;
  while (const dirent* entry = ::readdir(stream.get())) {
    std::string_view name = entry->d_name;
    if (!name.starts_with(start) || !name.ends_with(kTemporaryEnding)) continue;
    name = name.substr(start.size(), name.size() - start.size());
    bool ours = name.size() == kSuffixDigits + kTemporaryEnding.size() &&
                name.find_first_not_of("0123456789abcdef") == kSuffixDigits;
    if (ours) io::unlinkat(::dirfd(stream.get()), entry->d_name, 0);
  }
}

Result<void> remove_tree(const std::string& path) { return remove_tree_at(AT_FDCWD, path); }

bool directory_exists(const std::string& path) {
  struct stat info {};
  return io::fstatat(AT_FDCWD, path.c_str(), &info, 0) == 0 && S_ISDIR(info.st_mode);
}

bool file_exists(const std::string& path) {
  struct stat info {};
  return io::fstatat(AT_FDCWD, path.c_str(), &info, 0) == 0 && S_ISREG(info.st_mode);
}

std::string boot_id() {
  Fd fd(io::open("/proc/sys/kernel/random/boot_id", O_RDONLY));
  if (!fd) return {};
  char text[64];
  ssize_t got = io::read(fd.get(), text, sizeof text);
  while (got > 0 && text[got - 1] == '\n') --got;
  return got > 0 ? std::string(text, static_cast<std::size_t>(got)) : std::string();
}

std::string random_suffix() {
  char bytes[8] = {};
  HOD_ASSERT(::getrandom(bytes, sizeof bytes, 0) == static_cast<ssize_t>(sizeof bytes));
  return to_hex(std::string_view(bytes, sizeof bytes));
}

}  // namespace hod
