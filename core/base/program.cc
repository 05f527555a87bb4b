// SPDX-License-Identifier: MIT
#include "core/base/program.h"

#include <algorithm>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/io.h"

namespace hod {

namespace {

std::vector<std::string> command_line(const std::string& program,
                                      const std::vector<std::string>& arguments) {
  std::vector<std::string> out{program};
  out.insert(out.end(), arguments.begin(), arguments.end());
  return out;
}

std::vector<std::string> lines_of(const Environment& environment) {
  std::vector<std::string> out;
  for (const auto& [name, value] : environment.variables()) out.push_back(name + "=" + value);
  return out;
}

bool is_executable(const std::string& file) {
  struct stat status {};
  bool regular = io::fstatat(AT_FDCWD, file.c_str(), &status, 0) == 0 && S_ISREG(status.st_mode);
  return regular && access(file.c_str(), X_OK) == 0;
}

}  // namespace

std::optional<std::string> find_program(std::string_view name, std::string_view path,
                                        ProjectBins bins) {
  if (name.empty() || name.find('/') != std::string_view::npos) return std::nullopt;
  while (!path.empty()) {
    std::string_view folder = path.substr(0, path.find(':'));
    path.remove_prefix(std::min(path.size(), folder.size() + 1));
    while (folder.size() > 1 && folder.back() == '/') folder.remove_suffix(1);
    if (folder.empty() || folder.front() != '/') continue;
    if (bins == ProjectBins::passed_over && folder.ends_with("/node_modules/.bin")) continue;
    std::string file = std::string(folder) + "/" + std::string(name);
    if (is_executable(file)) return file;
  }
  return std::nullopt;
}

ExecTexts::ExecTexts(std::vector<std::string> texts) : texts_(std::move(texts)) {
  for (std::string& text : texts_) pointers_.push_back(text.data());
  pointers_.push_back(nullptr);
}

ExecTexts::ExecTexts(const std::string& program, const std::vector<std::string>& arguments)
    : ExecTexts(command_line(program, arguments)) {}

ExecTexts::ExecTexts(const Environment& environment) : ExecTexts(lines_of(environment)) {}

}  // namespace hod
