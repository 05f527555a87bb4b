// SPDX-License-Identifier: MIT
// "Did you mean …": the words nearest to a mistyped one. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hod::cli {

// The candidates at a small edit distance (transpositions count one; at most a third of the word's
// length, 3 at most), nearest first, equal ones by name; at most `limit`.
std::vector<std::string> nearest_words(std::string_view word,
                                       std::span<const std::string> candidates,
                                       std::size_t limit = 3);

}  // namespace hod::cli
