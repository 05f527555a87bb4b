// SPDX-License-Identifier: MIT
// What each source says, key by key, before anyone asks what it means: the first half of
// read_settings().
//
// Files that npm shares with us (.npmrc) and npm's variables are typed by npm's rules; hod's own
// (JSON files, HOD_*, flags) are kept as written and judged by settings_table.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/settings.h"
#include "core/base/json.h"

namespace hod::cli {

struct GivenSetting {
  std::string key;  // as hod calls it; of unknown ones as written
  Json value;
  SettingSource source;
  std::string refused;  // why it does not count, for people; "" = it does
  bool known = false;   // hod has such a setting

  bool is_from_project() const {
    return source.kind == SettingSource::Kind::project_npmrc ||
           source.kind == SettingSource::Kind::project_manifest;
  }
};

// In order of precedence. Errors as read_settings().
Result<std::vector<GivenSetting>> gather_settings(const SettingsInput& input);

// `path` absolute: as it is; "~/x": below `home`; else below `folder`, or "" when that is "".
std::string absolute_path(std::string_view path, std::string_view home, std::string_view folder);

}  // namespace hod::cli
