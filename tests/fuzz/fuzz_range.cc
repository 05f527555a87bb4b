// SPDX-License-Identifier: MIT
// A range that is read prints to a text that reads to the same text; matching never crashes.
#include "core/model/range.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz_text(data, size);
  const auto range = hod::Range::parse(text);
  if (!range) return 0;
  const auto again = hod::Range::parse(range->text());
  HOD_ASSERT(again.has_value() && again->text() == range->text());
  for (const char* version : {"0.0.0", "1.2.3", "1.2.3-beta.1", "999999.0.0"}) {
    const hod::Version parsed = hod::must(hod::Version::parse(version));
    HOD_ASSERT(range->contains(parsed) == again->contains(parsed));
  }
  return 0;
}
