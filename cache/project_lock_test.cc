#include <filesystem>
#include <thread>

#include <doctest/doctest.h>

#include "cache/linker.h"
#include "cache/tree_scene_test.h"

namespace hod::cache {

namespace fs = std::filesystem;

TEST_CASE("the second one waits, is told once, and gets the lock when the first one is done") {
  TestFolder folder;
  Fd first = must(lock_project(folder.path(), 0, {}));
  std::atomic<int> told{0};
  std::thread second([&] {
    Fd lock = must(lock_project(folder.path(), 60, [&] { ++told; }));
    CHECK(lock);
  });
  while (told == 0) std::this_thread::yield();
  first.reset();
  second.join();
  CHECK(told == 1);
}

TEST_CASE("whoever waited on a lock that was deleted takes the new one") {
  TestFolder folder;
  Fd first = must(lock_project(folder.path(), 0, {}));
  std::atomic<bool> waits{false};
  std::thread second([&] {
    Fd lock = must(lock_project(folder.path(), 60, [&] { waits = true; }));
    struct stat held {};
    REQUIRE(::fstat(lock.get(), &held) == 0);
    CHECK(held.st_ino == scene::inode_of(folder.path("node_modules/.hod/lock")));
  });
  while (!waits) std::this_thread::yield();
  fs::remove_all(folder.path("node_modules"));
  first.reset();
  second.join();
}

TEST_CASE("T-LINK-06 a lock behind a symlink is refused") {
  TestFolder folder;
  scene::write(folder.path("canary"), "kept");
  fs::create_directories(folder.path("node_modules/.hod"));
  fs::create_symlink("../../canary", folder.path("node_modules/.hod/lock"));
  Result<Fd> lock = lock_project(folder.path(), 0, {});
  REQUIRE(!lock);
  CHECK(lock.error().code() == ErrorCode::tree_refused);
}

}  // namespace hod::cache
