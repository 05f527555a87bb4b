// SPDX-License-Identifier: MIT
// Reads .npmrc files: ini text, then variables, then types. See npmrc.h for what a project's file
// may not do, and npmrc_trust.cc for the list.
#include "core/model/npmrc.h"

#include <algorithm>

#include "core/base/encoding.h"
#include "core/model/ini.h"
#include "core/model/npm_config_keys.h"
#include "core/model/npm_config_value.h"
#include "core/model/web_url.h"

namespace hod {

namespace {

bool mentions_variable(const Json& value) {
  if (value.is_string()) return value.as_string().find("${") != std::string::npos;
  return std::any_of(value.elements().begin(), value.elements().end(), mentions_variable);
}

// Why a project's file may not say this; "" if it may.
std::string refusal(std::string_view key, const Json& written) {
  if (key.find("${") != std::string_view::npos)
    return "variables in names are not expanded in a project's file";
  if (!project_may_set(key)) {
    const bool known = find_npm_config_key(key) != nullptr || registry_key(key).has_value();
    return known ? "a project's file may not set this; put it into your own ~/.npmrc" : "";
  }
  if (!project_may_expand(key) && mentions_variable(written)) {
    return "variables are not expanded into addresses and credentials of a project's file; put the "
           "line into your own ~/.npmrc";
  }
  return {};
}

// Keys of one file that npm does not accept beside each other. The later one is the one at fault.
void mark_conflicts(Npmrc& file) {
  for (auto entry = file.entries.begin(); entry != file.entries.end(); ++entry) {
    const NpmConfigKey* key = find_npm_config_key(entry->key);
    if (!key || key->excludes.empty()) continue;
    const std::string excludes = ' ' + std::string(key->excludes) + ' ';
    for (auto other = file.entries.begin(); other != entry; ++other) {
      if (excludes.find(' ' + other->key + ' ') == std::string::npos) continue;
      entry->state = NpmrcEntry::State::conflicting;
      entry->why = "it cannot be set beside `" + other->key + '`';
    }
  }
}

}  // namespace

const NpmrcEntry* Npmrc::entry(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const NpmrcEntry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

const Json* Npmrc::find(std::string_view key) const {
  const NpmrcEntry* found = entry(key);
  return found && found->state == NpmrcEntry::State::set ? &found->value : nullptr;
}

NpmrcEntry npmrc_entry(std::string_view key, const Json& written, const NpmrcOptions& options) {
  const bool trusted = options.trust == Trust::user;
  NpmrcEntry entry;
  entry.key =
      trusted ? expand_variables(key, *options.environment, options.defaults) : std::string(key);
  entry.value = written;
  if (!trusted) {
    entry.why = refusal(entry.key, written);
    if (!entry.why.empty()) {
      entry.state = NpmrcEntry::State::refused;
      return entry;
    }
  }
  const bool expand = trusted || project_may_expand(entry.key);
  auto value = npm_config_value(
      entry.key, written,
      {*options.environment, options.home, options.folder, expand, options.defaults});
  if (value) {
    entry.value = std::move(*value);
  } else {
    entry.state = NpmrcEntry::State::invalid;
    entry.why = "it must be " + npm_config_expectation(entry.key);
  }
  return entry;
}

Result<Npmrc> read_npmrc(std::string_view text, const NpmrcOptions& options) {
  HOD_TRY(const IniDocument document, parse_ini(text));
  Npmrc file;
  std::map<std::string, std::size_t, std::less<>> places;
  for (const Json::Member& member : document.values.members()) {
    NpmrcEntry entry = npmrc_entry(member.first, member.second, options);
    const auto line = document.lines.find(member.first);
    entry.line = line == document.lines.end() ? 0 : line->second;
    const auto [place, added] = places.try_emplace(entry.key, file.entries.size());
    if (added) {
      file.entries.push_back(std::move(entry));
    } else {
      file.entries[place->second] = std::move(entry);
    }
  }
  mark_conflicts(file);
  return file;
}

std::optional<std::string> nerf_dart(std::string_view address) {
  const auto url = WebUrl::parse(address);
  if (!url) return std::nullopt;
  const std::string path = url->pathname();
  return "//" + url->host() + path.substr(0, path.rfind('/') + 1);
}

std::optional<RegistryKey> registry_key(std::string_view key) {
  if (key.substr(0, 2) != "//") return std::nullopt;
  const std::size_t colon = key.rfind(':');
  if (colon == std::string_view::npos || colon == 2) return std::nullopt;
  return RegistryKey{key.substr(0, colon), key.substr(colon + 1)};
}

std::string RegistryCredentials::authorization() const {
  if (!token.empty()) return "Bearer " + token;
  return basic.empty() ? std::string() : "Basic " + basic;
}

RegistryCredentials registry_credentials(
    std::string_view prefix, const std::map<std::string, std::string, std::less<>>& values) {
  const auto value = [&](std::string_view name) {
    const auto found = values.find(prefix.empty() ? std::string(name)
                                                  : std::string(prefix) + ':' + std::string(name));
    return found == values.end() ? std::string() : found->second;
  };
  RegistryCredentials credentials;
  credentials.email = value("email");
  credentials.certfile = value("certfile");
  credentials.keyfile = value("keyfile");
  if (credentials.certfile.empty() || credentials.keyfile.empty())
    credentials.certfile = credentials.keyfile = {};
  credentials.token = value("_authToken");
  if (!credentials.token.empty()) return credentials;
  const std::string username = value("username"), password = value("_password");
  if (!username.empty() && !password.empty()) {
    credentials.username = username;
    credentials.password = from_base64_lenient(password);
    credentials.basic = to_base64(credentials.username + ':' + credentials.password);
    return credentials;
  }
  credentials.basic = value("_auth");
  const std::string both = from_base64_lenient(credentials.basic);
  const std::size_t colon = std::min(both.find(':'), both.size());
  credentials.username = both.substr(0, colon);
  credentials.password = both.substr(std::min(colon + 1, both.size()));
  return credentials;
}

}  // namespace hod
