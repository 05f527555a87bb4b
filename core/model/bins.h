// A manifest's `bin` and `directories.bin`, normalised by npm-normalize-package-bin's rules: no name may hold a path, no
// target may leave the package (T-LINK-01, T-LINK-02). The same function serves linking and removal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"

namespace hod {

struct Bin {
  std::string name;  // file name in .bin; passes bin_name_is_safe
  std::string path;  // inside the package, "/"-separated, no leading "./", never leaves it
  friend auto operator<=>(const Bin&, const Bin&) = default;
};

// Of a manifest object (`name` and `bin` are read). Entries that are not safe are dropped. Sorted by name.
std::vector<Bin> normalized_bins(const Json& manifest);

// [A-Za-z0-9._~$!()*'-]+ , not "." or "..", at most 214 characters.
bool bin_name_is_safe(std::string_view name);

}  // namespace hod
