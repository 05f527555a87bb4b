// SPDX-License-Identifier: MIT
// fuzz_replay <corpus>
//
// Gives every file below <corpus>/<target> to that fuzz target: what fuzzing found, and what leads
// it to all of a parser, is read again with each run of the tests and in every build. A target that
// finds something ends the program, whose last line then names the file.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/file.h"
#include "tests/fuzz/fuzz_input.h"

// The formatter has no stable form for this list.
// clang-format off
#define HOD_FUZZ_TARGETS(X) \
  X(version) X(range) X(specifier) X(url) X(integrity) X(manifest) \
  X(metadata) X(npmrc) X(json_edit) X(hod_lock) X(lock_npm) X(lock_pnpm) \
  X(lock_yarn) X(lock_bun) X(packument) X(tar)
// clang-format on

#define HOD_DECLARE(name) extern "C" int fuzz_##name(const std::uint8_t* data, std::size_t size);
HOD_FUZZ_TARGETS(HOD_DECLARE)
#undef HOD_DECLARE

namespace {

namespace fs = std::filesystem;

struct Target {
  const char* name;
  int (*run)(const std::uint8_t* data, std::size_t size);
};

#define HOD_ROW(name) {#name, &fuzz_##name},
constexpr Target kTargets[] = {HOD_FUZZ_TARGETS(HOD_ROW)};
#undef HOD_ROW

std::vector<std::string> files_of(const fs::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) return 2;
  std::size_t passed = 0;
  int missing = 0;
  for (const Target& target : kTargets) {
    const fs::path folder = fs::path(words[1]) / target.name;
    if (!fs::is_directory(folder)) {
      std::printf("no corpus of %s\n", target.name);
      ++missing;
      continue;
    }
    for (const std::string& path : files_of(folder)) {
      std::fprintf(stderr, "%s\n", path.c_str());
      const std::string bytes = hod::must(hod::read_file(path));
      target.run(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
      ++passed;
    }
  }
  std::printf("%zu passed, %d failed\n", passed, missing);
  return missing == 0 ? 0 : 1;
}
