// The bytes of node_modules/.hod/state and of the journal beside it (docs/layouts.md).
//
//   state:   "hodtree2" | u32 head size | u32 body size | u64 sum of sizes and head | u64 sum of
//            the body | head: digests, boot, inputs | body: the shape, its texts front-coded
//   journal: "hodjrnl1" | u64 sum | paths, front-coded
// Numbers are little-endian, sums XXH3. Both files lie in the project, which may be a hostile
// clone: a path that the grammar of tree_path.h does not allow makes the whole file void.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/linker.h"

namespace hod::cache {

inline constexpr const char* kHodFolder = "node_modules/.hod";
inline constexpr const char* kStateFile = "node_modules/.hod/state";
inline constexpr const char* kJournalFile = "node_modules/.hod/journal";

std::string encode_state(const TreeState& state, const TreeShape& shape);
std::optional<TreeState> decode_state(std::string_view bytes);

// A file of ours in node_modules/.hod, read through no link. `exists` without bytes: unreadable.
struct OwnFile {
  bool exists = false;
  std::string bytes;
};
OwnFile read_own_file(const std::string& project_root, const char* path);

std::string encode_journal(const std::vector<std::string>& paths);
std::optional<std::vector<std::string>> decode_journal(std::string_view bytes);

}  // namespace hod::cache
