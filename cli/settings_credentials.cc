// SPDX-License-Identifier: MIT
// Binds credentials to addresses.
//
// What must stay true:
//  (1) "//host/path/:_authToken" belongs to that host over https; over http only if the user's own
//  settings name an http
//      registry there, or the host is this machine (T-NET-02).
//  (2) A credential without an address belongs to the registry that the same source declares. A
//  project's file that
//      declares none has its credential ignored; a user's file that declares none means the build's
//      default registry, whatever a project says (T-NET-03).
//  (3) A program that gives a credential is named by the user's own files, by its absolute path
//      (T-CFG-04).
#include "cli/settings_credentials.h"

#include <algorithm>
#include <map>
#include <set>

#include "cli/settings_table.h"
#include "core/model/npmrc.h"
#include "core/model/url.h"

namespace hod::cli {

namespace {

using Kind = SettingSource::Kind;
using Texts = std::map<std::string, std::string, std::less<>>;

constexpr std::string_view kUnscoped[] = {"_authToken", "_auth", "username", "_password"};

bool counts(const GivenSetting& given) {
  return given.refused.empty() && given.value.is_string() && !given.value.as_string().empty();
}

// The registry that this setting declares, if it does and it counts.
std::optional<Url> declared_registry(const GivenSetting& given) {
  if (!counts(given)) return std::nullopt;
  const auto address = registry_address(given.value.as_string());
  if (!address || (given.is_from_project() && !project_address_refusal(*address).empty()))
    return std::nullopt;
  auto url = Url::parse(*address);
  if (!url) return std::nullopt;
  return std::move(*url);
}

// "/npm" and "/npm/" are one folder.
std::string folder_path(const Url& url) {
  return url.path.empty() || url.path.back() != '/' ? url.path + '/' : url.path;
}

class CredentialFinder {
 public:
  CredentialFinder(const std::vector<GivenSetting>& given, std::string_view default_registry)
      : given_(given), default_registry_(default_registry) {
    for (const GivenSetting& setting : given_) {
      if (counts(setting)) in_effect_[setting.key] = &setting;
      if (setting.is_from_project() ||
          (setting.key != "registry" && !is_scope_registry(setting.key)))
        continue;
      const auto registry = declared_registry(setting);
      if (registry && registry->origin.scheme == "http") user_http_.insert(registry->origin);
      // Where the environment brings a token, it is for the registry the user's own settings name.
      if (registry && setting.key == "registry" && setting.source.kind < Kind::environment)
        user_registry_ = registry;
    }
  }

  CredentialSettings find() {
    find_scoped();
    // From the source that wins to the one that wins least: the first credential for an address
    // stays.
    for (std::size_t end = given_.size(); end > 0;) {
      std::size_t begin = end;
      while (begin > 0 && same_source(given_[begin - 1].source, given_[end - 1].source)) --begin;
      find_unscoped(begin, end);
      end = begin;
    }
    return std::move(result_);
  }

 private:
  static bool same_source(const SettingSource& a, const SettingSource& b) {
    return a.kind == b.kind && (a.place == b.place || a.kind >= Kind::environment);
  }

  void find_scoped() {
    Texts texts;
    std::set<std::string> prefixes;
    for (const auto& [key, setting] : in_effect_) {
      const auto parts = registry_key(key);
      if (!parts) continue;
      texts[key] = setting->value.as_string();
      prefixes.emplace(parts->prefix);
    }
    for (const std::string& prefix : prefixes) {
      RegistryCredentials credentials = registry_credentials(prefix, texts);
      const GivenSetting* source = source_of(prefix, credentials);
      std::string helper;
      if (!source) {
        source = helper_of(prefix);
        if (!source) continue;
        helper = source->value.as_string();
      }
      const auto secure = Url::parse("https:" + prefix), plain = Url::parse("http:" + prefix);
      if (!secure || !plain) {
        result_.warnings.push_back("`" + source->key + "` in " + source->source.text() +
                                   " names no address; ignored");
        continue;
      }
      add(*secure, credentials, source->source, helper);
      if (plain->is_loopback() || user_http_.contains(plain->origin))
        add(*plain, credentials, source->source, helper);
    }
  }

