// SPDX-License-Identifier: MIT
#include "cache/json_blocks.h"

#include <random>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace hod::cache;

namespace {

// The obvious way: one byte at a time. Returns the offset behind the closing bracket, or -1.
long plain_skip(std::string_view text, int depth_left) {
  int depth = 1;
  bool in_string = false;
  bool escaped = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '"' && !escaped) in_string = !in_string;
    escaped = c == '\\' && !escaped;
    if (in_string) continue;
    if (c == '{' || c == '[') {
      if (++depth > depth_left + 1) return -1;
    }
    if ((c == '}' || c == ']') && --depth == 0) return static_cast<long>(i) + 1;
  }
  return -1;
}

long skip_by(BlockMethod method, std::string_view text, int depth_left) {
  const char* behind = skip_balanced_by(method, text.data(), text.data() + text.size(), depth_left);
  return behind == nullptr ? -1 : behind - text.data();
}

}  // namespace

TEST_CASE("every way of skipping brackets agrees with the obvious one") {
  std::mt19937 random(20261120);
  constexpr std::string_view kBytes = "{}[]\"\\\\\"\"ab,: {}";
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    std::size_t size = random() % 300;
    bool mostly_plain = random() % 2 == 0;
    for (std::size_t i = 0; i < size; ++i) {
      text += mostly_plain && random() % 8 != 0 ? 'x' : kBytes[random() % kBytes.size()];
    }
    int depth_left = static_cast<int>(random() % 12);
    long expected = plain_skip(text, depth_left);
    for (BlockMethod method : {BlockMethod::portable, BlockMethod::sse2, BlockMethod::avx2}) {
      if (!block_method_available(method)) continue;
      if (skip_by(method, text, depth_left) == expected) continue;
      CAPTURE(text);
      CAPTURE(static_cast<int>(method));
      REQUIRE(skip_by(method, text, depth_left) == expected);
    }
  }
}

TEST_CASE("long runs of backslashes end where they end, at every place of a block") {
  for (std::size_t before = 0; before < 130; ++before) {
    for (std::size_t run = 0; run < 6; ++run) {
      std::string text = std::string(before, ' ') + "\"" + std::string(run, '\\') + "\"}\"}";
      long expected = plain_skip(text, 10);
      for (BlockMethod method : {BlockMethod::portable, BlockMethod::sse2, BlockMethod::avx2}) {
        if (block_method_available(method)) CHECK(skip_by(method, text, 10) == expected);
      }
    }
  }
}

TEST_CASE("a string's end is found at every distance, and bytes beyond ASCII are noticed") {
  for (std::size_t length = 0; length < 70; ++length) {
    for (char stop : {'"', '\\', '\n', '\0'}) {
      std::string text = std::string(length, 'x') + stop + "\xff\xff";
      bool non_ascii = false;
      CHECK(find_string_stop(text.data(), text.data() + text.size(), non_ascii) ==
            text.data() + length);
      CHECK_FALSE(non_ascii);
    }
    for (std::size_t at = 0; at < length; ++at) {
      std::string text = std::string(length, 'x') + "\"";
      text[at] = '\xc3';
      bool non_ascii = false;
      find_string_stop(text.data(), text.data() + text.size(), non_ascii);
      CHECK(non_ascii);
    }
  }
}
