// Where things lie: which registry answers for a name, where its metadata and archives are, and
// what to do with the addresses a registry or a lockfile gives. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/model/package_name.h"
#include "core/model/url.h"

namespace hod::fetcher {

class RegistryAddresses {
 public:
  // `scopes`: "@scope" → registry. `replaced_host`: archives on this host ("<host>", "always",
  // "never" or "") are asked of the configured registry instead.
  RegistryAddresses(const std::string& default_registry,
                    const std::map<std::string, std::string>& scopes, std::string replaced_host);

  // The base address, its path ending with "/". Error: config_invalid.
  Result<Url> registry_for(const PackageName& name) const;
  Result<Url> packument(const PackageName& name) const;

  // <registry>/<name>/-/<base>-<version>.tgz; "" when the registry's address is malformed.
  std::string tarball_url(const PackageName& name, std::string_view version) const;
  // dist.tarball as a lockfile keeps it: "" when it is by that rule (host replaced or not).
  std::string lockfile_tarball(const PackageName& name, std::string_view version,
                               std::string_view dist_tarball) const;
  // The address to fetch. `given` may be "": by the rule. Errors: source_refused (a login inside,
  // http where the registry has https), metadata_invalid.
  Result<Url> to_fetch(const PackageName& name, std::string_view version,
                       std::string_view given) const;

 private:
  const Result<Url>& base_for(const PackageName& name) const;
  Result<Url> replaced(const Url& base, Url given) const;

  Result<Url> default_;
  std::map<std::string, Result<Url>, std::less<>> scopes_;
  std::string replaced_host_;
};

}  // namespace hod::fetcher
