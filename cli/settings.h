// SPDX-License-Identifier: MIT
// The settings of one run as a plain struct: read once, each value knows where it comes from.
//
// Read from, later wins: built-in values, /etc/hod/config.json, ~/.npmrc,
// ~/.config/hod/config.json, the project's .npmrc, the `hod` object of the root package.json, the
// environment (npm_config_*, NPM_CONFIG_*, HOD_*), flags. All sources use the same keys (npm's
// words; `hod config list` shows them); other tools' words for the same thing are understood
// (install-strategy, nodeLinker). Keys nobody knows are kept for `hod config list`.
//
// A project's files are not trusted (T-CFG-02): project_may_set() in core/model/npmrc.h lists what
// they may say.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/link_plan.h"
#include "cache/linker.h"
#include "core/base/environment.h"
#include "core/base/result.h"
#include "core/model/resolution_graph.h"
#include "fetcher/registry.h"

namespace hod::cli {

struct SettingSource {
  enum class Kind : std::uint8_t {  // in order of precedence
    built_in,
    system_file,
    user_npmrc,
    user_file,
    project_npmrc,
    project_manifest,
    environment,
    flag,
  };
  Kind kind = Kind::built_in;
  std::string place;  // the file, the variable, the option
  unsigned line = 0;  // in a file, from 1

  std::string text() const;  // "default", "/home/u/.npmrc:3", "$HOD_CACHE_DIR", "--registry"
};

template <class T>
struct Setting {
  T value{};
  SettingSource source{};
};

enum class ColorMode : std::uint8_t { automatic, always, never };
enum class Afterwards : std::uint8_t { automatic, always, never };  // link_ahead.h, link_later.h
enum class VerifySignatures : std::uint8_t { automatic, always, never };
// signature_stage.h
struct SignaturePolicy {
  VerifySignatures verify = VerifySignatures::automatic;
  std::string keys_file;  // of the user's own, absolute; "": only those of the build
};
enum class LogLevel : std::uint8_t { silent, error, warn, info, verbose };

// One line of `hod config list`.
struct ListedSetting {
  std::string key;    // as hod calls it; unknown ones as written
  std::string value;  // secrets are hidden
  SettingSource source;
  bool known = true;
  bool in_effect = true;  // false: a later source says something else, or it was ignored
};

struct Settings {
  // Where packages come from. Addresses end with "/".
  Setting<std::string> registry;
  std::map<std::string, Setting<std::string>> scope_registries;  // "@scope" → address
  std::vector<Setting<fetcher::Credential>> credentials;
  Setting<std::string> replace_registry_host;  // "<host>", "always", "never"

  // The network.
  Setting<std::string> proxy, https_proxy, no_proxy;
  Setting<std::vector<std::string>> ca_files;         // cafile, NODE_EXTRA_CA_CERTS, SSL_CERT_FILE
  Setting<std::vector<std::string>> ca_certificates;  // ca: PEM texts
  Setting<bool> strict_ssl{true};
  Setting<bool> offline, prefer_offline;
  Setting<unsigned> fetch_retries, max_sockets;
  Setting<std::chrono::milliseconds> fetch_timeout;
  Setting<std::string> user_agent;  // "" = hod's own

  // What is installed, and how.
  Setting<std::optional<cache::Layout>> layout;  // nothing: decided by the project's lockfile
  Setting<cache::ImportMethod> import_method;    // package-import-method
  Setting<bool> global_virtual_store;
  Setting<Afterwards> link_ahead, link_later;
  Setting<bool> verify_store;  // check the sums of all files, as `hod ci` does, on every install
  Setting<VerifySignatures> verify_signatures;
  Setting<std::string> signing_keys;  // a file of the user's; "" = none
  Setting<Omit> omit;
  Setting<std::optional<bool>> frozen_lockfile;  // nothing: only where CI is set
  Setting<bool> ignore_scripts, engine_strict;
  Setting<bool> strict_peer_deps, legacy_peer_deps;
  Setting<std::optional<std::chrono::minutes>> minimum_release_age;  // nothing: the default rule
  Setting<std::vector<std::string>> minimum_release_age_exclude;     // package names
  Setting<std::optional<std::int64_t>> before;                       // seconds since the epoch

  // What is saved.
  Setting<bool> save_exact;
  Setting<std::string> save_prefix{"^"};

  // The machine and the terminal.
  Setting<std::string> cache_dir;       // absolute
  Setting<std::string> cache_readonly;  // a cache made elsewhere, only read; absolute, "" = none
  Setting<bool> trust_cache_owner;
  Setting<std::string> script_shell;  // "" = sh
  Setting<ColorMode> color;
  Setting<std::optional<bool>> progress;  // nothing: where there is a terminal
  Setting<LogLevel> loglevel{LogLevel::info};
  Setting<bool> ci;  // the variable CI is set (and not "false" or "0")

  std::vector<ListedSetting> listed;  // sorted by key, then by precedence
  std::vector<std::string> warnings;  // for people: bad values, ignored keys, sources that disagree

  fetcher::NetworkSettings network() const;
  // The value in effect as `hod config get` prints it. Aliases of keys are fine.
  const ListedSetting* find(std::string_view key) const;
};

struct SettingsInput {
  Environment environment;   // HOME, XDG_CONFIG_HOME, XDG_CACHE_HOME and the settings in it
  std::string project_root;  // absolute; "" = not in a project
  // Key and value as on the command line, in its order. A switch is "true" or "false".
  std::vector<std::pair<std::string, std::string>> flags;
  std::string system_file = "/etc/hod/config.json";
};

// Errors: json_invalid and config_invalid (a malformed file, with its place), usage (a bad value of
// a flag), disk_*. Everything else that is wrong is a warning, and the value falls back to the one
// before it, as with npm.
Result<Settings> read_settings(const SettingsInput& input);

}  // namespace hod::cli
