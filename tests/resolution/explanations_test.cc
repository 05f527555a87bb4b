// SPDX-License-Identifier: MIT
// The explanations of all scenarios that have no solution, as people read them, held against
// fixtures/explanations. HOD_UPDATE_GOLDEN=1 writes them anew; the difference is to be read.
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <doctest/doctest.h>

#include "core/base/file.h"
#include "tests/resolution/scenario.h"

using namespace hod;
namespace fs = std::filesystem;

namespace {

std::vector<fs::path> files_in(const char* folder) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

TEST_CASE("every refused scenario is explained in the words that were read and agreed on") {
  const fs::path golden = HOD_SOURCE_DIR "/fixtures/explanations";
  std::size_t refused = 0;
  for (const fs::path& file :
       files_in(HOD_SOURCE_DIR "/fixtures/conformance/resolution/scenarios")) {
    const Json data = must(Json::parse(must(read_file(file.string())), file.string()));
    const resolution::Answer answer = resolution::solve(must(resolution::read_scenario(data)));
    if (!answer.error) continue;
    ++refused;
    const fs::path expected = golden / file.stem().concat(".txt");
    if (std::getenv("HOD_UPDATE_GOLDEN") != nullptr) {
      fs::create_directories(golden);
      must(write_file_atomic(expected.string(), answer.error->text()));
    }
    CAPTURE(expected.string());
    CHECK(answer.error->text() == read_file_if_present(expected.string())->value_or(""));
  }
  CHECK(refused == files_in(golden.c_str()).size());
}

TEST_CASE("docs/solver.md shows what is really printed") {
  const std::string page = must(read_file(HOD_SOURCE_DIR "/docs/solver.md"));
  std::size_t shown = 0;
  for (const fs::path& file : files_in(HOD_SOURCE_DIR "/fixtures/explanations")) {
    if (page.find("```\n" + must(read_file(file.string())) + "```\n") != std::string::npos) ++shown;
  }
  CHECK(shown == 3);
}
