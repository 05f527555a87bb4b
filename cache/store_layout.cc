// SPDX-License-Identifier: MIT
// Paths, the owner's check and the locks; what is in the files is the business of others.
#include "cache/store_layout.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <memory>
#include <thread>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>

#include "cache/file_system.h"
#include "core/base/encoding.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

constexpr mode_t kPrivateFolder = 0700;
constexpr mode_t kPrivateFile = 0600;
constexpr mode_t kPackageFolder = 0755;
constexpr std::size_t kFolderHex = 64;  // 256 bits of the digest
constexpr auto kLongestWait = std::chrono::seconds{60};
constexpr auto kBetweenTries = std::chrono::milliseconds{10};
constexpr time_t kStaleSeconds = 24 * 60 * 60;

Error refused(const std::string& path, std::string why, std::string hint) {
  return Error(ErrorCode::cache_refused, "the cache folder " + std::move(why))
      .at(path)
      .hint(std::move(hint));
}

Result<void> check_owner(const std::string& path) {
  struct stat info {};
  if (io::fstatat(AT_FDCWD, path.c_str(), &info, 0) != 0) {
    return failure(system_error(errno, "look at", path));
  }
  if (!S_ISDIR(info.st_mode))
    return failure(refused(path, "is no folder", "choose another one with HOD_CACHE_DIR"));
  if (info.st_uid != ::geteuid()) {
    return failure(
        refused(path, "belongs to another user",
                "choose one of your own with HOD_CACHE_DIR, or pass --trust-cache-owner"));
  }
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return failure(refused(path, "can be written by other users", "run `chmod go-w " + path + "`"));
  }
  return {};
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

}  // namespace

Result<Fd> lock_file(const std::string& path, int operation) {
  Fd fd(io::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW, kPrivateFile));
  if (!fd) return failure(system_error(errno, "open", path));
  auto give_up = std::chrono::steady_clock::now() + kLongestWait;
  const FileSystemKind kind = file_system_of(path);
  while (lock_whole(fd.get(), operation | LOCK_NB, kind) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return failure(system_error(errno, "lock", path));
    if (std::chrono::steady_clock::now() > give_up) {
      return failure(
          Error(ErrorCode::cache_locked, "another hod is working on the cache").at(path));
    }
    std::this_thread::sleep_for(kBetweenTries);
  }
  return fd;
}

Result<void> check_cache_root(const std::string& root, CacheOwner owner) {
  if (!directory_exists(root)) HOD_CHECK(make_directories(root, kPrivateFolder));
  return owner == CacheOwner::check ? check_owner(root) : Result<void>();
}

StoreLayout StoreLayout::of_layer(const std::string& root) {
  StoreLayout layout;
  layout.root_ = root;
  layout.store_ = root + "/store/v1";
  return layout;
}

Result<StoreLayout> StoreLayout::open(const std::string& root, CacheOwner owner, StoreUse use) {
  StoreLayout layout = of_layer(root);
  HOD_CHECK(check_cache_root(root, owner));
  if (!directory_exists(layout.store_)) HOD_CHECK(make_directories(layout.store_, kPrivateFolder));
  if (owner == CacheOwner::check) HOD_CHECK(check_owner(layout.store_));
  HOD_TRY(layout.gc_lock_,
          lock_file(layout.store_ + "/gc.lock", use == StoreUse::shared ? LOCK_SH : LOCK_EX));
  return layout;
}

Fd StoreLayout::lock() const { return Fd(::fcntl(gc_lock_.get(), F_DUPFD_CLOEXEC, 0)); }

std::string StoreLayout::package(const TarballDigest& digest) const {
  std::string hex = to_hex(std::string_view(digest.bytes).substr(0, kFolderHex / 2));
  return store_ + "/packages/" + hex.substr(0, 2) + "/" + hex;
}

std::string StoreLayout::temporary_name(std::string_view prefix) const {
  return store_ + "/tmp/" + std::string(prefix) + "-" + random_suffix();
}

Result<std::string> StoreLayout::stage() const {
  for (bool made = false;;) {
    std::string path = temporary_name("stage");
    if (io::mkdirat(AT_FDCWD, path.c_str(), kPackageFolder) == 0) return path;
    if (errno != ENOENT || made) return failure(system_error(errno, "make the folder", path));
    HOD_CHECK(make_directories(store_ + "/tmp", kPrivateFolder));
    made = true;
  }
}

Result<void> StoreLayout::move_aside(const std::string& path, std::string_view prefix) const {
  const std::string aside = temporary_name(prefix);
  for (bool made = false;;) {
    if (io::rename(path.c_str(), aside.c_str()) == 0) return {};
    if (errno != ENOENT) return failure(system_error(errno, "move aside", path));
    if (made || directory_exists(temporary())) return {};
    HOD_CHECK(make_directories(temporary(), kPrivateFolder));
    made = true;
  }
}

void StoreLayout::remove_stale() const {
  const Fd folder(io::open(temporary().c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  if (!folder) return;
  const time_t oldest = std::time(nullptr) - kStaleSeconds;
  for (const std::string& name : names_in(temporary())) {
    struct stat info {};
    const bool stale = io::fstatat(folder.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
                       info.st_mtim.tv_sec < oldest;
    // What cannot be removed now is tried again by a later run.
    if (stale) static_cast<void>(remove_tree_at(folder.get(), name));
  }
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::unique_ptr<DIR, CloseFolder> stream(::opendir(folder.c_str()));
  if (!stream) return names;
  while (const dirent* entry = ::readdir(stream.get())) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace hod::cache
