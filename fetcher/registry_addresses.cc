// SPDX-License-Identifier: MIT
// Rules taken from npm: `replace-registry-host` moves an archive's address to the registry that was
// configured, with that registry's path prefix in front. Beyond npm (T-NET-02, T-NET-05): an
// address from a registry may hold no login, and never leads from https to http.
#include "fetcher/registry_addresses.h"

#include <utility>

#include "core/base/printable.h"

namespace hod::fetcher {

namespace {

Result<Url> parse_base(const std::string& text) {
  auto url = Url::parse(text);
  if (!url) return failure(std::move(url).error().during("reading the registry's address"));
  url->query.clear();
  if (url->path.empty() || url->path.back() != '/') url->path += '/';
  return url;
}

Error refused(std::string what, std::string_view given) {
  return Error(ErrorCode::source_refused, std::move(what)).at(printable(redacted(given)));
}

}  // namespace

RegistryAddresses::RegistryAddresses(const std::string& default_registry,
                                     const std::map<std::string, std::string>& scopes,
                                     std::string replaced_host)
    : default_(parse_base(default_registry)), replaced_host_(std::move(replaced_host)) {
  for (const auto& [scope, registry] : scopes) scopes_.emplace(scope, parse_base(registry));
}

const Result<Url>& RegistryAddresses::base_for(const PackageName& name) const {
  if (name.scope().empty()) return default_;
  auto found = scopes_.find(name.scope());
  return found == scopes_.end() ? default_ : found->second;
}

Result<Url> RegistryAddresses::registry_for(const PackageName& name) const {
  const Result<Url>& base = base_for(name);
  if (!base) return failure(base.error().clone());
  return *base;
}

Result<Url> RegistryAddresses::packument(const PackageName& name) const {
  HOD_TRY(Url url, registry_for(name));
  url.path += name.url_path();
  return url;
}

std::string RegistryAddresses::tarball_url(const PackageName& name,
                                           std::string_view version) const {
  const Result<Url>& base = base_for(name);
  if (!base) return "";
  std::string url = base->text();
  url.append(name.text()).append("/-/").append(name.base());
  return url.append("-").append(version).append(".tgz");
}

// The configured registry in front of the path. Where the address already lies below it, nothing
// is to be done; else a path prefix would be doubled.
Result<Url> RegistryAddresses::replaced(const Url& base, Url given) const {
  bool below = given.origin == base.origin && given.path.rfind(base.path, 0) == 0;
  bool wanted = replaced_host_ == "always" ||
                (replaced_host_ != "never" && given.origin.host == replaced_host_);
  if (!wanted || below) return given;
  given.origin = base.origin;
  given.path = base.path + given.path.substr(1);
  return given;
}

Result<Url> RegistryAddresses::to_fetch(const PackageName& name, std::string_view version,
                                        std::string_view given) const {
  HOD_TRY(Url base, registry_for(name));
  if (given.empty()) {
    HOD_TRY(Url ruled, Url::parse(tarball_url(name, version)));
    ruled.userinfo = base.userinfo;
    return ruled;
  }
  auto parsed = Url::parse(given);
  if (!parsed) {
    return failure(Error(ErrorCode::metadata_invalid,
                         "the registry gives an address for the archive that hod refuses")
                       .at(printable(redacted(given))));
  }
  if (!parsed->userinfo.empty()) {
    return failure(refused("the registry gives an address with a login in it", given));
  }
  HOD_TRY(Url url, replaced(base, std::move(*parsed)));
  if (url.origin == base.origin) url.userinfo = base.userinfo;
  if (url.origin.scheme == "https" || base.origin.scheme == "http") return url;
  if (url.origin.host != base.origin.host) {
    return failure(refused("the archive's address is plain http, the registry's is https", given)
                       .hint("ask whoever runs the registry for an https address"));
  }
  url.origin = base.origin;  // servers behind a proxy write http for themselves
  url.userinfo = base.userinfo;
  return url;
}

std::string RegistryAddresses::lockfile_tarball(const PackageName& name, std::string_view version,
                                                std::string_view dist_tarball) const {
  std::string ruled = tarball_url(name, version);
  if (dist_tarball.empty() || dist_tarball == ruled) return "";
  auto effective = to_fetch(name, version, dist_tarball);
  if (effective && effective->text() == ruled) return "";
  return std::string(dist_tarball);
}

}  // namespace hod::fetcher
