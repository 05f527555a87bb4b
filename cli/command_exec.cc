// SPDX-License-Identifier: MIT
// hod exec: a program of the installed packages, found in node_modules/.bin from the folder
// upwards, then in PATH; with the environment of a script. The exit code is the program's.
#include <filesystem>

#include <fmt/core.h>

#include "cli/child_process.h"
#include "cli/selection.h"
#include "cli/session.h"
#include "core/base/edit_distance.h"
#include "core/base/program.h"

namespace hod::cli {

namespace {

std::vector<std::string> installed_programs(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& entry :
       std::filesystem::directory_iterator(folder + "/node_modules/.bin", failed)) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

Error no_such_program(const std::string& name, const std::string& folder) {
  Error error =
      Error(ErrorCode::command_missing, fmt::format("there is no program `{}`", name)).at(folder);
  std::vector<std::string> near = nearest(installed_programs(folder), name);
  if (!near.empty()) return std::move(error).hint(fmt::format("did you mean `{}`?", near.front()));
  return std::move(error).hint(
      fmt::format("`hod add {}` installs it, if the package has that name", name));
}

Result<int> exec_in(Session& session, const ScriptScene& scene, const Manifest& manifest,
                    const std::string& folder) {
  const std::string& name = session.arguments.words().front();
  ChildRequest request;
  request.environment = script_environment(scene, manifest, folder, "exec", name);
  bool is_path = name.find('/') != std::string::npos;
  std::optional<std::string> program =
      is_path
          ? std::filesystem::absolute(std::filesystem::path(session.folder) / name)
                .lexically_normal()
                .string()
          : find_program(name, request.environment.get("PATH").value_or(""), ProjectBins::allowed);
  if (!program) return failure(no_such_program(name, folder));
  request.program = *program;
  request.arguments = session.arguments.passed_on();
  request.folder = folder;
  request.output =
      session.arguments.is_on(Option::json) ? ChildOutput::to_stderr : ChildOutput::inherit;
  session.reporter.clear_live();
  HOD_TRY(ChildOutcome outcome, run_child(request));
  return outcome.exit_code;
}

}  // namespace

Result<int> exec_command(Session& session) {
  if (session.arguments.words().empty()) {
    return failure(Error(ErrorCode::usage, "`hod exec` needs a program's name")
                       .hint("hod exec <program> [<argument>...]"));
  }
  ScriptScene scene = session.script_scene("exec");
  if (!session.place) return exec_in(session, scene, Manifest{}, session.folder);
  bool many = selects_members(session.arguments);
  HOD_TRY(Project project, many ? open_project(*session.place) : open_member(*session.place));
  HOD_TRY(std::vector<std::size_t> members,
          select_members(project, session.arguments, session.folder));
  for (std::size_t index : members) {
    const ProjectMember& member = project.members[index];
    // Without -r the program starts where the user stands, as a shell would have it.
    std::string folder = many ? project.folder_of(member) : session.folder;
    HOD_TRY(int code, exec_in(session, scene, member.manifest, folder));
    if (code != 0) return code;
  }
  return 0;
}

}  // namespace hod::cli
