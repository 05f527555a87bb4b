// SPDX-License-Identifier: MIT
#include "cache/file_fence.h"

#include <doctest/doctest.h>

using namespace hod::cache;

namespace {

StoredFile stored() {
  StoredFile file;
  file.size = 10;
  file.mtime_ns = 5'000'000'007;
  file.inode = 42;
  return file;
}

struct stat as_stored() {
  struct stat info {};
  info.st_mode = S_IFREG | 0644;
  info.st_size = 10;
  info.st_mtim = {5, 7};
  info.st_ino = 42;
  return info;
}

}  // namespace

TEST_CASE("a file with another size, time, inode or kind is not what was stored (T-CACHE-01)") {
  CHECK(stamp_matches(as_stored(), stored()));
  struct stat changed = as_stored();
  changed.st_size = 11;
  CHECK_FALSE(stamp_matches(changed, stored()));
  changed = as_stored();
  changed.st_mtim.tv_nsec = 8;
  CHECK_FALSE(stamp_matches(changed, stored()));
  changed = as_stored();
  changed.st_ino = 43;
  CHECK_FALSE(stamp_matches(changed, stored()));
  changed = as_stored();
  changed.st_mode = S_IFIFO | 0644;
  CHECK_FALSE(stamp_matches(changed, stored()));
}

TEST_CASE("a stored time before the epoch is a time, too") {
  StoredFile file = stored();
  file.mtime_ns = -1;
  CHECK(time_of(file).tv_sec == -1);
  CHECK(time_of(file).tv_nsec == 999'999'999);
  struct stat info {};
  info.st_mtim = time_of(file);
  CHECK(mtime_of(info) == -1);
}

TEST_CASE("only modes that hod gives, or a umask leaves of them, are passed on") {
  struct Row {
    mode_t mode;
    bool executable;
    bool matches;
  };
  for (const Row& row : {Row{0644, false, true}, Row{0600, false, true}, Row{0664, false, false},
                         Row{0755, false, false}, Row{0444, false, false}, Row{0755, true, true},
                         Row{0700, true, true}, Row{0644, true, false}, Row{04755, true, false}}) {
    CAPTURE(row.mode);
    struct stat info {};
    info.st_mode = S_IFREG | row.mode;
    CHECK(mode_matches(info, row.executable) == row.matches);
  }
}
