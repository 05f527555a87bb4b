// SPDX-License-Identifier: MIT
#include "cache/store_layout.h"

#include <ctime>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/test_folder.h"
#include "core/base/io.h"

using namespace hod;
using namespace hod::cache;

namespace {
ErrorCode refusal_of(const std::string& root, CacheOwner owner = CacheOwner::check) {
  Result<StoreLayout> layout = StoreLayout::open(root, owner);
  return layout ? ErrorCode::internal : layout.error().code();
}
unsigned mode_of(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777U;
}
}  // namespace

TEST_CASE("T-CACHE-06 the cache is made private, whatever the umask") {
  TestFolder folder;
  mode_t old = ::umask(0);
  must(StoreLayout::open(folder.path("new/cache"), CacheOwner::check));
  ::umask(old);
  CHECK(mode_of(folder.path("new/cache")) == 0700);
  CHECK(mode_of(folder.path("new/cache/store/v1")) == 0700);
}

TEST_CASE(
    "T-CACHE-06 a cache that others may write, or that is another user's, is refused unless "
    "trusted") {
  TestFolder folder;
  std::string root = folder.path("cache");
  must(StoreLayout::open(root, CacheOwner::check));
  for (mode_t mode : {0770U, 0702U, 0777U}) {
    REQUIRE(::chmod(root.c_str(), mode) == 0);
    CHECK(refusal_of(root) == ErrorCode::cache_refused);
    CHECK(refusal_of(root, CacheOwner::trust) == ErrorCode::internal);
  }
  REQUIRE(::chmod(root.c_str(), 0755) == 0);
  CHECK(refusal_of(root) == ErrorCode::internal);
  REQUIRE(::chmod((root + "/store/v1").c_str(), 0777) == 0);
  CHECK(refusal_of(root) == ErrorCode::cache_refused);
  if (::geteuid() == 0) {
    REQUIRE(::chmod((root + "/store/v1").c_str(), 0700) == 0);
    REQUIRE(::chown(root.c_str(), 12345, 12345) == 0);
    CHECK(refusal_of(root) == ErrorCode::cache_refused);
    CHECK(refusal_of(root, CacheOwner::trust) == ErrorCode::internal);
  }
  must(write_file_atomic(folder.path("file"), "x", Durable::no));
  CHECK(refusal_of(folder.path("file")) != ErrorCode::internal);
}

TEST_CASE("T-CACHE-05 staging folders are fresh and nobody else's") {
  TestFolder folder;
  StoreLayout layout = must(StoreLayout::open(folder.path("cache"), CacheOwner::check));
  std::string a = must(layout.stage());
  std::string b = must(layout.stage());
  CHECK(a != b);
  CHECK(directory_exists(a));
  CHECK(a.starts_with(folder.path("cache/store/v1/tmp/")));
  CHECK(mode_of(folder.path("cache/store/v1/tmp")) == 0700);
}

TEST_CASE(
    "T-CACHE-05 what lies in tmp since yesterday is removed, fresh things stay, links are not "
    "followed") {
  TestFolder folder;
  StoreLayout layout = must(StoreLayout::open(folder.path("cache"), CacheOwner::check));
  std::string fresh = must(layout.stage());
  std::string stale = must(layout.stage());
  must(write_file_atomic(stale + "/file", "x", Durable::no));
  must(write_file_atomic(folder.path("canary"), "x", Durable::no));
  std::string link = layout.temporary_name("link");
  REQUIRE(::symlink(folder.path().c_str(), link.c_str()) == 0);
  timespec old{std::time(nullptr) - 2 * 86'400, 0};
  REQUIRE(io::set_times(AT_FDCWD, stale.c_str(), old, 0) == 0);
  REQUIRE(io::set_times(AT_FDCWD, link.c_str(), old, AT_SYMLINK_NOFOLLOW) == 0);
  layout.remove_stale();
  CHECK(directory_exists(fresh));
  CHECK_FALSE(directory_exists(stale));
  CHECK(file_exists(folder.path("canary")));
  struct stat info {};
  CHECK(::lstat(link.c_str(), &info) != 0);
}

TEST_CASE("while a store is open the collector cannot lock it") {
  TestFolder folder;
  auto locked = [&] {
    Fd fd(io::open(folder.path("cache/store/v1/gc.lock").c_str(), O_RDWR));
    return io::flock(fd.get(), LOCK_EX | LOCK_NB) != 0;
  };
  {
    StoreLayout layout = must(StoreLayout::open(folder.path("cache"), CacheOwner::check));
    StoreLayout other = must(StoreLayout::open(folder.path("cache"), CacheOwner::check));
    CHECK(locked());
  }
  CHECK_FALSE(locked());
}

TEST_CASE("T-CACHE-08 a package's folder is named by 256 bits of its digest") {
  TestFolder folder;
  StoreLayout layout = must(StoreLayout::open(folder.path("cache"), CacheOwner::check));
  TarballDigest digest{std::string(32, '\xab') + std::string(32, '\x01')};
  std::string hex;
  for (int i = 0; i < 32; ++i) hex += "ab";
  CHECK(layout.package(digest) == folder.path("cache/store/v1/packages/ab/" + hex));
  CHECK(layout.list(digest) == layout.package(digest) + ".list");
}