  // The setting that names a program for the secret, or null. A program is the user's own choice:
  // (3).
  const GivenSetting* helper_of(const std::string& prefix) {
    const auto found = in_effect_.find(prefix + ":tokenHelper");
    if (found == in_effect_.end()) return nullptr;
    const GivenSetting& setting = *found->second;
    const bool is_of_user =
        setting.source.kind == Kind::user_npmrc || setting.source.kind == Kind::user_file;
    const std::string& path = setting.value.as_string();
    const bool is_path = path.starts_with('/') &&
                         std::none_of(path.begin(), path.end(),
                                      [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    if (is_of_user && is_path) return &setting;
    result_.warnings.push_back("`" + setting.key + "` in " + setting.source.text() +
                               (is_of_user ? " must be the absolute path of a program, without "
                                             "arguments; ignored"
                                           : " counts only in your own ~/.npmrc; ignored"));
    return nullptr;
  }

  // The setting that holds the secret, or null when there is none.
  const GivenSetting* source_of(const std::string& prefix,
                                const RegistryCredentials& credentials) const {
    const auto setting = [&](std::string_view name) -> const GivenSetting* {
      const auto found = in_effect_.find(prefix + ':' + std::string(name));
      return found == in_effect_.end() ? nullptr : found->second;
    };
    if (!credentials.token.empty()) return setting("_authToken");
    if (!credentials.basic.empty())
      return setting("_password") && setting("username") ? setting("_password") : setting("_auth");
    return credentials.certfile.empty() ? nullptr : setting("certfile");
  }

  void find_unscoped(std::size_t begin, std::size_t end) {
    Texts texts;
    const GivenSetting* source = nullptr;
    std::optional<Url> registry;
    for (std::size_t i = begin; i < end; ++i) {
      if (given_[i].key == "registry") {
        if (auto declared = declared_registry(given_[i])) registry = std::move(declared);
      } else if (counts(given_[i]) && std::find(std::begin(kUnscoped), std::end(kUnscoped),
                                                given_[i].key) != std::end(kUnscoped)) {
        texts[given_[i].key] = given_[i].value.as_string();
        source = &given_[i];
      }
    }
    const RegistryCredentials credentials = registry_credentials("", texts);
    if (credentials.authorization().empty()) return;
    if (!registry && source->is_from_project()) {
      result_.warnings.push_back(
          "`" + source->key + "` in " + source->source.text() +
          " belongs to no registry that this file names; ignored (write `//host/:" + source->key +
          "`)");
      return;
    }
    if (!registry && source->source.kind == Kind::environment) registry = user_registry_;
    if (!registry) {
      if (auto standard = Url::parse(default_registry_)) registry = std::move(*standard);
    }
    if (registry) add(*registry, credentials, source->source);
  }

  void add(const Url& url, const RegistryCredentials& credentials, const SettingSource& source,
           const std::string& helper = "") {
    fetcher::Credential credential{
        url.origin,           folder_path(url),    credentials.authorization(),
        credentials.certfile, credentials.keyfile, helper};
    const bool present =
        std::any_of(result_.credentials.begin(), result_.credentials.end(), [&](const auto& other) {
          return other.value.origin == credential.origin &&
                 other.value.path_prefix == credential.path_prefix;
        });
    if (!present) result_.credentials.push_back({std::move(credential), source});
  }

  const std::vector<GivenSetting>& given_;
  std::string default_registry_;
  std::map<std::string, const GivenSetting*, std::less<>> in_effect_;
  std::set<Origin> user_http_;
  std::optional<Url> user_registry_;
  CredentialSettings result_;
};

}  // namespace

CredentialSettings find_credentials(const std::vector<GivenSetting>& given,
                                    std::string_view default_registry) {
  return CredentialFinder(given, default_registry).find();
}

}  // namespace hod::cli
