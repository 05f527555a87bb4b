// A stored package as bytes: what a row of the index holds, and the list kept beside each package
// folder. Format: docs/store-format.md.
//
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cache/store.h"

namespace hod::cache {

// Everything but `folder` and `boot_id`. Equal packages give equal bytes.
std::string encode_entry(const StoredPackage& package);

// Nothing when the bytes are damaged: they end with a sum of themselves.
std::optional<StoredPackage> decode_entry(std::string_view bytes);

}  // namespace hod::cache
