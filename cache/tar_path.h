// Where an entry of a package tarball may be written: the one place that decides it (T-TAR-01,
// T-TAR-02, T-TAR-12).
//
// As npm does: exactly one leading component is dropped, whatever it is called; `.` and empty
// components vanish; invalid UTF-8 becomes U+FFFD. Unlike npm, which drops such entries or bends
// them into the package, an entry that tries to leave makes the whole archive hostile.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace hod::cache {

struct PathLimits {
  std::uint32_t depth = 64;  // components
  std::uint32_t bytes = 1024;
};

// "/"-separated, relative, no `.`, `..` or empty component; "" for what names the package's folder
// itself or lies beside it. Errors: archive_hostile; archive_invalid for a component the file
// system cannot hold.
Result<std::string> path_in_package(std::string_view raw, const PathLimits& limits);

}  // namespace hod::cache
