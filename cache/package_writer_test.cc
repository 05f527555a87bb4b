// SPDX-License-Identifier: MIT
#include "cache/package_writer.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/test_folder.h"
#include "cache/unpack.h"

using namespace hod;
using namespace hod::cache;

namespace {

ByteSpan bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

Result<void> put(PackageWriter& writer, const std::string& path, const std::string& text,
                 bool executable = false) {
  HOD_CHECK(writer.begin(path, executable));
  HOD_CHECK(writer.write(bytes_of(text)));
  return writer.end();
}

struct stat stat_of(const std::string& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info;
}

class Umask {
 public:
  explicit Umask(mode_t mask) : old_(::umask(mask)) {}
  ~Umask() { ::umask(old_); }

 private:
  mode_t old_;
};

}  // namespace

TEST_CASE("files appear with their content, sum, inode and the fixed time") {
  TestFolder folder;
  Umask umask(022);
  PackageWriter writer = must(PackageWriter::open(folder.path()));
  must(put(writer, "lib/deep/b.js", "hello"));
  must(put(writer, "a.js", "", true));
  must(writer.begin("lib/c.js", false));
  for (int i = 0; i < 100; ++i) must(writer.write(bytes_of("piece")));
  must(writer.end());

  std::vector<StoredFile> files = writer.take_files();
  REQUIRE(files.size() == 3);
  CHECK(files[0].path == "a.js");
  CHECK(files[1].path == "lib/c.js");
  CHECK(files[2].path == "lib/deep/b.js");
  for (const StoredFile& file : files) {
    std::string path = folder.path(file.path);
    struct stat info = stat_of(path);
    CHECK(info.st_size == static_cast<off_t>(file.size));
    CHECK(info.st_ino == file.inode);
    CHECK(info.st_mtim.tv_sec == kFileTime);
    CHECK(file.mtime_ns == kFileTime * 1'000'000'000);
    CHECK((info.st_mode & 07777) == (file.executable ? 0755 : 0644));
    CHECK(file.xxh3 == xxh3(bytes_of(must(read_file(path)))));
  }
  CHECK((stat_of(folder.path("lib/deep")).st_mode & 07777) == 0755);
}

TEST_CASE("T-TAR-06 the umask is respected") {
  struct Row {
    mode_t mask, plain, executable, folder;
  };
  for (const Row& row :
       {Row{077, 0600, 0700, 0700}, Row{002, 0644, 0755, 0755}, Row{0, 0644, 0755, 0755}}) {
    TestFolder folder;
    Umask umask(row.mask);
    PackageWriter writer = must(PackageWriter::open(folder.path()));
    must(put(writer, "d/plain", "x"));
    must(put(writer, "d/executable", "x", true));
    CHECK((stat_of(folder.path("d/plain")).st_mode & 07777) == row.plain);
    CHECK((stat_of(folder.path("d/executable")).st_mode & 07777) == row.executable);
    CHECK((stat_of(folder.path("d")).st_mode & 07777) == row.folder);
  }
}

TEST_CASE("T-TAR-08 a path written twice holds the last content and mode") {
  TestFolder folder;
  PackageWriter writer = must(PackageWriter::open(folder.path()));
  must(put(writer, "a", "first"));
  must(put(writer, "b/c", "x"));
  must(put(writer, "a", "second!", true));
  std::vector<StoredFile> files = writer.take_files();
  REQUIRE(files.size() == 2);
  CHECK(files[0].size == 7);
  CHECK(files[0].executable);
  CHECK(must(read_file(folder.path("a"))) == "second!");
  CHECK(stat_of(folder.path("a")).st_ino == files[0].inode);
}

TEST_CASE("a path that is a file and a folder at once is refused") {
  TestFolder folder;
  PackageWriter writer = must(PackageWriter::open(folder.path()));
  must(put(writer, "a", "x"));
  Result<void> below = put(writer, "a/b/c", "y");
  REQUIRE_FALSE(below.has_value());
  CHECK(below.error().code() == ErrorCode::archive_invalid);

  TestFolder other;
  PackageWriter second = must(PackageWriter::open(other.path()));
  must(put(second, "a/b/c", "x"));
  Result<void> over = put(second, "a/b", "y");
  REQUIRE_FALSE(over.has_value());
  CHECK(over.error().code() == ErrorCode::archive_invalid);
}

TEST_CASE("T-TAR-03 T-CACHE-05 what somebody else put there is neither followed nor overwritten") {
  TestFolder folder;
  TestFolder canary;
  PackageWriter writer = must(PackageWriter::open(folder.path()));
  REQUIRE(::symlink(canary.path("evil").c_str(), folder.path("a").c_str()) == 0);
  REQUIRE(::symlink(canary.path().c_str(), folder.path("d").c_str()) == 0);
  CHECK_FALSE(put(writer, "a", "x").has_value());
  CHECK_FALSE(put(writer, "d/evil", "x").has_value());
  CHECK_FALSE(file_exists(canary.path("evil")));
  REQUIRE(::symlink(canary.path().c_str(), folder.path("link").c_str()) == 0);
  CHECK_FALSE(PackageWriter::open(folder.path("link")).has_value());
}
