// SPDX-License-Identifier: MIT
#include "fetcher/credentials.h"

#include <string_view>

#include "core/base/encoding.h"

namespace hod::fetcher {

namespace {

// "/npm/" covers "/npm/a" and "/npm", but not "/npmx".
bool covers(std::string_view prefix, std::string_view path) {
  while (!prefix.empty() && prefix.back() == '/') prefix.remove_suffix(1);
  if (path.substr(0, prefix.size()) != prefix) return false;
  return path.size() == prefix.size() || path[prefix.size()] == '/';
}

}  // namespace

const Credential* find_credential(std::span<const Credential> credentials, const Url& url) {
  const Credential* best = nullptr;
  for (const Credential& credential : credentials) {
    if (credential.origin != url.origin || !covers(credential.path_prefix, url.path)) continue;
    if (best == nullptr || credential.path_prefix.size() > best->path_prefix.size()) {
      best = &credential;
    }
  }
  return best;
}

std::string authorization_of_userinfo(const Url& url) {
  if (url.userinfo.empty()) return "";
  std::string plain = percent_decoded(url.userinfo).value_or(url.userinfo);
  if (plain.find(':') == std::string::npos) plain += ':';
  return "Basic " + to_base64(plain);
}

}  // namespace hod::fetcher
