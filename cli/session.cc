// SPDX-License-Identifier: MIT
#include "cli/session.h"

#include <filesystem>

#include "cli/same_cause.h"
#include "core/model/platform.h"
#include "core/model/url.h"

namespace hod::cli {

Result<ProjectPlace> Session::project_place() const {
  if (place) return *place;
  return find_project(folder);
}

std::string Session::command_line() const {
  std::string line(command_row(arguments.command()).name);
  for (const std::string& word : arguments.words()) line += " " + word;
  return redacted(line);
}

ScriptScene Session::script_scene(std::string command) const {
  ScriptScene scene;
  scene.environment = environment;
  scene.start_folder = folder;
  scene.project_root = place ? place->root : folder;
  scene.command = std::move(command);
  std::error_code failed;
  scene.executable = std::filesystem::read_symlink("/proc/self/exe", failed).string();
  scene.registry = settings.registry.value;
  Platform platform = Platform::of_machine();
  scene.platform_os = platform.os;
  scene.platform_cpu = platform.cpu;
  scene.node = find_node(environment, settings.cache_dir.value);
  return scene;
}

int report(Reporter& reporter, const Errors& errors) {
  for (const Error& error : merged_by_cause(errors)) reporter.error(error);
  return errors.empty() ? exit_code(ErrorCode::internal) : exit_code(errors.front().code());
}

}  // namespace hod::cli
