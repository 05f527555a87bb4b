// SPDX-License-Identifier: MIT
// The rows, and the few functions that turn values into fields. Values come typed by npm's rules or
// as written, so each function takes booleans and numbers as texts, too.
#include "cli/settings_table.h"

#include <algorithm>
#include <charconv>

#include "core/base/ascii.h"
#include "core/base/ecma_text.h"
#include "core/model/npmrc.h"
#include "core/model/url.h"

namespace hod::cli {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

std::optional<bool> bool_of(const Json& value) {
  if (value.is_boolean()) return value.as_boolean();
  const std::string text = ascii_lower(value.is_number() ? value.dump() : value.as_string());
  if (text == "true" || text == "1" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "0" || text == "no" || text == "off") return false;
  return std::nullopt;
}

std::optional<double> number_of(const Json& value) {
  if (value.is_number()) return value.as_number();
  if (!value.is_string() || ecma_trimmed(value.as_string()).empty()) return std::nullopt;
  return ecma_number(value.as_string());
}

std::optional<std::int64_t> whole_number_of(const Json& value) {
  const auto number = number_of(value);
  if (!number || *number < 0 || *number > 1e12 ||
      *number != static_cast<double>(static_cast<std::int64_t>(*number)))
    return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

// A text or a list of texts; texts are taken apart at commas.
std::vector<std::string> words_of(const Json& value) {
  std::vector<std::string> words;
  const auto add = [&](std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(','), text.size());
      const std::string_view word = ecma_trimmed(text.substr(0, end));
      if (!word.empty()) words.emplace_back(word);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  };
  if (value.is_string()) add(value.as_string());
  for (const Json& element : value.elements()) add(element.as_string());
  return words;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_ascii_control);
}

template <auto Member>
std::string set_bool(Settings& settings, const GivenSetting& given) {
  const auto value = bool_of(given.value);
  if (!value) return "it must be true or false";
  settings.*Member = {*value, given.source};
  return {};
}

template <auto Member>
std::string set_text(Settings& settings, const GivenSetting& given) {
  if (!given.value.is_string() && !given.value.is_null()) return "it must be a text";
  if (has_control(given.value.as_string())) return "it must not hold control characters";
  settings.*Member = {given.value.as_string(), given.source};
  return {};
}

