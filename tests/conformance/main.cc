// SPDX-License-Identifier: MIT
// hod-conformance <set> <file or folder>...
//
// Runs every row of the JSON files named (of folders: all below, in order of their names) and
// prints those that fail, then `N passed, N failed`, with `, N skipped` where there are any. Exit
// code 0 only if rows were run and none failed; 2 when it could not be asked to.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/file.h"
#include "core/base/json.h"
#include "tests/conformance/conformance_set.h"

namespace {

namespace fs = std::filesystem;
using namespace hod;
using namespace hod::conformance;

struct Counts {
  std::size_t passed = 0, failed = 0, skipped = 0;
};

void print_row(std::string_view heading, const Row& row, std::size_t index,
               const Outcome& outcome) {
  const auto member = [&](std::string_view key) {
    const Json* value = row.data.find(key);
    return value ? "\n  " + std::string(key) + ": " + value->dump() : std::string();
  };
  std::string text = std::string(heading) + ' ' + row.file + " row " + std::to_string(index) + ' ' +
                     std::string(row.op());
  for (const char* key : {"args", "options", "env", "expected", "throws"}) text += member(key);
  text += "\n  got: " + outcome.got + '\n';
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void run_row(const Set& set, const Row& row, std::size_t index, Counts& counts) {
  const Outcome outcome = set.run(row);
  switch (outcome.kind) {
    case Outcome::Kind::passed:
      ++counts.passed;
      break;
    case Outcome::Kind::failed:
      ++counts.failed;
      print_row("FAILED", row, index, outcome);
      break;
    case Outcome::Kind::skipped:
      ++counts.skipped;
      break;
  }
}

Result<void> run_file(const Set& set, const std::string& path, Counts& counts) {
  HOD_TRY(const std::string text, read_file(path));
  HOD_TRY(const Json json, Json::parse(text, path));
  if (json.is_object()) run_row(set, {json, path}, 0, counts);
  for (std::size_t i = 0; i < json.elements().size(); ++i)
    run_row(set, {json.elements()[i], path}, i, counts);
  return {};
}

// The file itself, or the JSON files below a folder.
std::vector<std::string> data_files(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<std::string> files;
  for (auto entry = fs::recursive_directory_iterator(path, error);
       !error && entry != fs::end(entry); entry.increment(error)) {
    if (entry->path().extension() == ".json" && entry->is_regular_file(error))
      files.push_back(entry->path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

int usage() {
  std::string text = "usage: hod-conformance <set> <file or folder>...\nsets:";
  for (const Set& set : all_sets()) text.append(1, ' ').append(set.name);
  std::fprintf(stderr, "%s\n", text.c_str());
  return 2;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) return usage();
  const auto sets = all_sets();
  const auto set = std::find_if(sets.begin(), sets.end(), [&](const Set& candidate) {
    return candidate.name == arguments[1];
  });
  if (set == sets.end()) return usage();
  Counts counts;
  const std::span<char* const> words(arguments, static_cast<std::size_t>(count));
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (words[i][0] == '-') {
      const std::size_t taken = set->take_option ? set->take_option(words.subspan(i)) : 0;
      if (taken == 0) return usage();
      i += taken - 1;
      continue;
    }
    for (const std::string& file : data_files(words[i])) {
      if (auto done = run_file(*set, file, counts); !done) {
        std::fputs(done.error().text().c_str(), stderr);
        ++counts.failed;
      }
    }
  }
  if (set->print_summary) set->print_summary();
  if (counts.skipped > 0) {
    std::printf("%zu passed, %zu failed, %zu skipped\n", counts.passed, counts.failed,
                counts.skipped);
  } else {
    std::printf("%zu passed, %zu failed\n", counts.passed, counts.failed);
  }
  return counts.failed == 0 && counts.passed > 0 ? 0 : 1;
}
