// SPDX-License-Identifier: MIT
// What `hod add` and `hod remove` do to a package.json's text, by npm's rules; every other byte
// stays. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/model/version.h"

namespace hod::cli {

enum class DependencyField : std::uint8_t { dependencies, dev, optional, peer };
std::string_view field_name(DependencyField field);  // "devDependencies"

// Where a manifest names `alias` now; the first field that counts (peers last).
std::optional<DependencyField> field_of(const Json& manifest, std::string_view alias);

// `alias` with `specifier` in `field` and, but for peers, in no other field. Errors: json_invalid,
// manifest_invalid.
Result<std::string> manifest_with(std::string_view text, DependencyField field,
                                  const std::string& alias, std::string_view specifier,
                                  std::string_view origin);
// Without `alias` in any field (dependenciesMeta and peerDependenciesMeta too).
Result<std::string> manifest_without(std::string_view text, const std::string& alias,
                                     std::string_view origin);

struct SaveRule {
  bool exact = false;
  std::string prefix = "^";  // setting save-prefix
};
// What to save for a registry package of which `version` was chosen. `written`: what stood behind
// the name, "" = nothing. Tags and versions save with the prefix; a range stays when prefix +
// version would allow more than it does.
std::string saved_range(std::string_view written, const Version& version, const SaveRule& rule);

// What stands instead of `written` (a range, or `npm:name@range`) when `version` was chosen beyond
// it: written in the same manner (exact, ~, ^). Ranges of other forms stay while they allow it;
// else prefix + version.
std::string moved_range(std::string_view written, const Version& version, std::string_view prefix);

}  // namespace hod::cli
