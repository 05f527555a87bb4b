// SPDX-License-Identifier: MIT
// Lockfiles of other managers: what can be read can be written as hod.lock and read back; nothing
// leaves unchecked.
#pragma once

#include "lockfile/foreign_lock.h"
#include "lockfile/hod_lock.h"
#include "tests/fuzz/fuzz_input.h"

inline int fuzz_foreign_lock(hod::lockfile::ForeignFormat format, std::string_view text) {
  using namespace hod;
  static const Manifest manifest = must(Manifest::parse(
      R"({"name": "app", "dependencies": {"a": "^1", "b": "github:u/r", "c": "file:../c"}})", "",
      Strict::yes));
  static const Requirements requirements = must(Requirements::of_manifests({{".", &manifest}}));
  const auto lock = lockfile::read_foreign_lock(format, text, "lockfile", requirements);
  if (!lock || lock->unknown.integrity) return 0;
  const std::string written = lockfile::write_hod_lock(lock->graph);
  const auto again = lockfile::read_hod_lock(written, "hod.lock");
  HOD_ASSERT(again.has_value() && lockfile::write_hod_lock(*again) == written);
  return 0;
}
