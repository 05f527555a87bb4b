// SPDX-License-Identifier: MIT
// Which secret goes to which registry, by what the sources say.
#pragma once

#include <string>
#include <vector>

#include "cli/settings_sources.h"

namespace hod::cli {

struct CredentialSettings {
  std::vector<Setting<fetcher::Credential>> credentials;  // one per origin and path
  std::vector<std::string> warnings;
};

// `default_registry`: the build's, for unscoped credentials of users who configure no registry.
CredentialSettings find_credentials(const std::vector<GivenSetting>& given,
                                    std::string_view default_registry);

}  // namespace hod::cli
