// SPDX-License-Identifier: MIT
// Any text gives an error or a record that opens and reads safely.
#include "cache/metadata_cache.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto metadata = hod::cache::parse_packument(fuzz_text(data, size), "a");
  if (!metadata) return 0;
  const auto opened = hod::PackageMetadata::open(metadata->bytes(), nullptr);
  HOD_ASSERT(opened.has_value());
  for (std::uint32_t i = 0; i < opened->version_count(); ++i) static_cast<void>(opened->facts(i));
  return 0;
}
