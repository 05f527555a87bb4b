// SPDX-License-Identifier: MIT
// One random universe, solved twice: by the solver and by trying everything.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hod::resolution {

struct Comparison {
  std::size_t universes = 0;
  std::size_t solvable = 0;
  std::size_t unsolvable = 0;
  std::size_t skipped = 0;
  std::size_t exact = 0, one_more = 0, worse = 0;  // against the fewest packages there can be
  std::vector<std::string> differences;
  void add(const Comparison& other);
};
Comparison compare(std::uint64_t seed, bool fewest);

}  // namespace hod::resolution
