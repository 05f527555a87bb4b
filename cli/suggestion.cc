// SPDX-License-Identifier: MIT
#include "cli/suggestion.h"

#include <algorithm>
#include <array>

namespace hod::cli {

namespace {

constexpr std::size_t kLongest = 214;  // of a package name; longer words get no suggestion

// Optimal string alignment: insert, delete, replace, swap of neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
  std::array<std::array<std::size_t, kLongest + 1>, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    const auto& two_above = rows[(i + 1) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + cost});
      bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], two_above[j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

std::vector<std::string> nearest_words(std::string_view word,
                                       std::span<const std::string> candidates, std::size_t limit) {
  if (word.empty() || word.size() > kLongest) return {};
  std::size_t allowed = std::clamp<std::size_t>(word.size() / 3, 1, 3);
  std::vector<std::pair<std::size_t, std::string>> found;
  for (const std::string& candidate : candidates) {
    std::size_t difference = candidate.size() > word.size() ? candidate.size() - word.size()
                                                            : word.size() - candidate.size();
    if (difference > allowed || candidate.size() > kLongest || candidate == word) continue;
    std::size_t apart = distance(word, candidate);
    if (apart <= allowed) found.emplace_back(apart, candidate);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  std::vector<std::string> out;
  for (auto& [apart, candidate] : found) {
    if (out.size() < limit) out.push_back(std::move(candidate));
  }
  return out;
}

}  // namespace hod::cli
