// SPDX-License-Identifier: MIT
#include "cache/file_system.h"

#include <cerrno>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>

#include "cache/sqlite.h"
#include "cache/store.h"
#include "cache/store_layout.h"
#include "cache/test_folder.h"
#include "core/base/io.h"

using namespace hod;
using namespace hod::cache;

namespace {

struct Pretending {
  explicit Pretending(FileSystemKind kind) { pretend_file_system(kind); }
  ~Pretending() { pretend_file_system(std::nullopt); }
};

constexpr const char* kMigrations[] = {"CREATE TABLE t(x)"};
constexpr DatabaseFormat kFormat{7, kMigrations};

}  // namespace

TEST_CASE("a folder that does not exist yet is on the file system of its nearest parent") {
  TestFolder folder;
  CHECK(file_system_of(folder.path("a/b/c")) == FileSystemKind::local);
  CHECK(file_system_of("") == FileSystemKind::local);
  CHECK(file_system_of("/proc/1/none") == FileSystemKind::local);
}

TEST_CASE("free space is that of the nearest folder above what is not there") {
  TestFolder folder;
  CHECK(free_bytes(folder.path("a/b/c")).value_or(0) > 0);
  CHECK(free_bytes("/proc/1/none") == 0);
  CHECK_FALSE(free_bytes(""));
}

TEST_CASE("locks of both kinds exclude each other among their own") {
  TestFolder folder;
  for (const FileSystemKind kind : {FileSystemKind::local, FileSystemKind::network}) {
    const std::string path = folder.path("lock");
    const Fd first(io::open(path.c_str(), O_RDWR | O_CREAT, 0600));
    const Fd second(io::open(path.c_str(), O_RDWR));
    CHECK(lock_whole(first.get(), LOCK_SH | LOCK_NB, kind) == 0);
    CHECK(lock_whole(second.get(), LOCK_SH | LOCK_NB, kind) == 0);
    CHECK(lock_whole(second.get(), LOCK_EX | LOCK_NB, kind) == -1);
    CHECK(errno == EWOULDBLOCK);
    CHECK(lock_whole(first.get(), LOCK_UN, kind) == 0);
    CHECK(lock_whole(second.get(), LOCK_EX | LOCK_NB, kind) == 0);
    CHECK(lock_whole(first.get(), LOCK_SH | LOCK_NB, kind) == -1);
  }
}

TEST_CASE("on a network file system databases have no shared memory beside them") {
  for (const FileSystemKind kind : {FileSystemKind::local, FileSystemKind::network}) {
    const Pretending pretending(kind);
    TestFolder folder;
    const auto database = must(Database::open(folder.path("x.db"), kFormat, Access::write));
    must(database->run("INSERT INTO t VALUES(1)"));
    const auto reader = must(Database::open(folder.path("x.db"), kFormat, Access::read));
    CHECK(must(reader->number("SELECT count(*) FROM t")) == 1);
    CHECK(file_exists(folder.path("x.db-wal")) == (kind == FileSystemKind::local));
    CHECK(file_exists(folder.path("x.db-shm")) == (kind == FileSystemKind::local));
  }
}

TEST_CASE("on a network file system stores share, and keep the collector out, by range locks") {
  const Pretending pretending(FileSystemKind::network);
  TestFolder folder;
  const auto first = must(Store::open(folder.path("cache")));
  const auto second = must(Store::open(folder.path("cache")));
  const Fd lock(io::open(folder.path("cache/store/v1/gc.lock").c_str(), O_RDWR));
  CHECK(lock_whole(lock.get(), LOCK_EX | LOCK_NB, FileSystemKind::network) == -1);
}
