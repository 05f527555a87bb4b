// SPDX-License-Identifier: MIT
// 64 bytes at a time: one bit a byte says "quote", "backslash", "opening", "closing"; arithmetic on
// these words finds which brackets stand outside strings. The method is that of Langdale and
// Lemire, "Parsing gigabytes of JSON per second" (2019).
//
// What must stay true:
//  (1) `Carry` holds all that a block has to know of the blocks before it; the result does not
//      depend on where blocks begin.
//
//  (2) A last part shorter than 64 bytes is copied into a padded block; the text itself is never
//      over-read.
#include "cache/json_blocks.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace hod::cache {

namespace {

constexpr std::size_t kBlock = 64;
constexpr std::uint64_t kEvenBits = 0x5555555555555555U;
// '[' and '{', ']' and '}' differ in this bit only, and no other byte becomes one of the curly ones
// by setting it.
constexpr unsigned char kCurlyBit = 0x20;

struct Masks {
  std::uint64_t quote, backslash, opening, closing;
};

struct Carry {
  std::uint64_t escaped = 0;    // 1: the next block's first byte is escaped
  std::uint64_t in_string = 0;  // all ones: the next block begins inside a string
};

// Which bytes stand behind an odd number of backslashes.
inline std::uint64_t escaped_bytes(std::uint64_t backslash, Carry& carry) {
  if (backslash == 0) {
    std::uint64_t escaped = carry.escaped;
    carry.escaped = 0;
    return escaped;
  }
  backslash &= ~carry.escaped;
  std::uint64_t follows = backslash << 1 | carry.escaped;
  std::uint64_t odd_starts = backslash & ~kEvenBits & ~follows;
  std::uint64_t even_runs = 0;
  carry.escaped = __builtin_add_overflow(odd_starts, backslash, &even_runs) ? 1 : 0;
  return (kEvenBits ^ (even_runs << 1)) & follows;
}

inline std::uint64_t parity_by_shifts(std::uint64_t bits) {
  for (unsigned distance = 1; distance < kBlock; distance *= 2) bits ^= bits << distance;
  return bits;
}

// The depth after a block, or where in it the depth reaches 0.
struct Step {
  int depth;
  int closed_at;  // -1: not in this block
};

inline Step walk_brackets(std::uint64_t opening, std::uint64_t closing, int depth, int limit) {
  for (std::uint64_t both = opening | closing; both != 0; both &= both - 1) {
    int bit = std::countr_zero(both);
    if ((opening >> bit & 1) != 0) {
      if (++depth > limit) return {depth, -1};
    } else if (--depth == 0) {
      return {0, bit};
    }
  }
  return {depth, -1};
}

// The block at `at`; the last one, which is cut, with blanks behind it.
__attribute__((always_inline)) inline const char* whole_block(const char* at, const char* end,
                                                              std::array<char, kBlock>& padded) {
  const auto left = static_cast<std::size_t>(end - at);
  if (left >= kBlock) return at;
  padded.fill(' ');
  std::memcpy(padded.data(), at, left);
  return padded.data();
}

template <class Load, class Parity>
__attribute__((always_inline)) inline const char* skip_by(const char* at, const char* end,
                                                          int depth_left, Load load,
                                                          Parity parity) {
  Carry carry;
  int depth = 1;
  std::array<char, kBlock> padded;
  while (at < end) {
    const char* block = whole_block(at, end, padded);
    Masks masks = load(block);
    std::uint64_t quotes = masks.quote & ~escaped_bytes(masks.backslash, carry);
    std::uint64_t in_string = parity(quotes) ^ carry.in_string;
    carry.in_string = 0 - (in_string >> 63);
    std::uint64_t opening = masks.opening & ~in_string;
    std::uint64_t closing = masks.closing & ~in_string;
    if ((opening | closing) != 0) {
      Step step = walk_brackets(opening, closing, depth, depth_left + 1);
      if (step.closed_at >= 0) return at + step.closed_at + 1;
      if (step.depth > depth_left + 1) return nullptr;
      depth = step.depth;
    }
    at += kBlock;
  }
  return nullptr;
}

Masks load_portable(const char* block) {
  Masks masks{};
  for (std::size_t i = 0; i < kBlock; ++i) {
    auto byte = static_cast<unsigned char>(block[i]);
    std::uint64_t bit = std::uint64_t{1} << i;
    if (byte == '"') masks.quote |= bit;
    if (byte == '\\') masks.backslash |= bit;
    if ((byte | kCurlyBit) == '{') masks.opening |= bit;
    if ((byte | kCurlyBit) == '}') masks.closing |= bit;
  }
  return masks;
}

const char* skip_portable(const char* at, const char* end, int depth_left) {
  return skip_by(at, end, depth_left, load_portable, parity_by_shifts);
}

#if defined(__x86_64__)

inline std::uint64_t equal_sse2(const __m128i* bytes, char wanted) {
  __m128i pattern = _mm_set1_epi8(wanted);
  std::uint64_t mask = 0;
  for (int i = 0; i < 4; ++i) {
    auto part = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes[i], pattern)));
    mask |= std::uint64_t{part} << (16 * i);
  }
  return mask;
}

