// SPDX-License-Identifier: MIT
// A record of any bytes is refused or is safe to read everywhere.
#include "core/model/package_metadata.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto metadata = hod::PackageMetadata::open(std::as_bytes(std::span(data, size)), nullptr);
  if (!metadata) return 0;
  for (std::uint32_t i = 0; i < metadata->version_count(); ++i) {
    static_cast<void>(metadata->facts(i));
    for (const auto& edge : metadata->edges(i)) {
      static_cast<void>(metadata->text(edge.alias));
      static_cast<void>(metadata->text(edge.specifier));
    }
  }
  static_cast<void>(metadata->tags());
  return 0;
}
