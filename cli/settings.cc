// SPDX-License-Identifier: MIT
// Puts the settings together: what the sources say (settings_sources.cc), by the rules of each key
// (settings_table.cc), with credentials bound to addresses (settings_credentials.cc).
//
// What must stay true:
//  (1) A value that does not fit, or that its source may not set, is a warning, and the value
//      before it stays. Two are errors: a flag, because somebody has just typed it, and the address
//      of a registry, because private names would be asked for in public (T-RES-07).
//  (2) No secret is in `listed`, in a warning or in an error (T-NET-07).
#include "cli/settings.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "cli/help.h"
#include "cli/settings_credentials.h"
#include "cli/settings_sources.h"
#include "cli/settings_table.h"
#include "core/base/ascii.h"
#include "core/base/io.h"
#include "core/model/npmrc.h"
#include "core/model/url.h"

namespace hod::cli {

namespace {

using Kind = SettingSource::Kind;
using InEffect = std::map<std::string, const GivenSetting*, std::less<>>;

std::string shown_value(const GivenSetting& given) {
  if (given.value.is_null()) return "null";
  if (is_secret(given.key)) return "***";
  return redacted(given.value.is_string() ? given.value.as_string() : given.value.dump());
}

bool is_true(const Environment& environment, std::string_view name) {
  const std::string value = environment.get(name).value_or("");
  return !value.empty() && value != "0" && value != "false";
}

// The first of these variables that is set, with its name.
Setting<std::string> variable(const Environment& environment,
                              std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (auto value = environment.get(name); value && !value->empty())
      return {*value, {Kind::environment, name, 0}};
  }
  return {};
}

std::string default_cache_dir(const Environment& environment) {
  const std::string own = environment.get("HOD_HOME").value_or("");
  if (!own.empty() && own[0] == '/') return own + "/cache";
  const std::string caches = environment.get("XDG_CACHE_HOME").value_or("");
  if (!caches.empty() && caches[0] == '/') return caches + "/hod";
  const std::string home = environment.get("HOME").value_or("");
  return home.empty() ? "/var/tmp/hod-cache" : home + "/.cache/hod";
}

// What holds when nobody says anything.
Settings built_in_settings(const Environment& environment) {
  const fetcher::NetworkSettings network;
  Settings settings;
  settings.registry.value = HOD_DEFAULT_REGISTRY;
  settings.fetch_retries.value = network.retries;
  settings.max_sockets.value = network.max_connections;
  settings.fetch_timeout.value = network.stall_timeout;
  settings.cache_dir.value = default_cache_dir(environment);
  settings.ci.value = is_true(environment, "CI");
  // Other programs' variables: weaker than any configuration.
  settings.https_proxy = variable(environment, {"HTTPS_PROXY", "https_proxy"});
  settings.proxy = variable(environment, {"http_proxy", "HTTP_PROXY"});
  settings.no_proxy = variable(environment, {"NO_PROXY", "no_proxy"});
  return settings;
}

// By a setting, that is, and not by a variable such as HTTPS_PROXY.
bool is_configured(const Setting<std::string>& proxy) {
  if (proxy.source.kind == Kind::built_in) return false;
  return proxy.source.kind != Kind::environment ||
         ascii_lower(proxy.source.place).find("config") != std::string::npos ||
         proxy.source.place.compare(0, 4, "HOD_") == 0;
}

bool others_can_read(const std::string& path) {
  struct stat info {};
  return io::fstatat(AT_FDCWD, path.c_str(), &info, 0) == 0 &&
         (info.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

class SettingsReader {
 public:
  SettingsReader(const SettingsInput& input, std::vector<GivenSetting> given)
      : input_(input), given_(std::move(given)), settings_(built_in_settings(input.environment)) {}

  Result<Settings> read() {
    if (input_.environment.get("NODE_ENV") == "production") {
      Json kinds = Json::array();
      kinds.push(Json::string("dev"));
      given_.insert(given_.begin(),
                    {"omit", std::move(kinds), {Kind::environment, "NODE_ENV", 0}, {}, true});
    }
    for (GivenSetting& given : given_) HOD_CHECK(take(given));
    settings_.omit = omitted_kinds(in_effect_);
    CredentialSettings credentials = find_credentials(given_, HOD_DEFAULT_REGISTRY);
    settings_.credentials = std::move(credentials.credentials);
    for (std::string& warning : credentials.warnings)
      settings_.warnings.push_back(std::move(warning));
    add_certificate_variables();
    warn_of_rivals();
    warn_of_open_files();
    list();
    return std::move(settings_);
  }

 private:
  Result<void> take(GivenSetting& given) {
    if (given.refused.empty() && given.known) given.refused = apply(given);
    if (!given.refused.empty() && given.known) {
      if (given.source.kind == Kind::flag) {
        return failure(Error(ErrorCode::usage, "`" + given.source.text() + "`: " + given.refused));
      }
      if (given.key == "registry" || is_scope_registry(given.key)) {
        return failure(Error(ErrorCode::config_invalid, "`" + given.key + "`: " + given.refused)
                           .at(given.source.text())
                           .hint("nothing is asked of any registry until this is mended"));
      }
      settings_.warnings.push_back("`" + given.key + "` in " + given.source.text() +
                                   " is ignored: " + given.refused);
    }
    if (given.refused.empty()) in_effect_[given.key] = &given;
    return {};
  }

  // Why it does not fit, or "".
  std::string apply(GivenSetting& given) {
    if (const SettingRow* row = find_setting(given.key)) {
      const bool path = given.key == "cache-dir" || given.key == "cache-readonly";
      if (path || given.key == "cafile") make_absolute(given);
      return row->apply ? row->apply(settings_, given) : std::string();
    }
    const auto parts = registry_key(given.key);
    if (parts && (parts->name == "certfile" || parts->name == "keyfile")) make_absolute(given);
    return is_scope_registry(given.key) ? add_scope(given) : std::string();
  }

  std::string add_scope(const GivenSetting& given) {
    const auto address = registry_address(given.value.as_string());
    if (!address) return "it must be an address such as https://registry.example/";
    if (given.is_from_project()) {
      if (std::string why = project_address_refusal(*address); !why.empty()) return why;
    }
    settings_.scope_registries[given.key.substr(0, given.key.find(':'))] = {*address, given.source};
    return {};
  }

  // Paths in files are taken from the file's folder, others from the project's.
  void make_absolute(GivenSetting& given) const {
    const bool in_file = given.source.line > 0 || given.source.kind < Kind::environment;
    const std::string folder =
        in_file ? given.source.place.substr(0, given.source.place.rfind('/')) : input_.project_root;
    given.value = Json::string(absolute_path(given.value.as_string(),
                                             input_.environment.get("HOME").value_or(""), folder));
  }

  void add_certificate_variables() {
    for (const char* name : {"NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"}) {
      const Setting<std::string> file = variable(input_.environment, {name});
      if (file.value.empty()) continue;
      if (settings_.ca_files.value.empty()) settings_.ca_files.source = file.source;
      settings_.ca_files.value.push_back(file.value);
    }
  }

  // Two files of one owner that say different things: one of them is probably forgotten.
  void warn_of_rivals() {
    const auto owner = [](Kind kind) {
      return kind == Kind::user_npmrc || kind == Kind::user_file             ? 1
             : kind == Kind::project_npmrc || kind == Kind::project_manifest ? 2
                                                                             : 0;
    };
    std::map<std::pair<int, std::string>, const GivenSetting*> first;
    for (const GivenSetting& given : given_) {
      const int who = owner(given.source.kind);
      if (who == 0 || !given.known || !given.refused.empty()) continue;
      const auto [found, added] = first.try_emplace({who, given.key}, &given);
      if (added || found->second->value == given.value ||
          found->second->source.place == given.source.place)
        continue;
      settings_.warnings.push_back("`" + given.key + "` is set differently in " +
                                   found->second->source.text() + " and " + given.source.text() +
                                   "; the latter counts");
    }
  }

  // T-CFG-01
  void warn_of_open_files() {
    std::set<std::string> files;
    for (const GivenSetting& given : given_) {
      const bool of_user =
          given.source.kind == Kind::user_npmrc || given.source.kind == Kind::user_file;
      if (of_user && is_secret(given.key)) files.insert(given.source.place);
    }
    for (const std::string& file : files) {
      if (!others_can_read(file)) continue;
      settings_.warnings.push_back("other users of this machine can read the secrets in " + file +
                                   " (chmod 600 mends that)");
    }
  }

  void list() {
    for (const SettingRow& row : setting_table()) {
      std::string text(row.key == "cache-dir" ? default_cache_dir(input_.environment)
                                              : std::string(row.default_text));
      settings_.listed.push_back(
          {std::string(row.key), std::move(text), {}, true, !in_effect_.contains(row.key)});
    }
    for (const GivenSetting& given : given_) {
      const auto found = in_effect_.find(given.key);
      const bool counts = found != in_effect_.end() && found->second == &given;
      settings_.listed.push_back(
          {given.key, shown_value(given), given.source, given.known, counts});
    }
    std::stable_sort(settings_.listed.begin(), settings_.listed.end(),
                     [](const ListedSetting& a, const ListedSetting& b) { return a.key < b.key; });
  }

  const SettingsInput& input_;
  std::vector<GivenSetting> given_;
  Settings settings_;
  InEffect in_effect_;
};

}  // namespace

std::string SettingSource::text() const {
  switch (kind) {
    case Kind::built_in:
      return "default";
    case Kind::environment:
      return '$' + place;
    case Kind::flag:
      return place;
    case Kind::system_file:
    case Kind::user_npmrc:
    case Kind::user_file:
    case Kind::project_npmrc:
    case Kind::project_manifest:
      break;
  }
  return line > 0 ? place + ':' + std::to_string(line) : place;
}

fetcher::NetworkSettings Settings::network() const {
  fetcher::NetworkSettings network;
  network.default_registry = registry.value;
  for (const auto& [scope, address] : scope_registries) network.scopes[scope] = address.value;
  for (const auto& credential : credentials) network.credentials.push_back(credential.value);
  network.replace_registry_host = replace_registry_host.value;
  if (network.replace_registry_host.empty()) {
    if (const auto standard = Url::parse(HOD_DEFAULT_REGISTRY))
      network.replace_registry_host = standard->origin.host;
  }
  network.proxy = proxy.value;
  // npm's `proxy` is for addresses of both kinds; the variable HTTP_PROXY is not.
  const bool one_for_both =
      is_configured(proxy) && !is_configured(https_proxy) && !proxy.value.empty();
  network.https_proxy = one_for_both ? proxy.value : https_proxy.value;
  network.no_proxy = no_proxy.value;
  network.ca_files = ca_files.value;
  network.ca_certificates = ca_certificates.value;
  network.strict_ssl = strict_ssl.value;
  network.user_agent =
      user_agent.value.empty() ? "hod/" + std::string(program_version()) : user_agent.value;
  network.max_connections = max_sockets.value == 0 ? network.max_connections : max_sockets.value;
  network.retries = fetch_retries.value;
  network.stall_timeout = fetch_timeout.value;
  network.offline = offline.value;
  network.prefer_offline = prefer_offline.value;
  return network;
}

const ListedSetting* Settings::find(std::string_view key) const {
  const std::string name = canonical_key(key);
  const auto found = std::find_if(listed.begin(), listed.end(), [&](const ListedSetting& setting) {
    return setting.key == name && setting.in_effect;
  });
  return found == listed.end() ? nullptr : &*found;
}

Result<Settings> read_settings(const SettingsInput& input) {
  auto given = gather_settings(input);
  if (!given) return failure(std::move(given).error().during("reading the settings"));
  return SettingsReader(input, std::move(*given)).read();
}

}  // namespace hod::cli
