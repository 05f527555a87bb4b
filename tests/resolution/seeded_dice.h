// SPDX-License-Identifier: MIT
// Random numbers that are the same everywhere for the same seed (the standard library's
// distributions are not).
#pragma once

#include <cstddef>
#include <cstdint>

namespace hod::resolution {

class SeededDice {
 public:
  explicit SeededDice(std::uint64_t seed)
      : state_(seed * 0x9E3779B97F4A7C15 + 0x2545F4914F6CDD1D) {}

  std::size_t below(std::size_t limit) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<std::size_t>((state_ >> 11) % limit);
  }
  bool percent(std::size_t chance) { return below(100) < chance; }

 private:
  std::uint64_t state_;
};

}  // namespace hod::resolution
