// SPDX-License-Identifier: MIT
#include "cache/store_check.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/package_writer.h"
#include "cache/test_folder.h"
#include "cache/unpack.h"
#include "core/base/io.h"

using namespace hod;
using namespace hod::cache;

namespace {

using Paths = std::vector<std::string>;

StoredPackage written(const TestFolder& folder) {
  PackageWriter writer = must(PackageWriter::open(folder.path()));
  for (const char* path : {"a.js", "empty", "lib/b.js"}) {
    std::string text = std::string(path) == "empty" ? "" : "content of " + std::string(path);
    must(writer.begin(path, std::string(path) == "a.js"));
    must(writer.write({reinterpret_cast<const std::byte*>(text.data()), text.size()}));
    must(writer.end());
  }
  StoredPackage package;
  package.folder = folder.path();
  package.files = writer.take_files();
  return package;
}

// Writes in place: the inode stays, which is what an edit through a hardlink does.
void overwrite(const std::string& path, std::string_view text, std::size_t at, bool keep_time) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  Fd fd(io::open(path.c_str(), O_WRONLY));
  REQUIRE(::pwrite(fd.get(), text.data(), text.size(), static_cast<off_t>(at)) ==
          static_cast<ssize_t>(text.size()));
  if (keep_time) REQUIRE(io::set_times(fd.get(), info.st_mtim) == 0);
}

}  // namespace

TEST_CASE("what is as it was written passes both strengths") {
  TestFolder folder;
  StoredPackage package = written(folder);
  for (Verify strength : {Verify::fence, Verify::sums}) {
    CheckedPackage checked = check_package(package, strength);
    CHECK(checked.damaged.empty());
    CHECK(checked.restamped.empty());
  }
}

TEST_CASE(
    "T-CACHE-01 T-CACHE-02 edited, cut, emptied, replaced and missing files are found by a fence") {
  TestFolder folder;
  StoredPackage package = written(folder);
  SUBCASE("edited in place, same size") {
    overwrite(folder.path("a.js"), "CONTENT", 0, false);
    CHECK(check_package(package, Verify::fence).damaged == Paths{"a.js"});
  }
  SUBCASE("cut") {
    REQUIRE(::truncate(folder.path("lib/b.js").c_str(), 3) == 0);
    CHECK(check_package(package, Verify::fence).damaged == Paths{"lib/b.js"});
  }
  SUBCASE("grown from nothing") {
    overwrite(folder.path("empty"), "x", 0, true);
    CHECK(check_package(package, Verify::fence).damaged == Paths{"empty"});
  }
  SUBCASE("replaced by another file with the same size and time") {
    std::string path = folder.path("a.js");
    std::string text = must(read_file(path));
    text[0] = 'X';
    must(write_file_atomic(folder.path("other"), text, Durable::no, 0755));
    REQUIRE(io::set_times(AT_FDCWD, folder.path("other").c_str(), {kFileTime, 0}, 0) == 0);
    REQUIRE(::rename(folder.path("other").c_str(), path.c_str()) == 0);
    CHECK(check_package(package, Verify::fence).damaged == Paths{"a.js"});
  }
  SUBCASE("gone, or a link instead") {
    REQUIRE(::unlink(folder.path("a.js").c_str()) == 0);
    REQUIRE(::unlink(folder.path("lib/b.js").c_str()) == 0);
    REQUIRE(::symlink("../empty", folder.path("lib/b.js").c_str()) == 0);
    CHECK(check_package(package, Verify::fence).damaged == Paths{"a.js", "lib/b.js"});
  }
  SUBCASE("no longer executable") {
    REQUIRE(::chmod(folder.path("a.js").c_str(), 0644) == 0);
    CHECK(check_package(package, Verify::fence).damaged == Paths{"a.js"});
  }
  SUBCASE("the whole folder gone") {
    must(remove_tree(folder.path()));
    CHECK(check_package(package, Verify::fence).damaged.size() == 3);
  }
}

TEST_CASE("T-CACHE-01 a flipped bit with its time put back passes the fence and is found by sums") {
  TestFolder folder;
  StoredPackage package = written(folder);
  overwrite(folder.path("a.js"), "d", 0, true);
  CHECK(check_package(package, Verify::fence).damaged.empty());
  CHECK(check_package(package, Verify::sums).damaged == Paths{"a.js"});
}

TEST_CASE("a right file with another stamp is no damage: its time is put back, its inode noted") {
  TestFolder folder;
  StoredPackage package = written(folder);
  std::string path = folder.path("lib/b.js");
  std::string text = must(read_file(path));
  must(write_file_atomic(folder.path("copy"), text, Durable::no, 0644));
  REQUIRE(::rename(folder.path("copy").c_str(), path.c_str()) == 0);
  CheckedPackage checked = check_package(package, Verify::fence);
  CHECK(checked.damaged.empty());
  REQUIRE(checked.restamped.size() == 3);
  package.files = checked.restamped;
  CHECK(package.files[2].mtime_ns == kFileTime * 1'000'000'000);
  CheckedPackage again = check_package(package, Verify::fence);
  CHECK(again.damaged.empty());
  CHECK(again.restamped.empty());
}
