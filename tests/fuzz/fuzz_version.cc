// SPDX-License-Identifier: MIT
// A version that is read prints to a text that, read the same way, is an equal version (what was
// read loosely need not be strict: node-semver keeps leading zeros in a prerelease too).
#include "core/model/version.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz_text(data, size);
  for (const hod::Loose loose : {hod::Loose::no, hod::Loose::yes}) {
    const auto version = hod::Version::parse(text, loose);
    // Loose reading may add the hyphen that was left out, and so go over the limit of 256.
    if (!version || version->text().size() > 256) continue;
    const auto again = hod::Version::parse(version->text(), loose);
    HOD_ASSERT(again.has_value() && *again == *version);
  }
  const auto coerced = hod::coerce_version(text, {true, false});
  if (coerced) HOD_ASSERT(hod::Version::parse(coerced->text()).has_value());
  return 0;
}
