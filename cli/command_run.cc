// SPDX-License-Identifier: MIT
// hod run, and `hod <script>`: the scripts of one project, or of many in the order of their
// dependencies. The exit code is that of the first script that failed.
#include <fmt/core.h>

#include "cli/scripts.h"
#include "cli/selection.h"
#include "cli/session.h"
#include "core/base/edit_distance.h"
#include "core/base/file.h"

namespace hod::cli {

namespace {

std::vector<std::string> script_names(const Manifest& manifest) {
  std::vector<std::string> names;
  for (const auto& [name, text] : manifest.scripts) names.push_back(name);
  return names;
}

Error no_such_script(const Session& session, const Project& project, const ProjectMember& member,
                     const std::string& name) {
  std::string folder = project.folder_of(member);
  std::vector<std::string> names = script_names(member.manifest);
  bool bare = session.arguments.bare();
  Error error =
      Error(bare ? ErrorCode::usage : ErrorCode::script_missing,
            bare ? fmt::format("hod has no command `{}`, and package.json no script of that name",
                               name)
                 : fmt::format("there is no script `{}`", name))
          .at(folder + "/package.json");
  if (bare) {
    for (const CommandRow& row : command_table()) names.emplace_back(row.name);
  }
  std::vector<std::string> near = nearest(names, name);
  if (!near.empty()) return std::move(error).hint(fmt::format("did you mean `{}`?", near.front()));
  if (file_exists(folder + "/node_modules/.bin/" + name)) {
    return std::move(error).hint(
        fmt::format("it is a program of an installed package: `hod exec {}`", name));
  }
  return std::move(error).hint(bare ? "`hod help` lists the commands, `hod run` the scripts"
                                    : "`hod run` lists the scripts");
}

// `hod run` without a name.
void list_scripts(Session& session, const ProjectMember& member) {
  std::string text;
  Json document = Json::object();
  for (const auto& [name, script] : member.manifest.scripts) {
    text += fmt::format("{}\n    {}\n", name, script);
    document.set(name, Json::string(script));
  }
  if (text.empty()) session.reporter.line("package.json has no scripts");
  session.reporter.result(text, std::move(document));
}

// One project's share of the run. 0, or the code of the script that failed.
Result<int> run_in(Session& session, const ScriptScene& scene, const Project& project,
                   const ProjectMember& member, const std::vector<Script>& scripts,
                   const std::string& name) {
  ChildOutput output =
      session.arguments.is_on(Option::json) ? ChildOutput::to_stderr : ChildOutput::inherit;
  for (const Script& script : scripts) {
    std::vector<std::string> arguments;
    if (script.event == name) arguments = session.arguments.passed_on();
    std::string who = member.manifest.name.empty() ? member.path : member.manifest.name;
    session.reporter.line(
        fmt::format("> {} {}: {}", who, script.event, with_arguments(script.text, arguments)));
    session.reporter.clear_live();
    HOD_TRY(ChildOutcome outcome,
            run_script(scene, member.manifest, project.folder_of(member), script, arguments,
                       session.settings.script_shell.value, output));
    if (outcome.exit_code != 0) return outcome.exit_code;
  }
  return 0;
}

// npm_command: `hod test` is npm's "test", `hod run x` its "run-script".
std::string npm_command(const Session& session, const std::string& name) {
  bool own_word = name == "test" || name == "start" || name == "stop" || name == "restart";
  return session.arguments.bare() && own_word ? name : "run-script";
}

}  // namespace

Result<int> run_command(Session& session) {
  HOD_TRY(ProjectPlace place, session.project_place());
  HOD_TRY(Project project,
          selects_members(session.arguments) ? open_project(place) : open_member(place));
  HOD_TRY(std::vector<std::size_t> members,
          select_members(project, session.arguments, session.folder));
  if (session.arguments.words().empty()) {
    for (std::size_t member : members) list_scripts(session, project.members[member]);
    return 0;
  }
  const std::string& name = session.arguments.words().front();
  bool with_hooks = !session.settings.ignore_scripts.value;
  ScriptScene scene = session.script_scene(npm_command(session, name));
  std::size_t started = 0;
  for (std::size_t index : members) {
    const ProjectMember& member = project.members[index];
    std::vector<Script> scripts =
        scripts_for(member.manifest, project.folder_of(member), name, with_hooks);
    if (scripts.empty()) continue;
    ++started;
    HOD_TRY(int code, run_in(session, scene, project, member, scripts, name));
    if (code != 0) return code;
  }
  if (started > 0 || session.arguments.is_on(Option::if_present)) return 0;
  std::size_t shown = members.empty() ? project.current : members.front();
  return failure(no_such_script(session, project, project.members[shown], name));
}

}  // namespace hod::cli
