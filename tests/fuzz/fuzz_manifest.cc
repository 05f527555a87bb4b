// SPDX-License-Identifier: MIT
// Whatever is read has only names that are safe as folders and bins that stay inside.
#include "core/model/manifest.h"
#include "core/model/package_name.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const hod::Strict strict : {hod::Strict::no, hod::Strict::yes}) {
    const auto manifest = hod::Manifest::parse(fuzz_text(data, size), "package.json", strict);
    if (!manifest) continue;
    for (const hod::Dependency& dependency : manifest->dependencies) {
      HOD_ASSERT(hod::PackageName::parse(dependency.alias).has_value());
    }
    for (const hod::Bin& bin : manifest->bins) {
      HOD_ASSERT(hod::bin_name_is_safe(bin.name));
      HOD_ASSERT(!bin.path.empty() && bin.path[0] != '/' && bin.path.find("../") != 0);
    }
  }
  return 0;
}
