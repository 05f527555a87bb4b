// SPDX-License-Identifier: MIT
#include "cli/scripts.h"

#include <initializer_list>

#include <fmt/core.h>
#include <signal.h>

#include "core/base/file.h"
#include "core/base/program.h"

namespace hod::cli {

namespace {

void append(std::vector<Script>& scripts, const Manifest& manifest, const std::string& event) {
  const std::string* text = manifest.script(event);
  if (text != nullptr && !text->empty()) scripts.push_back({event, *text});
}

bool is_plain_word(std::string_view argument) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%_+=:,./-";
  return !argument.empty() && argument.find_first_not_of(kPlain) == std::string_view::npos;
}

std::string shell_word(std::string_view argument) {
  if (is_plain_word(argument)) return std::string(argument);
  std::string out = "'";
  for (char c : argument) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

}  // namespace

std::vector<Script> scripts_for(const Manifest& manifest, const std::string& folder,
                                const std::string& name, bool with_hooks) {
  std::vector<Script> scripts;
  const std::string* text = manifest.script(name);
  std::string fallback = "node server.js";
  if (text == nullptr && name == "start" && file_exists(folder + "/server.js")) text = &fallback;
  if (text == nullptr) return scripts;
  if (with_hooks) append(scripts, manifest, "pre" + name);
  scripts.push_back({name, *text});
  if (with_hooks) append(scripts, manifest, "post" + name);
  return scripts;
}

std::vector<Script> scripts_before_install(const Manifest& manifest) {
  std::vector<Script> scripts;
  append(scripts, manifest, "preinstall");
  return scripts;
}

std::vector<Script> scripts_after_install(const Manifest& manifest, const std::string& folder) {
  std::vector<Script> scripts;
  bool own = manifest.script("install") != nullptr || manifest.script("preinstall") != nullptr;
  if (!own && file_exists(folder + "/binding.gyp"))
    scripts.push_back({"install", "node-gyp rebuild"});
  for (const char* event :
       {"install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"}) {
    append(scripts, manifest, event);
  }
  return scripts;
}

std::string with_arguments(std::string_view text, const std::vector<std::string>& arguments) {
  std::string out(text);
  for (const std::string& argument : arguments) out += " " + shell_word(argument);
  return out;
}

Result<ChildOutcome> run_script(const ScriptScene& scene, const Manifest& manifest,
                                const std::string& folder, const Script& script,
                                const std::vector<std::string>& arguments, const std::string& shell,
                                ChildOutput output) {
  ChildRequest request;
  std::string path = scene.environment.get("PATH").value_or("");
  std::string wanted = shell.empty() ? "sh" : shell;
  std::optional<std::string> program =
      wanted[0] == '/' ? wanted : find_program(wanted, path, ProjectBins::allowed);
  request.program = program.value_or("/bin/sh");
  request.arguments = {"-c", with_arguments(script.text, arguments)};
  request.environment = script_environment(scene, manifest, folder, script.event, script.text);
  request.folder = folder;
  request.output = output;
  return run_child(request);
}

Error script_error(const Script& script, const Manifest& manifest, const std::string& folder,
                   const ChildOutcome& outcome) {
  if (outcome.signal == SIGINT)
    return Error(ErrorCode::interrupted, fmt::format("`{}` was interrupted", script.event));
  std::string who = manifest.name.empty() ? "the project" : fmt::format("`{}`", manifest.name);
  std::string how = outcome.signal != 0 ? fmt::format("was ended by signal {}", outcome.signal)
                                        : fmt::format("ended with exit code {}", outcome.exit_code);
  Error error = Error(ErrorCode::script_failed,
                      fmt::format("the script `{}` of {} {}", script.event, who, how))
                    .at(folder + "/package.json")
                    .detail("$ " + script.text);
  if (outcome.exit_code == 127) {
    return std::move(error).hint("a program it calls is neither in node_modules/.bin nor in PATH");
  }
  return std::move(error).hint(
      "its output stands above; `--ignore-scripts` installs without running it");
}

}  // namespace hod::cli
