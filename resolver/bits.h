// SPDX-License-Identifier: MIT
// Sets of a package's versions: one bit a version in ascending order, and one more for "none of
// them". All sets over one package have the same number of words, so the operations below take two
// sets of equal length.
//
// A Bits is a view; its words live in a BitArena, or in whatever the maker says. Sets are written
// only while being made.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace hod::resolver {

using Word = std::uint64_t;
inline constexpr std::uint32_t kWordBits = 64;

constexpr std::uint32_t words_for(std::uint32_t bits) { return (bits + kWordBits - 1) / kWordBits; }

struct Bits {
  Word* words = nullptr;
  std::uint32_t count = 0;  // words

  bool null() const { return words == nullptr; }
  bool has(std::uint32_t bit) const { return (words[bit / kWordBits] >> (bit % kWordBits)) & 1; }
  void set(std::uint32_t bit) const { words[bit / kWordBits] |= Word{1} << (bit % kWordBits); }
  void clear(std::uint32_t bit) const { words[bit / kWordBits] &= ~(Word{1} << (bit % kWordBits)); }

  bool empty() const {
    Word all = 0;
    for (std::uint32_t i = 0; i < count; ++i) all |= words[i];
    return all == 0;
  }
  std::uint32_t size() const {
    std::uint32_t bits = 0;
    for (std::uint32_t i = 0; i < count; ++i)
      bits += static_cast<std::uint32_t>(std::popcount(words[i]));
    return bits;
  }
  bool within(Bits other) const {
    Word outside = 0;
    for (std::uint32_t i = 0; i < count; ++i) outside |= words[i] & ~other.words[i];
    return outside == 0;
  }
  bool meets(Bits other) const {
    Word common = 0;
    for (std::uint32_t i = 0; i < count; ++i) common |= words[i] & other.words[i];
    return common != 0;
  }
  bool same(Bits other) const { return std::memcmp(words, other.words, count * sizeof(Word)) == 0; }

  void assign(Bits other) const { std::memcpy(words, other.words, count * sizeof(Word)); }
  void keep(Bits other) const {
    for (std::uint32_t i = 0; i < count; ++i) words[i] &= other.words[i];
  }
  void add(Bits other) const {
    for (std::uint32_t i = 0; i < count; ++i) words[i] |= other.words[i];
  }
  void drop(Bits other) const {
    for (std::uint32_t i = 0; i < count; ++i) words[i] &= ~other.words[i];
  }
  void set_range(std::uint32_t from, std::uint32_t to) const {  // [from, to)
    for (std::uint32_t bit = from; bit < to;) {
      if (bit % kWordBits == 0 && to - bit >= kWordBits) {
        words[bit / kWordBits] = ~Word{0};
        bit += kWordBits;
      } else {
        set(bit++);
      }
    }
  }

  // The highest member below `bit`, or kNoBit.
  static constexpr std::uint32_t kNoBit = 0xFFFFFFFF;
  std::uint32_t below(std::uint32_t bit) const {
    if (bit == 0) return kNoBit;
    std::uint32_t word = (bit - 1) / kWordBits;
    const std::uint32_t shift = kWordBits - 1 - (bit - 1) % kWordBits;
    Word rest = (words[word] << shift) >> shift;
    while (rest == 0) {
      if (word == 0) return kNoBit;
      rest = words[--word];
    }
    return word * kWordBits + kWordBits - 1 - static_cast<std::uint32_t>(std::countl_zero(rest));
  }
  std::uint32_t highest() const { return below(count * kWordBits); }
  // The only member, or kNoBit when there is none or there are several.
  std::uint32_t only() const {
    const std::uint32_t top = highest();
    return top != kNoBit && below(top) == kNoBit ? top : kNoBit;
  }
};

// Words for many small sets, freed together or back to a mark.
class BitArena {
 public:
  struct Mark {
    std::size_t block = 0;
    std::size_t used = 0;
  };

  Bits zero(std::uint32_t count) {
    const Bits bits = take(count);
    std::memset(bits.words, 0, count * sizeof(Word));
    return bits;
  }
  Bits copy(Bits other) {
    const Bits bits = take(other.count);
    bits.assign(other);
    return bits;
  }
  Mark mark() const { return {block_, used_}; }
  void release(Mark mark) {
    block_ = mark.block;
    used_ = mark.used;
  }

 private:
  static constexpr std::size_t kBlockWords = 4096;
  struct Block {
    std::unique_ptr<Word[]> words;
    std::size_t size = 0;
  };

  Bits take(std::uint32_t count) {
    while (block_ < blocks_.size() && blocks_[block_].size - used_ < count) {
      ++block_;
      used_ = 0;
    }
    if (block_ == blocks_.size()) {
      const std::size_t size = std::max<std::size_t>(blocks_.empty() ? 512 : kBlockWords, count);
      blocks_.push_back({std::make_unique_for_overwrite<Word[]>(size), size});
      used_ = 0;
    }
    Word* words = blocks_[block_].words.get() + used_;
    used_ += count;
    return {words, count};
  }

  std::vector<Block> blocks_;
  std::size_t block_ = 0;
  std::size_t used_ = 0;
};

}  // namespace hod::resolver