inline Masks load_sse2(const char* block) {
  __m128i bytes[4];
  __m128i curly[4];
  for (int i = 0; i < 4; ++i) {
    bytes[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * i));
    curly[i] = _mm_or_si128(bytes[i], _mm_set1_epi8(kCurlyBit));
  }
  return {equal_sse2(bytes, '"'), equal_sse2(bytes, '\\'), equal_sse2(curly, '{'),
          equal_sse2(curly, '}')};
}

const char* skip_sse2(const char* at, const char* end, int depth_left) {
  return skip_by(at, end, depth_left, load_sse2, parity_by_shifts);
}

#define HOD_AVX2 __attribute__((target("avx2,pclmul,bmi,bmi2,popcnt")))

HOD_AVX2 inline std::uint64_t equal_avx2(__m256i low, __m256i high, char wanted) {
  __m256i pattern = _mm256_set1_epi8(wanted);
  auto a = static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, pattern)));
  auto b = static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, pattern)));
  return a | std::uint64_t{b} << 32;
}

// Written out and not by skip_by: a lambda or function of another target cannot be inlined into it.
HOD_AVX2 const char* skip_avx2(const char* at, const char* end, int depth_left) {
  const __m256i curly = _mm256_set1_epi8(kCurlyBit);
  const __m128i ones = _mm_set1_epi8(-1);
  Carry carry;
  int depth = 1;
  std::array<char, kBlock> padded;
  while (at < end) {
    const char* block = whole_block(at, end, padded);
    __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block));
    __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block + 32));
    std::uint64_t quotes =
        equal_avx2(low, high, '"') & ~escaped_bytes(equal_avx2(low, high, '\\'), carry);
    __m128i quote_word = _mm_set_epi64x(0, static_cast<long long>(quotes));
    auto parity =
        static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_clmulepi64_si128(quote_word, ones, 0)));
    std::uint64_t in_string = parity ^ carry.in_string;
    carry.in_string = 0 - (in_string >> 63);
    low = _mm256_or_si256(low, curly);
    high = _mm256_or_si256(high, curly);
    std::uint64_t opening = equal_avx2(low, high, '{') & ~in_string;
    std::uint64_t closing = equal_avx2(low, high, '}') & ~in_string;
    int opened = __builtin_popcountll(opening);
    int closed = __builtin_popcountll(closing);
    if (closed < depth && depth + opened <= depth_left + 1) {
      depth += opened - closed;
    } else {
      Step step = walk_brackets(opening, closing, depth, depth_left + 1);
      if (step.closed_at >= 0) return at + step.closed_at + 1;
      if (step.depth > depth_left + 1) return nullptr;
      depth = step.depth;
    }
    at += kBlock;
  }
  return nullptr;
}

#endif

using Skip = const char* (*)(const char*, const char*, int);

Skip method_of(BlockMethod method) {
  switch (method) {
#if defined(__x86_64__)
    case BlockMethod::avx2:
      return skip_avx2;
    case BlockMethod::sse2:
      return skip_sse2;
#else
    case BlockMethod::avx2:
    case BlockMethod::sse2:
#endif
    case BlockMethod::portable:
      break;
  }
  return skip_portable;
}

Skip best_method() {
  for (BlockMethod method : {BlockMethod::avx2, BlockMethod::sse2}) {
    if (block_method_available(method)) return method_of(method);
  }
  return skip_portable;
}

}  // namespace

bool block_method_available(BlockMethod method) {
#if defined(__x86_64__)
  if (method == BlockMethod::avx2) {
    return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("pclmul") != 0 &&
           __builtin_cpu_supports("bmi2") != 0 && __builtin_cpu_supports("popcnt") != 0;
  }
  return true;
#else
  return method == BlockMethod::portable;
#endif
}

const char* skip_balanced_by(BlockMethod method, const char* at, const char* end, int depth_left) {
  return method_of(method)(at, end, depth_left);
}

const char* skip_balanced(const char* at, const char* end, int depth_left) {
  static const Skip best = best_method();
  return best(at, end, depth_left);
}

const char* find_string_stop(const char* at, const char* end, bool& non_ascii) {
#if defined(__x86_64__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i last_control = _mm_set1_epi8(0x1f);
  while (end - at >= 16) {
    __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    __m128i stop = _mm_or_si128(
        control, _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)));
    auto stops = static_cast<unsigned>(_mm_movemask_epi8(stop));
    auto high = static_cast<unsigned>(_mm_movemask_epi8(bytes));
    if (stops != 0) {
      int first = std::countr_zero(stops);
      if ((high & ((1U << first) - 1)) != 0) non_ascii = true;
      return at + first;
    }
    if (high != 0) non_ascii = true;
    at += 16;
  }
#endif
  for (; at < end; ++at) {
    auto byte = static_cast<unsigned char>(*at);
    if (byte == '"' || byte == '\\' || byte < 0x20) return at;
    if (byte >= 0x80) non_ascii = true;
  }
  return end;
}

}  // namespace hod::cache
