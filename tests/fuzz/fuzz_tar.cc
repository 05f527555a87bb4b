// SPDX-License-Identifier: MIT
// Any archive is refused, or gives only plain files below its folder; nothing appears beside it.
#include <cstdlib>
#include <filesystem>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

#include "cache/unpack.h"
#include "core/base/file.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

// In memory by run.sh's $TMPDIR: each input makes and removes files.
class Folder {
 public:
  Folder() {
    const char* base = std::getenv("TMPDIR");
    path_ = std::string(base != nullptr ? base : "/tmp") + "/hod-fuzz-XXXXXX";
    HOD_ASSERT(::mkdtemp(path_.data()) != nullptr);
  }
  ~Folder() { static_cast<void>(hod::remove_tree(path_)); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void check_below(const std::string& folder) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    struct stat info {};
    HOD_ASSERT(::lstat(entry.path().c_str(), &info) == 0);
    HOD_ASSERT(S_ISDIR(info.st_mode) || S_ISREG(info.st_mode));
    HOD_ASSERT((info.st_mode & 07022) == 0);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder outer;
  const std::string folder = outer.path() + "/package";
  hod::must(hod::make_directories(folder, 0700));
  hod::cache::UnpackLimits limits;
  limits.total_bytes = std::uint64_t{16} << 20;
  const auto unpacked = hod::cache::unpack_tarball(fuzz_text(data, size), folder, limits);
  if (unpacked) check_below(folder);
  hod::must(hod::remove_tree(folder));
  HOD_ASSERT(std::filesystem::is_empty(outer.path()));
  return 0;
}
