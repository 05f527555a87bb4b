// SPDX-License-Identifier: MIT
#include "core/model/integrity.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const hod::Integrity integrity = hod::Integrity::parse(fuzz_text(data, size));
  const hod::Integrity again = hod::Integrity::parse(integrity.text());
  HOD_ASSERT(again.text() == integrity.text());
  HOD_ASSERT(integrity.empty() == (integrity.strongest() == nullptr));
  return 0;
}
