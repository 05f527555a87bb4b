// SPDX-License-Identifier: MIT
// Reads the files and variables. A file that is not there says nothing; one that cannot be read is
// an error: a build that goes on without the company's registry does more harm than one that stops.
#include "cli/settings_sources.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "cli/settings_table.h"
#include "core/base/ascii.h"
#include "core/base/file.h"
#include "core/model/npm_config_value.h"
#include "core/model/npmrc.h"

namespace hod::cli {

namespace {

using Kind = SettingSource::Kind;

constexpr std::uint64_t kMaxFile = std::uint64_t{4} << 20;
constexpr std::string_view kNotForProjects =
    "a project's file may not set this; put it into your own settings";

// "saveExact" is "save-exact", if that is a setting.
std::string with_hyphens(std::string_view key) {
  std::string result;
  for (const char c : key) {
    if (is_ascii_upper(c)) result += '-';
    result += ascii_lower(c);
  }
  return find_setting(result) ? result : std::string(key);
}

// `npm_config_` in any case: the rest, else nothing.
std::optional<std::string> npm_variable_key(std::string_view name) {
  constexpr std::string_view kPrefix = "npm_config_";
  if (name.size() <= kPrefix.size() || ascii_lower(name.substr(0, kPrefix.size())) != kPrefix)
    return std::nullopt;
  std::string key(name.substr(kPrefix.size()));
  if (key.compare(0, 2, "//") == 0) return key;
  for (std::size_t i = 0; i < key.size(); ++i)
    key[i] = i > 0 && key[i] == '_' ? '-' : ascii_lower(key[i]);
  return key == "_authtoken" ? "_authToken" : key;
}

class Gatherer {
 public:
  explicit Gatherer(const SettingsInput& input)
      : input_(input), home_(input.environment.get("HOME").value_or("")) {}

  Result<std::vector<GivenSetting>> gather() {
    HOD_CHECK(read_json_file(input_.system_file, Kind::system_file));
    const std::string user_npmrc = user_npmrc_path();
    HOD_CHECK(read_npmrc_file(user_npmrc, Kind::user_npmrc));
    HOD_CHECK(read_json_file(user_file_path(), Kind::user_file));
    if (!input_.project_root.empty()) {
      const std::string project_npmrc = input_.project_root + "/.npmrc";
      if (project_npmrc != user_npmrc)
        HOD_CHECK(read_npmrc_file(project_npmrc, Kind::project_npmrc));
      HOD_CHECK(read_manifest(input_.project_root + "/package.json"));
    }
    read_variables();
    for (const auto& [key, value] : input_.flags)
      add_own(key, Json::string(value), {Kind::flag, "--" + key, 0});
    return std::move(given_);
  }

 private:
  std::string user_npmrc_path() const {
    for (const char* name : {"npm_config_userconfig", "NPM_CONFIG_USERCONFIG"}) {
      const std::string path = input_.environment.get(name).value_or("");
      if (!path.empty()) return absolute_path(path, home_, input_.project_root);
    }
    return home_.empty() ? std::string() : home_ + "/.npmrc";
  }

  std::string user_file_path() const {
    const std::string folder = input_.environment.get("XDG_CONFIG_HOME").value_or("");
    if (!folder.empty() && folder[0] == '/') return folder + "/hod/config.json";
    return home_.empty() ? std::string() : home_ + "/.config/hod/config.json";
  }

  Result<std::optional<std::string>> read(const std::string& path) const {
    // Passed over, a folder (of a mount, say) would mean that other settings count than were meant.
    if (directory_exists(path)) return failure(system_error(EISDIR, "read", path));
    if (path.empty() || !file_exists(path)) return std::optional<std::string>();
    HOD_TRY(std::string text, read_file(path, kMaxFile));
    return std::optional(std::move(text));
  }

  Result<void> read_npmrc_file(const std::string& path, Kind kind) {
    HOD_TRY(const auto text, read(path));
    if (!text) return {};
    const NpmrcOptions options =
        npm_options(kind == Kind::project_npmrc ? Trust::project : Trust::user,
                    path.substr(0, path.rfind('/')));
    auto file = read_npmrc(*text, options);
    if (!file) return failure(std::move(file).error().at(path));
    for (NpmrcEntry& entry : file->entries) add_npm(std::move(entry), {kind, path, entry.line});
    return {};
  }

