// The folder of spare trees on disk: names, records, ledger, removal. For spare.cc and
// spare_maker.cc; what others need is in spare.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/spare.h"
#include "core/base/file.h"

namespace hod::cache {

inline constexpr const char* kSpareTree = "node_modules";
inline constexpr const char* kSpareRecord = "record";
inline constexpr const char* kSpareMade = "new-";  // prefix of folders that are being made

// The name of the spare for these entries of `shape`, which are all below the project's
// node_modules. Nothing where some folder has to be a copy of its own.
std::optional<std::string> spare_key(const TreeShape& shape, const std::vector<TreeItem>& items);

std::string encode_record(const SpareRecord& record);
std::optional<SpareRecord> decode_record(std::string_view text);
// Adds one piece of work. Error: disk_*.
Result<void> note_in_ledger(const std::string& folder, std::uint64_t cpu_ms, std::uint64_t bytes);
// Of this process, so far.
std::uint64_t cpu_ms_of_process();

// Nothing while somebody else holds it, or where there can be none.
std::optional<Fd> lock_spares(const std::string& folder);

// With the lock held: what stopped makers left.
Result<void> sweep_spares(const std::string& folder);
// With the lock held. Out of sight at once, then deleted.
Result<void> remove_spare(const std::string& folder, const std::string& key);

}  // namespace hod::cache
