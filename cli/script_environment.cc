// SPDX-License-Identifier: MIT
#include "cli/script_environment.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/core.h>

#include "cli/help.h"
#include "core/model/url.h"

namespace hod::cli {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool starts_with(std::string_view text, std::string_view head) {
  return text.substr(0, head.size()) == head;
}

// npm's rule for names made of manifest keys: whatever is no word character becomes `_`.
std::string variable_name(std::string_view prefix, std::string_view key) {
  std::string out(prefix);
  for (char c : key) {
    bool word = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    out += word ? c : '_';
  }
  return out;
}

// Scalars only, as npm has it for `config`.
void set_members(Environment& environment, const Json* object, std::string_view prefix) {
  if (object == nullptr || !object->is_object()) return;
  for (const Json::Member& member : object->members()) {
    const Json& value = member.second;
    if (value.is_object() || value.is_array() || value.is_null()) continue;
    environment.set(variable_name(prefix, member.first),
                    value.is_string() ? value.as_string() : value.dump());
  }
}

}  // namespace

bool is_credential_variable(std::string_view name) {
  std::string folded = lower(name);
  if (!starts_with(folded, "npm_config_") && !starts_with(folded, "hod_")) return false;
  constexpr std::array<std::string_view, 9> kSecret = {"_auth",    "authtoken", "_password",
                                                       "_otp",     "_token",    "_cert",
                                                       "certfile", "keyfile",   "_secret"};
  bool secret = std::any_of(kSecret.begin(), kSecret.end(), [&](std::string_view part) {
    return folded.find(part) != std::string::npos;
  });
  bool ends_with_key = folded.size() > 4 && folded.compare(folded.size() - 4, 4, "_key") == 0;
  // "npm_config_//registry.example/:_authToken" and whatever else is said of one address
  return secret || ends_with_key || folded.find("//") != std::string::npos;
}

std::string user_agent(const NodeRuntime& node, std::string_view os, std::string_view cpu) {
  return fmt::format("hod/{} npm/? node/{}{} {} {}", program_version(),
                     node.version.empty() ? "" : "v", node.version.empty() ? "?" : node.version, os,
                     cpu);
}

std::string script_path(std::string_view folder, std::string_view path) {
  std::string out;
  for (;;) {
    std::size_t slash = folder.rfind('/');
    bool inside_modules = folder.substr(slash + 1) == "node_modules";
    if (!inside_modules) out += fmt::format("{}/node_modules/.bin:", folder == "/" ? "" : folder);
    if (slash == std::string_view::npos || folder == "/") break;
    folder = slash == 0 ? "/" : folder.substr(0, slash);
  }
  return out + std::string(path);
}

Environment script_environment(const ScriptScene& scene, const Manifest& manifest,
                               const std::string& folder, std::string_view event,
                               std::string_view script) {
  Environment out;
  for (const auto& [name, value] : scene.environment.variables()) {
    // A lifecycle variable of an outer run (a script that calls hod) would be wrong for this
    // package.
    if (!is_credential_variable(name) && !starts_with(name, "npm_package_")) out.set(name, value);
  }
  out.set("INIT_CWD", scene.start_folder);
  out.set("PATH", script_path(folder, scene.environment.get("PATH").value_or("")));
  out.set("npm_command", scene.command);
  out.set("npm_lifecycle_event", std::string(event));
  out.set("npm_lifecycle_script", std::string(script));
  out.set("npm_execpath", scene.executable);
  if (!scene.node.path.empty()) {
    out.set("NODE", scene.node.path);
    out.set("npm_node_execpath", scene.node.path);
  }
  out.set("npm_config_user_agent", user_agent(scene.node, scene.platform_os, scene.platform_cpu));
  out.set("npm_config_local_prefix", scene.project_root);
  if (!scene.registry.empty()) out.set("npm_config_registry", redacted(scene.registry));
  out.set("npm_package_json", folder + "/package.json");
  out.set("npm_package_name", manifest.name);
  out.set("npm_package_version", manifest.version);
  set_members(out, manifest.json.find("config"), "npm_package_config_");
  set_members(out, manifest.json.find("engines"), "npm_package_engines_");
  for (const Bin& bin : manifest.bins)
    out.set(variable_name("npm_package_bin_", bin.name), bin.path);
  return out;
}

}  // namespace hod::cli
