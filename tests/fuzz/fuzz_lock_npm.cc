// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz_foreign_lock.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz_foreign_lock(hod::lockfile::ForeignFormat::npm, fuzz_text(data, size));
}
