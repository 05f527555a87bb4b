// How far apart two words are, and which of many is nearest: for "did you mean". Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hod {

// Damerau's and Levenshtein's distance in its restricted form (no part is edited twice): one step
// inserts, deletes or replaces a byte, or swaps two neighbours. Nothing when it is more than
// `bound`; the time grows with length x bound.
std::optional<std::size_t> edit_distance(std::string_view a, std::string_view b, std::size_t bound);

// The candidates that `text` may be a slip of: at most a third of its length away (at least 1, at
// most 3 steps), nearest first, equally near ones by name, each once; `text` itself is not offered.
// At most `limit`.
std::vector<std::string> nearest(std::span<const std::string> candidates, std::string_view text,
                                 std::size_t limit = 3);

}  // namespace hod
