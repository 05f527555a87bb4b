#include "core/base/file.h"

#include <cstdlib>
#include <string>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace hod;

namespace {

struct TemporaryFolder {
  std::string path;
  TemporaryFolder() {
    char name[] = "/tmp/hod-file-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~TemporaryFolder() { must(remove_tree(path)); }
};

}  // namespace

TEST_CASE("an atomic write replaces the bytes and keeps the mode") {
  TemporaryFolder folder;
  std::string path = folder.path + "/a.json";
  must(write_file_atomic(path, "one"));
  ::chmod(path.c_str(), 0600);
  must(write_file_atomic(path, "two"));
  CHECK(must(read_file(path)) == "two");
  struct stat info {};
  ::stat(path.c_str(), &info);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("an atomic write goes through a symlink and leaves the link") {
  TemporaryFolder folder;
  must(write_file_atomic(folder.path + "/real", "one"));
  REQUIRE(::symlink("real", (folder.path + "/link").c_str()) == 0);
  must(write_file_atomic(folder.path + "/link", "two"));
  CHECK(must(read_file(folder.path + "/real")) == "two");
}

TEST_CASE("T-LOCK-09 a failed write leaves the old file and no temporary one") {
  TemporaryFolder folder;
  must(make_directories(folder.path + "/target"));
  CHECK_FALSE(write_file_atomic(folder.path + "/target", "bytes").has_value());
  CHECK(directory_exists(folder.path + "/target"));
  REQUIRE(::rmdir((folder.path + "/target").c_str()) == 0);
  CHECK(::rmdir(folder.path.c_str()) == 0);
  must(make_directories(folder.path));
}

TEST_CASE("what a stopped atomic write left is removed, and nothing else") {
  TemporaryFolder folder;
  const std::string path = folder.path + "/a.json";
  const std::string stays[] = {"/a.json", "/a.json.tmp", "/a.json.0123456789abcde.tmp",
                               "/a.json.0123456789abcdeg.tmp", "/b.json.0123456789abcdef.tmp"};
  for (const std::string& name : stays) must(write_file_atomic(folder.path + name, "x"));
  must(write_file_atomic(path + ".0123456789abcdef.tmp", "x"));
  remove_temporaries_of(path);
  for (const std::string& name : stays) CHECK(file_exists(folder.path + name));
  CHECK_FALSE(file_exists(path + ".0123456789abcdef.tmp"));
}

TEST_CASE("T-LINK-11 removing a tree never follows a symlink") {
  TemporaryFolder folder;
  must(make_directories(folder.path + "/outside"));
  must(write_file_atomic(folder.path + "/outside/canary", "x"));
  must(make_directories(folder.path + "/tree/deep/deeper"));
  must(write_file_atomic(folder.path + "/tree/deep/file", "x"));
  REQUIRE(::symlink("../../outside", (folder.path + "/tree/deep/link").c_str()) == 0);
  must(remove_tree(folder.path + "/tree"));
  CHECK_FALSE(directory_exists(folder.path + "/tree"));
  CHECK(file_exists(folder.path + "/outside/canary"));
  must(remove_tree(folder.path + "/tree"));
}

TEST_CASE("a pipe or a device in the place of a project's file is an error, not a wait") {
  TemporaryFolder folder;
  std::string pipe = folder.path + "/pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  REQUIRE(::symlink("/dev/zero", (folder.path + "/device").c_str()) == 0);
  CHECK(read_file_if_present(pipe).error().code() == ErrorCode::disk_failed);
  CHECK(read_file_if_present(folder.path + "/device").error().code() == ErrorCode::disk_failed);
}

TEST_CASE("a missing file is told apart from an unreadable one") {
  TemporaryFolder folder;
  CHECK(read_file(folder.path + "/none").error().code() == ErrorCode::file_missing);
  CHECK_FALSE(must(read_file_if_present(folder.path + "/none")).has_value());
  CHECK(read_file(folder.path).error().code() == ErrorCode::disk_failed);
}
