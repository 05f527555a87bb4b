// The keys of npm's configuration and the types of their values, as npm 12 defines them. Pure data.
#pragma once

#include <span>
#include <string_view>

namespace hod {

struct NpmConfigKey {
  std::string_view name;
  // The types it may have, blank separated, tried in this order: null, false, String, Boolean,
  // Number, Path, Url, Date, Umask, Semver, Array (of the others), '' (the empty text), #1 (the
  // number), anything else: that text itself.
  std::string_view types;
  std::string_view excludes;  // keys that may not be set beside it
};

// Null when npm does not know the key.
const NpmConfigKey* find_npm_config_key(std::string_view name);
std::span<const NpmConfigKey> npm_config_keys();  // sorted by name

}  // namespace hod
