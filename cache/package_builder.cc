// SPDX-License-Identifier: MIT
// One package folder, file by file.
//
// System calls are the cost of an install: two a file (stat, link), one a folder. Paths go to the
// kernel relative to the two package folders, which are opened (and closed) once; for a package of
// few files not even that: its paths start at the stage and at the store's shelf.
//
// What must stay true:
//  (1) A file of the store's is never written to, and its mode never changed: what has to differ is
//      a copy (T-CACHE-02).
//  (2) Nothing that is not as it was stored gets into a tree (T-CACHE-01). Where the content is
//      read, the name in the tree is made for the very descriptor that was read (T-CACHE-07).
//  (3) Copies carry the stored time stamp, so that a later check tells an edit from a copy.
#include "cache/package_builder.h"

#include <algorithm>
#include <cerrno>
#include <span>

#include "cache/file_fence.h"
#include "cache/hash.h"
#include "cache/tree_path.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

constexpr std::size_t kBuffer = std::size_t{256} << 10;
constexpr mode_t kPlainMode = 0644;
constexpr mode_t kCommandMode = 0755;
constexpr std::size_t kFewFiles = 24;  // up to here two opened folders cost more than longer paths
constexpr std::size_t kShebangBytes = 2048;
constexpr std::uint64_t kLargestMended = std::uint64_t{64} << 20;

// Length of the first line if it is a shebang that ends with CRLF, else 0.
std::size_t crlf_shebang(std::string_view text) {
  if (!text.starts_with("#!")) return 0;
  const std::size_t end = text.find('\n');
  return end != std::string_view::npos && text[end - 1] == '\r' ? end : 0;
}

ssize_t read_some(int fd, char* to, std::size_t size) {
  ssize_t got = 0;
  do {
    got = io::read(fd, to, size);
  } while (got < 0 && errno == EINTR);
  return got;
}

bool hardlinks_are_refused(int error) {
  return error == EXDEV || error == EPERM || error == EACCES || error == EOPNOTSUPP ||
         error == ENOSYS;
}

}  // namespace

// Where files come from and go to: a folder each, and what stands before a file's path there.
struct PackageBuilder::Package {
  int source;
  int target;
  std::string source_prefix;
  std::string target_prefix;
  const PlacedPackage& placed;
  const StoredPackage& stored;
  bool prove;
  std::string stage_path;  // of the package's folder

  Error error(int number, const char* doing, const StoredFile& file) const {
    return system_error(number, doing, joined(placed.path, file.path));
  }
  bool is_command(const StoredFile& file) const {
    return std::binary_search(placed.executables.begin(), placed.executables.end(), file.path);
  }
};

namespace {

// `prefix` + `path` as the kernel wants it, without copying where there is no prefix.
class FullPath {
 public:
  FullPath(const std::string& prefix, const std::string& path) : path_(&path) {
    if (prefix.empty()) return;
    joined_.reserve(prefix.size() + path.size());
    joined_ += prefix;
    joined_ += path;
    path_ = &joined_;
  }
  const char* text() const { return path_->c_str(); }

 private:
  std::string joined_;
  const std::string* path_;
};

}  // namespace

namespace {

bool reflinks_from(int source, int folder) {
  const Fd target(
      io::openat(folder, "probe", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, kPlainMode));
  const bool works = target && io::reflink(source, target.get()) == 0;
  if (target) io::unlinkat(folder, "probe", 0);
  return works;
}

}  // namespace

