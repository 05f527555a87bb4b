// What every fuzz target starts from: libFuzzer's bytes as text, and a check that reports and
// aborts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/assert.h"

inline std::string_view fuzz_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
