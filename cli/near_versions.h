// SPDX-License-Identifier: MIT
// For a range or tag that no version answers: which ones there are nearby. Pure.
#pragma once

#include <string>
#include <string_view>

#include "core/model/package_metadata.h"

namespace hod::cli {

// "1.1.0, 2.0.0; tags: latest, next" — the two releases below and the two above what was asked for
// (for a tag: the newest ones), and the tags when a tag was meant. "" when there is nothing to
// offer.
std::string near_versions(const PackageMetadata& metadata, std::string_view asked_for);

}  // namespace hod::cli
