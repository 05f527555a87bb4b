// SPDX-License-Identifier: MIT
// Package archives made by the tests themselves: every header as the test wants it, also those no
// honest tool writes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hod::tests {

struct TarEntry {
  std::string path;  // as it stands in the archive: "package/index.js"
  std::string content;
  unsigned mode = 0644;
  char type = '0';     // '0' file, '1' hard link, '2' symlink, '5' folder …
  std::string target;  // of links
};

std::string tar_of(const std::vector<TarEntry>& entries);
// gzip without compression.
std::string gzip_of(std::string_view bytes);

}  // namespace hod::tests