template <auto Member>
std::string set_unsigned(Settings& settings, const GivenSetting& given) {
  const auto value = whole_number_of(given.value);
  if (!value || *value > 100'000) return "it must be a whole number up to 100000";
  settings.*Member = {static_cast<unsigned>(*value), given.source};
  return {};
}

// "false" (npm's word for none), null or an address.
template <auto Member>
std::string set_proxy(Settings& settings, const GivenSetting& given) {
  const auto off = bool_of(given.value);
  std::string address = given.value.as_string();
  if (given.value.is_null() || (off && !*off) || address == "null") {
    address.clear();
  } else if (address.find("://") == std::string::npos || has_control(address)) {
    return "it must be an address such as http://proxy.example:3128";
  }
  settings.*Member = {address, given.source};
  return {};
}

template <auto Member>
std::string set_words(Settings& settings, const GivenSetting& given) {
  settings.*Member = {words_of(given.value), given.source};
  return {};
}

std::string set_registry(Settings& settings, const GivenSetting& given) {
  const auto address = registry_address(given.value.as_string());
  if (!address) return "it must be an address such as https://registry.example/";
  if (given.is_from_project()) {
    if (std::string why = project_address_refusal(*address); !why.empty()) return why;
  }
  settings.registry = {*address, given.source};
  return {};
}

// npm's own word for "the public registry's host" is the default.
std::string set_replaced_host(Settings& settings, const GivenSetting& given) {
  const std::string& host = given.value.as_string();
  if (host.empty() || has_control(host) || host.find('/') != std::string::npos)
    return "it must be a host, always or never";
  const bool is_default = host == "npmjs" || host == "default";
  settings.replace_registry_host = {is_default ? std::string() : host, given.source};
  return {};
}

std::string set_no_proxy(Settings& settings, const GivenSetting& given) {
  std::string hosts;
  for (const std::string& host : words_of(given.value)) hosts += (hosts.empty() ? "" : ",") + host;
  settings.no_proxy = {hosts, given.source};
  return {};
}

std::string set_ca(Settings& settings, const GivenSetting& given) {
  std::vector<std::string> certificates;
  if (given.value.is_string()) certificates.push_back(given.value.as_string());
  for (const Json& element : given.value.elements()) certificates.push_back(element.as_string());
  settings.ca_certificates = {std::move(certificates), given.source};
  return {};
}

std::string set_cafile(Settings& settings, const GivenSetting& given) {
  const std::string& path = given.value.as_string();
  if (path.empty()) return "it must be the path of a file";
  settings.ca_files = {{path}, given.source};
  return {};
}

std::string set_fetch_timeout(Settings& settings, const GivenSetting& given) {
  const auto value = whole_number_of(given.value);
  if (!value || *value == 0 || *value > 86'400'000)
    return "it must be milliseconds, from 1 to 86400000";
  settings.fetch_timeout = {milliseconds(*value), given.source};
  return {};
}

// The words of npm (install-strategy), pnpm and yarn (nodeLinker) too.
std::string set_layout(Settings& settings, const GivenSetting& given) {
  const std::string word = ascii_lower(given.value.as_string());
  constexpr std::string_view kHoisted[] = {"hoisted", "nested", "shallow", "node-modules"};
  constexpr std::string_view kIsolated[] = {"isolated", "linked", "pnpm"};
  if (std::find(std::begin(kHoisted), std::end(kHoisted), word) != std::end(kHoisted)) {
    settings.layout = {cache::Layout::hoisted, given.source};
  } else if (std::find(std::begin(kIsolated), std::end(kIsolated), word) != std::end(kIsolated)) {
    settings.layout = {cache::Layout::isolated, given.source};
  } else {
    return "it must be isolated or hoisted";
  }
  return {};
}

std::string set_import_method(Settings& settings, const GivenSetting& given) {
  using cache::ImportMethod;
  struct Word {
    std::string_view text;
    ImportMethod method;
  };
  constexpr Word kWords[] = {
      {"auto", ImportMethod::automatic}, {"hardlink", ImportMethod::hardlink},
      {"copy", ImportMethod::copy},      {"reflink", ImportMethod::reflink},
      {"clone", ImportMethod::reflink},  {"clone-or-copy", ImportMethod::automatic}};
  for (const Word& word : kWords) {
    if (word.text != given.value.as_string()) continue;
    settings.import_method = {word.method, given.source};
    return {};
  }
  return "it must be auto, hardlink, copy or reflink";
}

// A project can turn scripts off, not on again.
std::string set_ignore_scripts(Settings& settings, const GivenSetting& given) {
  const auto value = bool_of(given.value);
  if (!value) return "it must be true or false";
  if (given.is_from_project() && settings.ignore_scripts.value && !*value) {
    return "a project cannot allow the scripts that your own settings (" +
           settings.ignore_scripts.source.text() + ") turn off";
  }
  settings.ignore_scripts = {*value, given.source};
  return {};
}

template <int kMinutesOfOne>
std::string set_release_age(Settings& settings, const GivenSetting& given) {
  if (given.value.is_null()) return {};
  const auto age = age_of(given.value, kMinutesOfOne);
  if (!age) return "it must be an age such as 3d, 36h or 90m";
  settings.minimum_release_age = {*age, given.source};
  return {};
}

std::string set_before(Settings& settings, const GivenSetting& given) {
  if (given.value.is_null()) return {};
  const auto time = ecma_date(given.value.as_string());
  if (!time) return "it must be a date such as 2026-01-31 or 2026-01-31T12:00:00Z";
  settings.before = {*time / 1000, given.source};
  return {};
}

// Absolute already where the source has a folder to start from.
std::string set_cache_dir(Settings& settings, const GivenSetting& given) {
  const std::string& path = given.value.as_string();
  if (path.empty()) return "it must be the path of a folder";
  settings.cache_dir = {path, given.source};
  return {};
}

// A cache made elsewhere. Absolute, as cache-dir is.
std::string set_cache_readonly(Settings& settings, const GivenSetting& given) {
  if (!given.value.is_string() || has_control(given.value.as_string()))
    return "it must be the path of a folder";
  settings.cache_readonly = {given.value.as_string(), given.source};
  return {};
}

std::string set_verify_signatures(Settings& settings, const GivenSetting& given) {
  const std::string& word = given.value.as_string();
  VerifySignatures verify = VerifySignatures::automatic;
  if (word == "always" || word == "never") {
    verify = word == "always" ? VerifySignatures::always : VerifySignatures::never;
  } else if (word != "auto") {
    return "it must be auto, always or never";
  }
  settings.verify_signatures = {verify, given.source};
  return {};
}

// More keys to believe, beside those of the build.
std::string set_signing_keys(Settings& settings, const GivenSetting& given) {
  const std::string& path = given.value.as_string();
  if (has_control(path) || !path.starts_with('/')) return "it must be the absolute path of a file";
  settings.signing_keys = {path, given.source};
  return {};
}

std::string set_verify_store(Settings& settings, const GivenSetting& given) {
  const std::string& word = given.value.as_string();
  const auto on = bool_of(given.value);
  if (word != "auto" && word != "always" && !on) return "it must be auto or always";
  const bool always = word == "always" || on.value_or(false);
  if (given.is_from_project() && settings.verify_store.value && !always) {
    return "a project cannot have less proved than your own settings (" +
           settings.verify_store.source.text() + ") say";
  }
  settings.verify_store = {always, given.source};
  return {};
}

std::string set_afterwards(Setting<Afterwards>& setting, const GivenSetting& given) {
  const std::string& word = given.value.as_string();
  Afterwards when = Afterwards::automatic;
  if (word == "always" || word == "never") {
    when = word == "always" ? Afterwards::always : Afterwards::never;
  } else if (word != "auto") {
    return "it must be auto, always or never";
  }
  if (given.is_from_project() && when != Afterwards::never)
    return "a project can only switch it off; put it into your own settings";
  setting = {when, given.source};
  return {};
}

std::string set_link_ahead(Settings& settings, const GivenSetting& given) {
  return set_afterwards(settings.link_ahead, given);
}

std::string set_link_later(Settings& settings, const GivenSetting& given) {
  return set_afterwards(settings.link_later, given);
}

std::string set_color(Settings& settings, const GivenSetting& given) {
  const std::string& word = given.value.as_string();
  ColorMode mode = ColorMode::automatic;
  if (word == "always") {
    mode = ColorMode::always;
  } else if (word == "never") {
    mode = ColorMode::never;
  } else if (!word.empty() && word != "auto") {
    const auto on = bool_of(given.value);
    if (!on) return "it must be always, never or auto";
    mode = *on ? ColorMode::automatic : ColorMode::never;
  } else if (const auto on = bool_of(given.value)) {
    mode = *on ? ColorMode::automatic : ColorMode::never;
  }
  // `--color` alone asks for colours.
  if (given.source.kind == SettingSource::Kind::flag && (word.empty() || word == "true"))
    mode = ColorMode::always;
  settings.color = {mode, given.source};
  return {};
}

std::string set_loglevel(Settings& settings, const GivenSetting& given) {
  struct Word {
    std::string_view text;
    LogLevel level;
  };
  constexpr Word kWords[] = {
      {"silent", LogLevel::silent}, {"error", LogLevel::error},     {"warn", LogLevel::warn},
      {"notice", LogLevel::info},   {"http", LogLevel::info},       {"info", LogLevel::info},
      {"debug", LogLevel::verbose}, {"verbose", LogLevel::verbose}, {"silly", LogLevel::verbose}};
  for (const Word& word : kWords) {
    if (word.text != given.value.as_string()) continue;
    settings.loglevel = {word.level, given.source};
    return {};
  }
  return "it must be silent, error, warn, info or verbose";
}

std::string refuse_certificate(Settings&, const GivenSetting&) {
  return "a client certificate belongs to one registry: put its files into `//host/:certfile` and "
         "`//host/:keyfile`";
}

constexpr SettingRow kRows[] = {
    {"also", "", "", false, nullptr},
    {"before", "", "", false, set_before},
    {"ca", "", "", false, set_ca},
    {"cache-dir", "", "", true, set_cache_dir},
    {"cache-readonly", "", "", true, set_cache_readonly},
    {"cafile", "", "", false, set_cafile},
    {"cert", "", "", false, refuse_certificate},
    {"color", "colour", "auto", false, set_color},
    {"dev", "", "", false, nullptr},
    {"engine-strict", "", "false", false, set_bool<&Settings::engine_strict>},
    {"fetch-retries", "", "3", false, set_unsigned<&Settings::fetch_retries>},
    {"fetch-timeout", "", "30000", false, set_fetch_timeout},
    {"frozen-lockfile", "", "", false, set_bool<&Settings::frozen_lockfile>},
    {"global-virtual-store", "enable-global-virtual-store", "false", false,
     set_bool<&Settings::global_virtual_store>},
    {"https-proxy", "", "", false, set_proxy<&Settings::https_proxy>},
    {"ignore-scripts", "", "false", false, set_ignore_scripts},
    {"include", "", "", false, nullptr},
    {"key", "", "", false, refuse_certificate},
    {"layout", "install-strategy node-linker nodeLinker", "", false, set_layout},
    {"legacy-peer-deps", "", "false", false, set_bool<&Settings::legacy_peer_deps>},
    {"link-ahead", "", "auto", false, set_link_ahead},
    {"link-later", "", "auto", false, set_link_later},
    {"loglevel", "", "info", false, set_loglevel},
    {"maxsockets", "network-concurrency", "96", false, set_unsigned<&Settings::max_sockets>},
    {"min-release-age", "", "", false, set_release_age<1440>},
    {"minimum-release-age", "minimumReleaseAge", "", false, set_release_age<1>},
    {"minimum-release-age-exclude", "min-release-age-exclude minimumReleaseAgeExclude", "", false,
     set_words<&Settings::minimum_release_age_exclude>},
    {"noproxy", "no-proxy", "", false, set_no_proxy},
    {"offline", "", "false", false, set_bool<&Settings::offline>},
    {"omit", "", "", false, nullptr},
    {"only", "", "", false, nullptr},
    {"optional", "", "", false, nullptr},
    {"package-import-method", "packageImportMethod", "auto", false, set_import_method},
    {"prefer-offline", "", "false", false, set_bool<&Settings::prefer_offline>},
    {"production", "prod", "", false, nullptr},
    {"progress", "", "", false, set_bool<&Settings::progress>},
    {"proxy", "", "", false, set_proxy<&Settings::proxy>},
    {"registry", "", HOD_DEFAULT_REGISTRY, false, set_registry},
    {"replace-registry-host", "", "default", false, set_replaced_host},
    {"save-exact", "", "false", false, set_bool<&Settings::save_exact>},
    {"save-prefix", "", "^", false, set_text<&Settings::save_prefix>},
    {"script-shell", "", "sh", false, set_text<&Settings::script_shell>},
    {"signing-keys", "", "", false, set_signing_keys},
    {"strict-peer-deps", "strict-peer-dependencies", "false", false,
     set_bool<&Settings::strict_peer_deps>},
    {"strict-ssl", "", "true", false, set_bool<&Settings::strict_ssl>},
    {"trust-cache-owner", "", "false", true, set_bool<&Settings::trust_cache_owner>},
    {"user-agent", "", "", false, set_text<&Settings::user_agent>},
    {"verify-signatures", "", "auto", false, set_verify_signatures},
    {"verify-store", "", "auto", false, set_verify_store},
};

bool has_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (words.substr(0, end) == word) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

constexpr std::string_view kSecretNames[] = {"_auth", "otp", "key", "cert"};
constexpr std::string_view kSecretWords[] = {"token", "password", "secret", "authorization"};
constexpr std::string_view kCredentialNames[] = {"_authToken", "_auth", "_password", "username"};

template <std::size_t N>
bool is_one_of(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace

// A bare number counts minutes as pnpm's setting does, under npm's name days.
std::optional<minutes> age_of(const Json& value, int minutes_of_one) {
  if (const auto number = number_of(value)) {
    if (*number < 0 || *number > 1e6) return std::nullopt;
    return minutes(static_cast<std::int64_t>(*number * minutes_of_one));
  }
  const std::string_view text = ecma_trimmed(value.as_string());
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || digits > 6) return std::nullopt;
  const std::string_view unit = ecma_trimmed(text.substr(digits));
  const std::int64_t count = std::stoll(std::string(text.substr(0, digits)));
  if (unit == "m" || unit == "min" || unit == "minutes") return minutes(count);
  if (unit == "h" || unit == "hours") return minutes(count * 60);
  if (unit == "d" || unit == "days") return minutes(count * 1440);
  return std::nullopt;
}

std::span<const SettingRow> setting_table() { return kRows; }

const SettingRow* find_setting(std::string_view key) {
  for (const SettingRow& row : kRows) {
    if (row.key == key || has_word(row.other_keys, key)) return &row;
  }
  return nullptr;
}

std::string canonical_key(std::string_view key) {
  const SettingRow* row = find_setting(key);
  return std::string(row ? row->key : key);
}

bool is_scope_registry(std::string_view key) {
  constexpr std::string_view kSuffix = ":registry";
  return key.size() > kSuffix.size() + 1 && key[0] == '@' &&
         key.substr(key.size() - kSuffix.size()) == kSuffix;
}

bool is_registry_setting(std::string_view key) {
  return is_scope_registry(key) || registry_key(key) || is_one_of(kCredentialNames, key);
}

bool is_secret(std::string_view key) {
  const std::size_t colon = key.rfind(':');
  const std::string name =
      ascii_lower(colon == std::string_view::npos ? key : key.substr(colon + 1));
  if (is_one_of(kSecretNames, name)) return true;
  return std::any_of(std::begin(kSecretWords), std::end(kSecretWords),
                     [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

std::optional<std::string> registry_address(std::string_view text) {
  text = ecma_trimmed(text);
  const auto url = Url::parse(text);
  if (!url || !url->query.empty() || text.find('#') != std::string_view::npos) return std::nullopt;
  std::string address(text);
  if (address.back() != '/') address += '/';
  return address;
}

std::string project_address_refusal(std::string_view address) {
  const auto url = Url::parse(address);
  if (url && (url->origin.scheme == "https" || url->is_loopback())) return {};
  return "a project cannot send you to a registry without encryption; use https, or put it into "
         "your own ~/.npmrc";
}

Setting<Omit> omitted_kinds(const std::map<std::string, const GivenSetting*, std::less<>>& values) {
  Setting<Omit> omit;
  const auto given = [&](std::string_view key) -> const GivenSetting* {
    const auto found = values.find(key);
    return found == values.end() ? nullptr : found->second;
  };
  const auto change = [&](std::string_view kind, bool left_out, const GivenSetting& by) {
    bool* const field = kind == "dev"        ? &omit.value.development
                        : kind == "optional" ? &omit.value.optional
                        : kind == "peer"     ? &omit.value.peer
                                             : nullptr;
    if (!field || *field == left_out) return;
    *field = left_out;
    omit.source = by.source;
  };
  if (const GivenSetting* by = given("omit")) {
    for (const std::string& kind : words_of(by->value)) change(kind, true, *by);
  }
  if (const GivenSetting* by = given("production"); by && bool_of(by->value).value_or(false))
    change("dev", true, *by);
  if (const GivenSetting* by = given("only");
      by && by->value.as_string().compare(0, 4, "prod") == 0)
    change("dev", true, *by);
  if (const GivenSetting* by = given("optional"))
    change("optional", !bool_of(by->value).value_or(true), *by);
  if (const GivenSetting* by = given("dev"); by && bool_of(by->value).value_or(false))
    change("dev", false, *by);
  if (const GivenSetting* by = given("also"); by && by->value.as_string().compare(0, 3, "dev") == 0)
    change("dev", false, *by);
  if (const GivenSetting* by = given("include")) {
    for (const std::string& kind : words_of(by->value)) change(kind, false, *by);
  }
  return omit;
}

}  // namespace hod::cli
