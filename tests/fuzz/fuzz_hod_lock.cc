// SPDX-License-Identifier: MIT
// What is read is written back to a text that reads to the same graph.
#include "lockfile/hod_lock.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto graph = hod::lockfile::read_hod_lock(fuzz_text(data, size), "hod.lock");
  if (!graph) return 0;
  const std::string written = hod::lockfile::write_hod_lock(*graph);
  const auto again = hod::lockfile::read_hod_lock(written, "hod.lock");
  HOD_ASSERT(again.has_value() && hod::lockfile::write_hod_lock(*again) == written);
  return 0;
}
