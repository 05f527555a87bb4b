// SPDX-License-Identifier: MIT
// One system call a file for its name, whatever its depth: the handle of the folder last written to
// is kept, and tarballs list a folder's files together.
#include "cache/package_writer.h"

#include <algorithm>
#include <cerrno>

#include "cache/unpack.h"
#include "core/base/io.h"
#include "core/base/printable.h"

namespace hod::cache {

namespace {

constexpr mode_t kPlainMode = 0644;
constexpr mode_t kExecutableMode = 0755;
constexpr mode_t kFolderMode = 0755;
constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

std::string_view parent_of(std::string_view path) {
  std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

}  // namespace

Result<PackageWriter> PackageWriter::open(const std::string& folder, Stamps stamps) {
  Fd root(io::open(folder.c_str(), kFolderFlags));
  if (!root) return failure(system_error(errno, "open", folder));
  return PackageWriter(folder, std::move(root), stamps);
}

Error PackageWriter::clash(std::string_view path) const {
  return Error(ErrorCode::archive_invalid,
               "the archive has `" + printable(path) + "` both as a file and as a folder");
}

Result<void> PackageWriter::make_folder(const std::string& path) {
  if (path.empty() || folders_.count(path) != 0) return {};
  HOD_CHECK(make_folder(std::string(parent_of(path))));
  if (places_.count(path) != 0) return failure(clash(path));
  if (io::mkdirat(root_.get(), path.c_str(), kFolderMode) != 0) {
    return failure(system_error(errno, "make the folder", folder_ + "/" + path));
  }
  folders_.insert(path);
  return {};
}

// Makes handle_ the one of `parent`.
Result<void> PackageWriter::enter(std::string_view parent) {
  if (parent == parent_) return {};
  std::string path(parent);
  HOD_CHECK(make_folder(path));
  parent_.clear();
  handle_.reset();
  if (!path.empty()) {
    handle_ = Fd(io::openat(root_.get(), path.c_str(), kFolderFlags));
    if (!handle_) return failure(system_error(errno, "open", folder_ + "/" + path));
  }
  parent_ = std::move(path);
  return {};
}

Result<void> PackageWriter::create(const std::string& path, const std::string& name) {
  int folder = handle_ ? handle_.get() : root_.get();
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  mode_t mode = current_.executable ? kExecutableMode : kPlainMode;
  file_ = Fd(io::openat(folder, name.c_str(), kFlags, mode));
  if (file_) return {};
  if (errno == EEXIST && places_.count(path) != 0) {
    if (io::unlinkat(folder, name.c_str(), 0) != 0) {
      return failure(system_error(errno, "replace", folder_ + "/" + path));
    }
    file_ = Fd(io::openat(folder, name.c_str(), kFlags, mode));
    if (file_) return {};
  }
  if (errno == EEXIST && folders_.count(path) != 0) return failure(clash(path));
  return failure(system_error(errno, "create", folder_ + "/" + path));
}

Result<void> PackageWriter::begin(const std::string& path, bool executable) {
  std::string_view parent = parent_of(path);
  HOD_CHECK(enter(parent));
  current_ = {};
  current_.path = path;
  current_.executable = executable;
  sum_.reset();
  return create(path, path.substr(parent.empty() ? 0 : parent.size() + 1));
}

Result<void> PackageWriter::write(ByteSpan bytes) {
  sum_.update(bytes);
  current_.size += bytes.size();
  while (!bytes.empty()) {
    ssize_t written = io::write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failure(system_error(errno, "write", folder_ + "/" + current_.path));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> PackageWriter::stamp() {
  struct stat info {};
  if (io::fstatat(file_.get(), "", &info, AT_EMPTY_PATH) != 0) {
    return failure(system_error(errno, "look at", folder_ + "/" + current_.path));
  }
  if (static_cast<std::uint64_t>(info.st_size) != current_.size) {
    return failure(system_error(EIO, "write", folder_ + "/" + current_.path));
  }
  current_.inode = info.st_ino;
  return {};
}

Result<void> PackageWriter::end() {
  current_.xxh3 = sum_.value();
  if (io::set_times(file_.get(), {kFileTime, 0}) != 0) {
    return failure(system_error(errno, "set the time of", folder_ + "/" + current_.path));
  }
  if (stamps_ == Stamps::now) HOD_CHECK(stamp());
  file_.reset();
  current_.mtime_ns = kFileTime * kNanosecondsPerSecond;
  auto [place, fresh] = places_.try_emplace(current_.path, files_.size());
  if (fresh) {
    files_.push_back(std::move(current_));
  } else {
    files_[place->second] = std::move(current_);
  }
  return {};
}

std::vector<StoredFile> PackageWriter::take_files() {
  std::sort(files_.begin(), files_.end(),
            [](const StoredFile& a, const StoredFile& b) { return a.path < b.path; });
  places_.clear();
  return std::move(files_);
}

}  // namespace hod::cache
