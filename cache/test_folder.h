// A folder of its own for one test, gone with it.
#pragma once

#include <cstdlib>
#include <string>

#include <doctest/doctest.h>
#include <stdlib.h>

#include "core/base/file.h"

namespace hod::cache {

class TestFolder {
 public:
  TestFolder() {
    const char* base = std::getenv("TMPDIR");
    path_ = std::string(base != nullptr ? base : "/tmp") + "/hod-cache-test-XXXXXX";
    REQUIRE(::mkdtemp(path_.data()) != nullptr);
  }
  ~TestFolder() { static_cast<void>(remove_tree(path_)); }
  TestFolder(const TestFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace hod::cache