bool reflinks_work(const StoredPackage& from, int stage) {
  const auto file = std::find_if(from.files.begin(), from.files.end(),
                                 [](const StoredFile& f) { return f.size > 0; });
  if (file == from.files.end()) return false;
  // Never waits: something that was put there may be a pipe.
  const Fd source(
      io::open(joined(from.folder, file->path).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  return source && reflinks_from(source.get(), stage);
}

bool reflinks_work_in(int folder) {
  const Fd source(io::openat(folder, "source", O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, kPlainMode));
  const bool works =
      source && io::write(source.get(), "x", 1) == 1 && reflinks_from(source.get(), folder);
  if (source) io::unlinkat(folder, "source", 0);
  return works;
}

bool has_crlf_shebang(const std::string& path) {
  const Fd file(io::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  char head[kShebangBytes];
  const ssize_t got = file ? read_some(file.get(), head, sizeof head) : 0;
  return got > 0 && crlf_shebang(std::string_view(head, static_cast<std::size_t>(got))) > 0;
}

PackageBuilder::PackageBuilder(SharedMethod& method, Verify verify, std::string boot_id,
                               const Occupied& occupied)
    : method_(method), verify_(verify), occupied_(occupied), boot_id_(std::move(boot_id)) {}

bool PackageBuilder::proves(const StoredPackage& stored) const {
  return verify_ == Verify::sums || stored.boot_id != boot_id_;
}

Result<Built> PackageBuilder::build(int stage, const std::string& path, const PlacedPackage& placed,
                                    const StoredPackage& stored) {
  if (io::mkdirat(stage, path.c_str(), 0777) != 0 && errno != EEXIST) {
    return failure(system_error(errno, "make the folder", placed.path));
  }
  folders_.push_back(path);
  const bool few = stored.files.size() <= kFewFiles;
  Package package{-1, stage, {}, {}, placed, stored, proves(stored), path};
  Fd source;
  HOD_TRY(const bool found, open_source(stored, few, source, package.source_prefix));
  if (!found) return Built::damaged;
  package.source = few ? shelf_folder_.get() : source.get();
  if (few) {
    package.target_prefix = path + "/";
    return fill(package);
  }
  const Fd target(io::openat(stage, path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW));
  if (!target) return failure(system_error(errno, "open the folder", placed.path));
  package.target = target.get();
  return fill(package);
}

Result<Built> PackageBuilder::move(int stage, const std::string& path, const PlacedPackage& placed,
                                   const StoredPackage& held) {
  if (io::renameat(AT_FDCWD, held.folder.c_str(), stage, path.c_str()) != 0) {
    if (errno == ENOENT) return Built::damaged;
    // Something that is placed inside it came first.
    if (errno != ENOTEMPTY && errno != EEXIST)
      return failure(system_error(errno, "move to its place", placed.path));
    HOD_TRY(const bool whole, move_entries(stage, path, held));
    if (!whole) return Built::damaged;
  }
  folders_.push_back(path);
  std::string_view before;
  for (const StoredFile& file : held.files) {
    for_new_folders(before, file.path, [&](std::string_view folder) {
      folders_.push_back(joined(path, folder));
      return true;
    });
    before = file.path;
  }
  counts_.moved += held.files.size();
  return Built::whole;
}

Result<bool> PackageBuilder::move_entries(int stage, const std::string& path,
                                          const StoredPackage& held) {
  std::string_view last;
  for (const StoredFile& file : held.files) {
    const std::string_view entry = std::string_view(file.path).substr(0, file.path.find('/'));
    if (entry == last) continue;
    last = entry;
    const std::string from = joined(held.folder, entry);
    if (io::renameat(AT_FDCWD, from.c_str(), stage, joined(path, entry).c_str()) == 0) continue;
    if (errno == ENOENT) return false;
    return failure(system_error(errno, "move to its place", joined(path, entry)));
  }
  io::unlinkat(AT_FDCWD, held.folder.c_str(), AT_REMOVEDIR);  // what stays is swept later
  return true;
}

// The store keeps its packages two levels below one folder, which stays open. False: not there.
Result<bool> PackageBuilder::open_source(const StoredPackage& stored, bool few, Fd& folder,
                                         std::string& prefix) {
  const std::string_view shelf = parent_path(parent_path(stored.folder));
  if (few && shelf_folder_ && shelf == shelf_) {
    prefix = stored.folder.substr(shelf.size() + 1) + "/";
    return true;
  }
  Fd opened(io::open(few ? std::string(shelf).c_str() : stored.folder.c_str(),
                     O_PATH | O_DIRECTORY | O_NOFOLLOW));
  if (!opened && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EACCES))
    return false;
  if (!opened) return failure(system_error(errno, "open the folder", stored.folder));
  if (!few) {
    folder = std::move(opened);
    return true;
  }
  shelf_ = shelf;
  shelf_folder_ = std::move(opened);
  prefix = stored.folder.substr(shelf.size() + 1) + "/";
  return true;
}

Result<Built> PackageBuilder::fill(const Package& package) {
  stale_ = false;
  std::string_view before;
  for (const StoredFile& file : package.stored.files) {
    if (is_occupied(package, file.path)) continue;
    HOD_CHECK(make_folders(package, before, file.path));
    before = file.path;
    HOD_TRY(const Built built, add(package, file));
    if (built == Built::damaged) return Built::damaged;
  }
  return stale_ ? Built::stale : Built::whole;
}

// Something placed inside the package wins over what its tarball has there.
bool PackageBuilder::is_occupied(const Package& package, std::string_view path) const {
  if (!path.starts_with("node_modules/")) return false;
  std::size_t end = path.find('/', 13);
  const bool two_parts = path[13] == '@' || path.substr(13).starts_with(".bin/");
  if (two_parts && end != std::string_view::npos) end = path.find('/', end + 1);
  return occupied_(joined(package.placed.path, path.substr(0, end)));
}

Result<void> PackageBuilder::make_folders(const Package& package, std::string_view before,
                                          std::string_view path) {
  std::string failed;
  for_new_folders(before, path, [&](std::string_view part) {
    const std::string folder(part);
    const FullPath there(package.target_prefix, folder);
    if (io::mkdirat(package.target, there.text(), 0777) != 0 && errno != EEXIST) {
      failed = folder;
      return false;
    }
    folders_.push_back(joined(package.stage_path, folder));
    return true;
  });
  if (failed.empty()) return {};
  return failure(system_error(errno, "make the folder", joined(package.placed.path, failed)));
}

Result<Built> PackageBuilder::add(const Package& package, const StoredFile& file) {
  if (!package.placed.executables.empty() && package.is_command(file)) {
    return command(package, file);
  }
  if (package.placed.copied || method_.get(package.stored) != ImportMethod::hardlink) {
    return copy(package, file, file.executable);
  }
  return link(package, file);
}

// Nothing for what no stored file can be: absent, a link, unreadable, a pipe (which is not waited
// for).
Result<Fd> PackageBuilder::open_stored(const Package& package, const StoredFile& file) const {
  const FullPath path(package.source_prefix, file.path);
  Fd fd(io::openat(package.source, path.text(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  if (fd) return fd;
  if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EACCES) return Fd();
  return failure(package.error(errno, "open the stored file", file));
}

Result<Built> PackageBuilder::link(const Package& package, const StoredFile& file) {
  if (package.prove) return link_proved(package, file);
  const FullPath from(package.source_prefix, file.path);
  const FullPath to(package.target_prefix, file.path);
  struct stat info {};
  if (io::fstatat(package.source, from.text(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT || errno == ENOTDIR || errno == EACCES) return Built::damaged;
    return failure(package.error(errno, "look at the stored file", file));
  }
  if (!stamp_matches(info, file)) return link_proved(package, file);
  if (!mode_matches(info, file.executable)) return copy(package, file, file.executable);
  if (io::linkat(package.source, from.text(), package.target, to.text()) == 0) {
    ++counts_.linked;
    return Built::whole;
  }
  if (errno == ENOENT) return Built::damaged;
  if (hardlinks_are_refused(errno)) {
    method_.fall_back(package.stored, ImportMethod::copy);
  } else if (errno != EMLINK) {
    return failure(package.error(errno, "link", file));
  }
  return copy(package, file, file.executable);
}

Result<Built> PackageBuilder::link_proved(const Package& package, const StoredFile& file) {
  const FullPath source(package.source_prefix, file.path);
  const FullPath target(package.target_prefix, file.path);
  HOD_TRY(const Fd from, open_stored(package, file));
  if (!from) return Built::damaged;
  struct stat info {};
  if (io::fstatat(from.get(), "", &info, AT_EMPTY_PATH) != 0) {
    return failure(package.error(errno, "look at the stored file", file));
  }
  stale_ = stale_ || !stamp_matches(info, file);
  if (!S_ISREG(info.st_mode) || !sum_matches(from.get(), file)) return Built::damaged;
  if (!mode_matches(info, file.executable)) return copy(package, file, file.executable);
  if (io::link_descriptor(from.get(), package.target, target.text()) == 0) {
    ++counts_.linked;
    return Built::whole;
  }
  // No /proc here: name it again, and make sure that the name still means the same file.
  if (errno == ENOENT &&
      io::linkat(package.source, source.text(), package.target, target.text()) == 0) {
    struct stat linked {};
    ++counts_.linked;
    const bool same =
        io::fstatat(package.target, target.text(), &linked, AT_SYMLINK_NOFOLLOW) == 0 &&
        info.st_ino == linked.st_ino && info.st_dev == linked.st_dev;
    return same ? Built::whole : Built::damaged;
  }
  if (hardlinks_are_refused(errno)) {
    method_.fall_back(package.stored, ImportMethod::copy);
  } else if (errno != EMLINK) {
    return failure(package.error(errno, "link", file));
  }
  return copy(package, file, file.executable);
}

Result<Built> PackageBuilder::copy(const Package& package, const StoredFile& file,
                                   bool executable) {
  HOD_TRY(const Fd from, open_stored(package, file));
  if (!from) return Built::damaged;
  struct stat info {};
  if (io::fstatat(from.get(), "", &info, AT_EMPTY_PATH) != 0) {
    return failure(package.error(errno, "look at the stored file", file));
  }
  const bool as_stored = stamp_matches(info, file);
  stale_ = stale_ || !as_stored;
  if (package.prove || !as_stored) {
    if (!S_ISREG(info.st_mode) || !sum_matches(from.get(), file)) return Built::damaged;
    if (::lseek(from.get(), 0, SEEK_SET) != 0) return Built::damaged;
  }
  const FullPath target(package.target_prefix, file.path);
  const Fd to(io::openat(package.target, target.text(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
                         executable ? kCommandMode : kPlainMode));
  if (!to) return failure(package.error(errno, "create", file));
  if (file.size > 0 && io::copy(from.get(), to.get()) != 0) {
    return failure(package.error(errno, "copy", file));
  }
  if (io::set_times(to.get(), time_of(file)) != 0) {
    return failure(package.error(errno, "set the time of", file));
  }
  ++counts_.copied;
  counts_.bytes_copied += file.size;
  return Built::whole;
}

// A file that somebody runs: npm gives it x bits, and mends a first line that was written on
// Windows, with which no kernel finds the interpreter.
Result<Built> PackageBuilder::command(const Package& package, const StoredFile& file) {
  HOD_TRY(Fd from, open_stored(package, file));
  if (!from) return Built::damaged;
  char head[kShebangBytes];
  const ssize_t got = read_some(from.get(), head, sizeof head);
  if (got < 0 && errno == EISDIR) return Built::damaged;
  if (got < 0) return failure(package.error(errno, "read the stored file", file));
  const bool mended = file.size <= kLargestMended &&
                      crlf_shebang(std::string_view(head, static_cast<std::size_t>(got))) > 0;
  if (mended) return write_mended(package, file, std::move(from));
  from.reset();
  if (!file.executable || package.placed.copied ||
      method_.get(package.stored) != ImportMethod::hardlink) {
    return copy(package, file, true);
  }
  return link(package, file);
}

Result<Built> PackageBuilder::write_mended(const Package& package, const StoredFile& file,
                                           Fd from) {
  if (::lseek(from.get(), 0, SEEK_SET) != 0) return Built::damaged;
  std::string text(static_cast<std::size_t>(file.size), '\0');
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t got = read_some(from.get(), text.data() + done, text.size() - done);
    if (got < 0) return failure(package.error(errno, "read the stored file", file));
    if (got == 0) return Built::damaged;
    done += static_cast<std::size_t>(got);
  }
  if (xxh3(std::as_bytes(std::span(text))) != file.xxh3) return Built::damaged;
  text.erase(crlf_shebang(text) - 1, 1);
  const FullPath target(package.target_prefix, file.path);
  const Fd to(io::openat(package.target, target.text(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
                         kCommandMode));
  if (!to) return failure(package.error(errno, "create", file));
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t written = io::write(to.get(), text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failure(package.error(errno, "write", file));
    done += static_cast<std::size_t>(written);
  }
  if (io::set_times(to.get(), time_of(file)) != 0) {
    return failure(package.error(errno, "set the time of", file));
  }
  ++counts_.copied;
  counts_.bytes_copied += text.size();
  return Built::whole;
}

// Reads the file to its end; anything but `size` bytes with the stored sum is a mismatch.
bool PackageBuilder::sum_matches(int fd, const StoredFile& file) {
  if (!buffer_) buffer_ = std::make_unique<char[]>(kBuffer);
  const std::span<char> buffer(buffer_.get(), kBuffer);
  if (file.size >= buffer.size()) return long_sum_matches(fd, file);
  const std::size_t size = static_cast<std::size_t>(file.size);
  std::size_t filled = 0;
  for (;;) {
    // One byte more than there should be: a file that grew is found without another call.
    const ssize_t got = read_some(fd, buffer.data() + filled, size + 1 - filled);
    if (got < 0) return false;
    filled += static_cast<std::size_t>(got);
    if (got == 0 || filled >= size) break;
  }
  return filled == size && xxh3(std::as_bytes(buffer.first(size))) == file.xxh3;
}

bool PackageBuilder::long_sum_matches(int fd, const StoredFile& file) {
  Xxh3 sum;
  std::uint64_t total = 0;
  for (;;) {
    const ssize_t got = read_some(fd, buffer_.get(), kBuffer);
    if (got < 0) return false;
    if (got == 0) break;
    total += static_cast<std::uint64_t>(got);
    sum.update(std::as_bytes(std::span(buffer_.get(), static_cast<std::size_t>(got))));
  }
  return total == file.size && sum.value() == file.xxh3;
}

}  // namespace hod::cache
