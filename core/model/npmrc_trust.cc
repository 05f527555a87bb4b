// SPDX-License-Identifier: MIT
// What a project's files may say (T-CFG-02): a white list, so that a key that comes new is refused
// until someone has thought about it.
//
// Not in it, on purpose: programs and what is handed to them (git, node-gyp, shell, script-shell,
// editor, viewer, browser, node-options, init-module), files and folders outside the project
// (cache, cafile, certfile, keyfile, logs-dir, prefix, userconfig, globalconfig), the way to the
// network (proxy, https-proxy, noproxy, local-address, strict-ssl, ca, cert, key, user-agent:
// T-NET-05), secrets of the user (otp, password), and what weakens hod's checks (verify-store).
#include <algorithm>
#include <array>

#include "core/model/npmrc.h"

namespace hod {

namespace {

constexpr auto kProjectKeys = std::to_array<std::string_view>({"access",
                                                               "all",
                                                               "allow-directory",
                                                               "allow-file",
                                                               "allow-git",
                                                               "allow-remote",
                                                               "allow-same-version",
                                                               "also",
                                                               "audit",
                                                               "audit-level",
                                                               "before",
                                                               "bin-links",
                                                               "color",
                                                               "commit-hooks",
                                                               "cpu",
                                                               "depth",
                                                               "description",
                                                               "dev",
                                                               "diff",
                                                               "diff-dst-prefix",
                                                               "diff-ignore-all-space",
                                                               "diff-name-only",
                                                               "diff-no-prefix",
                                                               "diff-src-prefix",
                                                               "diff-text",
                                                               "diff-unified",
                                                               "engine-strict",
                                                               "expect-result-count",
                                                               "expect-results",
                                                               "fetch-retries",
                                                               "fetch-retry-factor",
                                                               "fetch-retry-maxtimeout",
                                                               "fetch-retry-mintimeout",
                                                               "fetch-timeout",
                                                               "foreground-scripts",
                                                               "format-package-lock",
                                                               "frozen-lockfile",
                                                               "fund",
                                                               "git-tag-version",
                                                               "global-style",
                                                               "global-virtual-store",
                                                               "if-present",
                                                               "ignore-scripts",
                                                               "include",
                                                               "include-attestations",
                                                               "include-staged",
                                                               "include-workspace-root",
                                                               "init-author-email",
                                                               "init-author-name",
                                                               "init-author-url",
                                                               "init-license",
                                                               "init-private",
                                                               "init-type",
                                                               "init-version",
                                                               "install-links",
                                                               "install-strategy",
                                                               "json",
                                                               "layout",
                                                               "legacy-bundling",
                                                               "legacy-peer-deps",
                                                               "libc",
                                                               "link-ahead",
                                                               "lockfile-version",
                                                               "loglevel",
                                                               "long",
                                                               "maxsockets",
                                                               "message",
                                                               "min-release-age",
                                                               "min-release-age-exclude",
                                                               "minimum-release-age",
                                                               "minimum-release-age-exclude",
                                                               "minimumReleaseAge",
                                                               "minimumReleaseAgeExclude",
                                                               "node-linker",
                                                               "nodeLinker",
                                                               "offline",
                                                               "omit",
                                                               "omit-lockfile-registry-resolved",
                                                               "only",
                                                               "optional",
                                                               "os",

                                                               "package-import-method",
                                                               "package-lock",
                                                               "packageImportMethod",
                                                               "parseable",
                                                               "prefer-dedupe",
                                                               "prefer-offline",
                                                               "prefer-online",
                                                               "preid",
                                                               "production",
                                                               "progress",
                                                               "provenance",
                                                               "rebuild-bundle",
                                                               "registry",
                                                               "replace-registry-host",
                                                               "save",
                                                               "save-bundle",
                                                               "save-dev",
                                                               "save-exact",
                                                               "save-optional",
                                                               "save-peer",
                                                               "save-prefix",
                                                               "save-prod",
                                                               "scope",
                                                               "shrinkwrap",
                                                               "sign-git-commit",
                                                               "sign-git-tag",
                                                               "strict-peer-deps",
                                                               "strict-peer-dependencies",
                                                               "tag",
                                                               "tag-version-prefix",
                                                               "verify-store",
                                                               "workspaces",
                                                               "workspaces-update"});

// Credentials that a project may carry itself; they go to the address before them, or to the file's
// own registry.
constexpr std::array<std::string_view, 5> kCredentials{"_auth", "_authToken", "_password", "email",
                                                       "username"};

bool contains(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// "@scope:registry"
bool is_scope_registry(std::string_view key) {
  constexpr std::string_view kSuffix = ":registry";
  return key.size() > kSuffix.size() + 1 && key[0] == '@' &&
         key.substr(key.size() - kSuffix.size()) == kSuffix;
}

}  // namespace

bool project_may_set(std::string_view key) {
  if (const auto parts = registry_key(key)) return contains(kCredentials, parts->name);
  return is_scope_registry(key) || contains(kCredentials, key) || contains(kProjectKeys, key);
}

bool project_may_expand(std::string_view key) {
  const bool is_address =
      key == "registry" || key == "replace-registry-host" || is_scope_registry(key);
  const bool is_secret = registry_key(key) || contains(kCredentials, key);
  return project_may_set(key) && !is_address && !is_secret;
}

}  // namespace hod
