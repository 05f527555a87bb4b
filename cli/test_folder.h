// SPDX-License-Identifier: MIT
// For the tests of this module: a temporary folder that goes away, and files in it.
#pragma once

#include <string>
#include <string_view>

#include <stdlib.h>

#include "core/base/file.h"

namespace hod::cli {

class TestFolder {
 public:
  TestFolder() {
    const char* base = getenv("TMPDIR");
    path_ = std::string(base != nullptr ? base : "/tmp") + "/hod-cli-test-XXXXXX";
    HOD_ASSERT(mkdtemp(path_.data()) != nullptr);
  }
  ~TestFolder() { static_cast<void>(remove_tree(path_)); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

  // Makes the folders it needs.
  void write(const std::string& name, std::string_view text, unsigned mode = 0644) const {
    std::size_t slash = name.rfind('/');
    if (slash != std::string::npos) must(make_directories(path_ + "/" + name.substr(0, slash)));
    must(write_file_atomic(path_ + "/" + name, text, Durable::no, mode));
  }
  std::string read(const std::string& name) const { return must(read_file(path_ + "/" + name)); }

 private:
  std::string path_;
};

}  // namespace hod::cli
