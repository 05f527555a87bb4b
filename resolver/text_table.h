// SPDX-License-Identifier: MIT
// Interning: equal texts get equal numbers. Texts are not copied; whoever adds one keeps its bytes
// alive.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace hod::resolver {

class TextTable {
 public:
  TextTable() : slots_(1024, kFree) {}

  struct Added {
    std::uint32_t id = 0;
    bool is_new = false;
  };
  Added add(std::string_view text) {
    if (texts_.size() * 2 >= slots_.size()) grow();
    const std::size_t hash = std::hash<std::string_view>{}(text);
    std::size_t slot = hash & (slots_.size() - 1);
    for (; slots_[slot] != kFree; slot = (slot + 1) & (slots_.size() - 1)) {
      const std::uint32_t id = slots_[slot];
      if (hashes_[id] == hash && texts_[id] == text) return {id, false};
    }
    const auto id = static_cast<std::uint32_t>(texts_.size());
    slots_[slot] = id;
    texts_.push_back(text);
    hashes_.push_back(hash);
    return {id, true};
  }
  // kNoText: never added.
  static constexpr std::uint32_t kNoText = 0xFFFFFFFF;
  std::uint32_t find(std::string_view text) const {
    const std::size_t hash = std::hash<std::string_view>{}(text);
    std::size_t slot = hash & (slots_.size() - 1);
    for (; slots_[slot] != kFree; slot = (slot + 1) & (slots_.size() - 1)) {
      const std::uint32_t id = slots_[slot];
      if (hashes_[id] == hash && texts_[id] == text) return id;
    }
    return kNoText;
  }
  std::string_view text(std::uint32_t id) const { return texts_[id]; }
  std::size_t size() const { return texts_.size(); }

 private:
  static constexpr std::uint32_t kFree = 0xFFFFFFFF;

  void grow() {
    slots_.assign(slots_.size() * 2, kFree);
    for (std::uint32_t id = 0; id < texts_.size(); ++id) {
      std::size_t slot = hashes_[id] & (slots_.size() - 1);
      while (slots_[slot] != kFree) slot = (slot + 1) & (slots_.size() - 1);
      slots_[slot] = id;
    }
  }

  std::vector<std::uint32_t> slots_;  // a power of two of them
  std::vector<std::string_view> texts_;
  std::vector<std::size_t> hashes_;
};

}  // namespace hod::resolver
