// SPDX-License-Identifier: MIT
// The distance by dynamic programming over three rows, of which only the band within `bound` of the
// diagonal is filled: cells outside are farther than `bound` in any case.
#include "core/base/edit_distance.h"

#include <algorithm>
#include <array>
#include <utility>

namespace hod {
namespace {

std::size_t length_difference(std::string_view a, std::string_view b) {
  return a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
}

// The steps within which `text` counts as a slip of the hand.
std::size_t steps_of_a_slip(std::string_view text) {
  return std::clamp<std::size_t>(text.size() / 3, 1, 3);
}

}  // namespace

std::optional<std::size_t> edit_distance(std::string_view a, std::string_view b,
                                         std::size_t bound) {
  if (length_difference(a, b) > bound) return std::nullopt;
  const std::size_t far = bound + 1;  // stands for "too far", whatever it is exactly
  using Cells = std::vector<std::size_t>;
  std::array<Cells, 3> rows{Cells(b.size() + 1, far), Cells(b.size() + 1, far),
                            Cells(b.size() + 1, far)};
  for (std::size_t j = 0; j <= std::min(b.size(), bound); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    Cells& row = rows[i % 3];
    const Cells& above = rows[(i + 2) % 3];
    const Cells& two_above = rows[(i + 1) % 3];
    std::fill(row.begin(), row.end(), far);
    if (i <= bound) row[0] = i;
    const std::size_t first = i > bound ? i - bound : 1;
    const std::size_t last = std::min(b.size(), i + bound);
    std::size_t best = row[0];
    for (std::size_t j = std::max<std::size_t>(first, 1); j <= last; ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, above[j] + 1, row[j - 1] + 1, far});
      const bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swap) row[j] = std::min(row[j], two_above[j - 2] + 1);
      best = std::min(best, row[j]);
    }
    const std::size_t best_above = *std::min_element(above.begin(), above.end());
    if (best > bound && best_above > bound) return std::nullopt;  // a swap looks two rows up
  }
  const std::size_t distance = rows[a.size() % 3][b.size()];
  if (distance > bound) return std::nullopt;
  return distance;
}

std::vector<std::string> nearest(std::span<const std::string> candidates, std::string_view text,
                                 std::size_t limit) {
  const std::size_t bound = steps_of_a_slip(text);
  std::vector<std::pair<std::size_t, std::string_view>> found;
  for (const std::string& candidate : candidates) {
    if (candidate == text || text.empty()) continue;
    if (const auto steps = edit_distance(text, candidate, bound)) {
      found.emplace_back(*steps, candidate);
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  std::vector<std::string> words;
  for (const auto& [steps, word] : found) {
    if (words.size() == limit) break;
    words.emplace_back(word);
  }
  return words;
}

}  // namespace hod
