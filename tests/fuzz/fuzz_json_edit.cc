// SPDX-License-Identifier: MIT
// An edit of any valid document gives a valid document that holds the new value.
#include "core/base/json.h"
#include "core/base/json_edit.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz_text(data, size);
  if (!hod::Json::parse(text, "package.json")) return 0;
  const auto edited = hod::json_with(text, {"dependencies", "a"}, hod::Json::string("^1.0.0"),
                                     hod::JsonPlace::sorted, "package.json");
  if (!edited) return 0;
  const hod::Json json = hod::must(hod::Json::parse(*edited, "package.json"));
  const hod::Json* dependencies = json.find("dependencies");
  HOD_ASSERT(dependencies != nullptr && dependencies->find_string("a") != nullptr);
  HOD_ASSERT(*dependencies->find_string("a") == "^1.0.0");
  return 0;
}
