// SPDX-License-Identifier: MIT
// Scripts of the project's own manifests: which ones run, and running them. Dependencies' scripts
// never come here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/child_process.h"
#include "cli/script_environment.h"
#include "core/base/result.h"
#include "core/model/manifest.h"

namespace hod::cli {

struct Script {
  std::string event;  // "prebuild"
  std::string text;   // what the shell gets
};

// What `hod run <name>` starts: pre<name>, name, post<name>, as far as they exist (`start` without
// a script is `node server.js` when there is such a file). Empty: there is no script of this name.
std::vector<Script> scripts_for(const Manifest& manifest, const std::string& folder,
                                const std::string& name, bool with_hooks);

// npm's and pnpm's order (client.md §C): this one before everything else of an install …
std::vector<Script> scripts_before_install(const Manifest& manifest);
// … and these when every file is in place: install, postinstall, prepublish, preprepare, prepare,
// postprepare. A binding.gyp without scripts for it means `node-gyp rebuild`.
std::vector<Script> scripts_after_install(const Manifest& manifest, const std::string& folder);

// The script's text with arguments, each one quoted for the shell.
std::string with_arguments(std::string_view text, const std::vector<std::string>& arguments);

// `shell`: setting script-shell, "" = sh. Blocks. Error: the shell cannot be started.
Result<ChildOutcome> run_script(const ScriptScene& scene, const Manifest& manifest,
                                const std::string& folder, const Script& script,
                                const std::vector<std::string>& arguments, const std::string& shell,
                                ChildOutput output);

// For a lifecycle script that failed: script_failed, naming script, package and code; interrupted
// after Ctrl-C.
Error script_error(const Script& script, const Manifest& manifest, const std::string& folder,
                   const ChildOutcome& outcome);

}  // namespace hod::cli
