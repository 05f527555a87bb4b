// Programs to be started: the search along PATH, and the arrays that execve wants.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/environment.h"

namespace hod {

// May the program lie in a `node_modules/.bin`, where any package can put a `git`?
enum class ProjectBins : std::uint8_t { allowed, passed_over };

// The executable file `name` in the folders of `path` (a PATH value); relative folders are passed
// over (T-CFG-03).
std::optional<std::string> find_program(std::string_view name, std::string_view path,
                                        ProjectBins bins);

// Texts as an array of pointers that ends with null. Not to be copied or moved.
class ExecTexts {
 public:
  explicit ExecTexts(std::vector<std::string> texts);
  ExecTexts(const std::string& program, const std::vector<std::string>& arguments);
  explicit ExecTexts(const Environment& environment);
  ExecTexts(const ExecTexts&) = delete;
  ExecTexts& operator=(const ExecTexts&) = delete;

  char** pointers() { return pointers_.data(); }  // execve does not write to them

 private:
  std::vector<std::string> texts_;
  std::vector<char*> pointers_;
};

}  // namespace hod
