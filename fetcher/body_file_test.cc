#include "fetcher/body_file.h"

#include <cstdlib>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::fetcher;

TEST_CASE("a large body lies in a file without a name and can be read again") {
  std::string folder = (std::filesystem::temp_directory_path() / "body-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  {
    BodyFile body = must(BodyFile::create(folder));
    must(body.append("hello "));
    must(body.append("world"));
    CHECK(body.size() == 11);
    CHECK(must(read_file(body.path())) == "hello world");
    CHECK(must(read_file(body.path())) == "hello world");
    CHECK(std::filesystem::is_empty(folder));
  }
  std::filesystem::remove(folder);
}

TEST_CASE("a file in memory has a path too") {
  BodyFile body = must(BodyFile::in_memory());
  must(body.append("certificates"));
  CHECK(must(read_file(body.path())) == "certificates");
}

TEST_CASE("the folder is made when it is absent; what cannot be made is an error with its name") {
  std::string folder = (std::filesystem::temp_directory_path() / "body-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  CHECK(BodyFile::create(folder + "/store/tmp"));
  auto body = BodyFile::create("/dev/null/folder");
  REQUIRE_FALSE(body.has_value());
  CHECK(body.error().text().find("/dev/null/folder") != std::string::npos);
  std::filesystem::remove_all(folder);
}
