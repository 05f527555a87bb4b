// SPDX-License-Identifier: MIT
// What a script of a package finds in its environment: npm's list (client.md §C), without
// credentials (T-SCR-05). Pure.
#pragma once

#include <string>
#include <string_view>

#include "cli/node_runtime.h"
#include "core/base/environment.h"
#include "core/model/manifest.h"

namespace hod::cli {

struct ScriptScene {
  Environment environment;   // of hod itself
  std::string start_folder;  // where the user called hod: INIT_CWD
  std::string project_root;
  std::string command;     // npm_command: "run-script", "install", "ci", "exec"
  std::string executable;  // hod's own path: npm_execpath
  std::string registry;
  std::string platform_os, platform_cpu;
  NodeRuntime node;
};

// "hod/0.1.0 npm/? node/v20.1.0 linux x64"
std::string user_agent(const NodeRuntime& node, std::string_view os, std::string_view cpu);

// node_modules/.bin of `folder` and of every folder above it, then the PATH there was.
std::string script_path(std::string_view folder, std::string_view path);

// `event`: "prebuild"; `script`: its text. `folder`: the package's.
Environment script_environment(const ScriptScene& scene, const Manifest& manifest,
                               const std::string& folder, std::string_view event,
                               std::string_view script);

// Is this variable a registry's credential? By its name: npm_config_…_authToken and its kind, in
// any case.
bool is_credential_variable(std::string_view name);

}  // namespace hod::cli
