// Finding bytes in JSON text many at a time; what json_scan.cc stands on.
//
// Three versions of the inner step (AVX2 + CLMUL, SSE2, portable), chosen once by what the
// processor has; a test holds them against each other. None reads a byte outside [begin, end).
#pragma once

#include <cstdint>

namespace hod::cache {

// `at` stands behind an opening bracket. Returns the place behind the bracket that closes it, or
// null when the text ends before that or nests deeper than `depth_left` further levels.
const char* skip_balanced(const char* at, const char* end, int depth_left);

// The first byte from `at` on that is a quote, a backslash or a control character; `end` when there
// is none. `non_ascii` becomes true when a byte ≥ 0x80 was passed.
const char* find_string_stop(const char* at, const char* end, bool& non_ascii);

enum class BlockMethod : std::uint8_t { portable, sse2, avx2 };
bool block_method_available(BlockMethod method);
const char* skip_balanced_by(BlockMethod method, const char* at, const char* end, int depth_left);

}  // namespace hod::cache
