// A manifest's `bin` and `directories.bin`, normalised by npm-normalize-package-bin's rules: no
// name may hold a path, no target may leave the package (T-LINK-01, T-LINK-02). The same function
// serves linking and removal.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"

namespace hod {

struct Bin {
  std::string name;  // file name in .bin; passes bin_name_is_safe
  std::string path;  // inside the package, "/"-separated, no leading "./", never leaves it
  friend auto operator<=>(const Bin&, const Bin&) = default;
};

// Of a manifest object (`name` and `bin` are read). Entries that are not safe are dropped. Sorted
// by name.
std::vector<Bin> normalized_bins(const Json& manifest);

// The same for a package whose files are known ("/"-separated paths below its folder): without
// `bin`, each file below `directories.bin` is one.
std::vector<Bin> normalized_bins(const Json& manifest, const std::vector<std::string>& files);

// [A-Za-z0-9._~$!()*'-]+ , not "." or "..", at most 214 characters.
bool bin_name_is_safe(std::string_view name);

// npm's normalised `bin` itself, before our own gate: may hold names and targets that only npm
// would link, in the order of the manifest. Nothing where npm drops the field; the error
// bin_invalid where it throws (a list of other than texts).
Result<std::optional<std::vector<Bin>>> npm_normalized_bins(const Json& manifest);

}  // namespace hod