  Result<void> read_json_file(const std::string& path, Kind kind) {
    HOD_TRY(const auto text, read(path));
    if (!text) return {};
    HOD_TRY(const Json json, Json::parse(*text, path));
    if (!json.is_object()) {
      return failure(Error(ErrorCode::config_invalid,
                           "settings are a JSON object, not " + std::string(json.kind_name()))
                         .at(path));
    }
    add_members(json, *text, {kind, path, 0});
    return {};
  }

  // The `hod` object. Most manifests have none, and are not parsed here; a malformed one is
  // reported by who needs it.
  Result<void> read_manifest(const std::string& path) {
    HOD_TRY(const auto text, read(path));
    if (!text || text->find("\"hod\"") == std::string::npos) return {};
    const auto json = Json::parse(*text, path);
    const Json* own = json ? json->find("hod") : nullptr;
    if (own && own->is_object()) add_members(*own, *text, {Kind::project_manifest, path, 0});
    return {};
  }

  void add_members(const Json& object, std::string_view text, const SettingSource& source) {
    for (const Json::Member& member : object.members()) {
      SettingSource place = source;
      place.line = static_cast<unsigned>(std::stoul(json_position(text, member.second.offset())));
      add_own(with_hyphens(member.first), expanded(member.second, source.kind), place);
    }
  }

  // Variables are put into the user's own files only.
  Json expanded(const Json& value, Kind kind) const {
    if (!value.is_string() || kind == Kind::project_manifest) return value;
    return Json::string(expand_variables(value.as_string(), input_.environment, true));
  }

  void read_variables() {
    for (const auto& [name, value] : input_.environment.variables()) {
      if (value.empty()) continue;
      const auto key = npm_variable_key(name);
      // Set by npm for the programs it starts, about itself.
      if (!key || *key == "user-agent" || *key == "userconfig" || *key == "globalconfig") continue;
      add_npm(npmrc_entry(*key, Json::string(value), npm_options(Trust::user, input_.project_root)),
              {Kind::environment, name, 0});
    }
    if (const auto token = input_.environment.get("NODE_AUTH_TOKEN"); token && is_token(*token)) {
      add_own("_authToken", Json::string(*token), {Kind::environment, "NODE_AUTH_TOKEN", 0});
    }
    for (const auto& [name, value] : input_.environment.variables()) {
      if (name.compare(0, 4, "HOD_") != 0 || value.empty()) continue;
      std::string key = ascii_lower(std::string_view(name).substr(4));
      std::replace(key.begin(), key.end(), '_', '-');
      if (find_setting(key)) add_own(key, Json::string(value), {Kind::environment, name, 0});
    }
  }

  // The set-up action of a well-known CI fills the variable with X where it knows no token.
  static bool is_token(std::string_view text) {
    return text.find_first_not_of("X-") != std::string_view::npos;
  }

  NpmrcOptions npm_options(Trust trust, std::string_view folder) const {
    return {trust, &input_.environment, home_, std::string(folder.empty() ? "/" : folder), true};
  }

  void add_npm(NpmrcEntry entry, SettingSource source) {
    // Other tools have settings of some of our names, too, and mean folders of their own.
    const SettingRow* row = find_setting(entry.key);
    const bool known = row ? !row->own_sources_only : is_registry_setting(entry.key);
    add(entry.key, {known ? canonical_key(entry.key) : entry.key, std::move(entry.value),
                    std::move(source), std::move(entry.why), known});
  }

  void add_own(std::string_view key, Json value, SettingSource source) {
    const bool known = find_setting(key) || is_registry_setting(key);
    add(key, {canonical_key(key), std::move(value), std::move(source), {}, known});
  }

  void add(std::string_view written_key, GivenSetting given) {
    const bool forbidden = given.is_from_project() && !project_may_set(written_key);
    if (given.known && forbidden && given.refused.empty()) given.refused = kNotForProjects;
    given_.push_back(std::move(given));
  }

  const SettingsInput& input_;
  std::string home_;
  std::vector<GivenSetting> given_;
};

}  // namespace

std::string absolute_path(std::string_view path, std::string_view home, std::string_view folder) {
  if (path.substr(0, 2) == "~/" && !home.empty())
    return std::string(home) + std::string(path.substr(1));
  if (!path.empty() && path[0] == '/') return std::string(path);
  return folder.empty() || path.empty() ? std::string()
                                        : std::string(folder) + '/' + std::string(path);
}

Result<std::vector<GivenSetting>> gather_settings(const SettingsInput& input) {
  return Gatherer(input).gather();
}

}  // namespace hod::cli
