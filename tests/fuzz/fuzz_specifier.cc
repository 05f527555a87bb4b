// SPDX-License-Identifier: MIT
#include "core/model/specifier.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz_text(data, size);
  const auto specifier = hod::Specifier::parse(text);
  if (specifier) HOD_ASSERT(specifier->text() == text);
  const auto named = hod::parse_named_specifier(text);
  if (named && named->name) HOD_ASSERT(hod::PackageName::parse(named->name->text()).has_value());
  return 0;
}
