// SPDX-License-Identifier: MIT
// Any text is read as an .npmrc without a crash, and a project's file never gets a variable's value
// into an address, a credential or a key (T-NET-04).
#include "core/model/npmrc.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view kSecret = "s3cr3t-of-the-user";
  const std::string_view text = fuzz_text(data, size);
  if (text.find(kSecret) != std::string_view::npos) return 0;
  const hod::Environment environment{{{"T", std::string(kSecret)}, {"HOME", "/home/u"}}};
  for (const hod::Trust trust : {hod::Trust::user, hod::Trust::project}) {
    const auto file = hod::read_npmrc(text, {trust, &environment, "/home/u", "/proj", true});
    if (!file || trust == hod::Trust::user) continue;
    for (const hod::NpmrcEntry& entry : file->entries) {
      HOD_ASSERT(entry.key.find(kSecret) == std::string::npos);
      if (hod::project_may_expand(entry.key)) continue;
      HOD_ASSERT(entry.value.dump().find(kSecret) == std::string::npos);
    }
  }
  return 0;
}
