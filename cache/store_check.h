// Are a stored package's files still what was stored?
// Threads: pure but for the disk; any.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cache/store.h"

namespace hod::cache {

struct CheckedPackage {
  std::vector<std::string> damaged;  // paths whose content is not what was stored, or that are gone
  // The files' list with their stamps as they are now, where some had others than recorded. Empty
  // otherwise.
  std::vector<StoredFile> restamped;
};

// Sums are taken of all files (Verify::sums) or only of those whose stamp differs. A right file
// with a wrong time gets its time back, unless it is of the read-only layer.
CheckedPackage check_package(const StoredPackage& package, Verify strength);

// The same for a package whose sums somebody has just taken: of files that have only another inode
// none is taken again.
CheckedPackage check_just_read(const StoredPackage& package);

}  // namespace hod::cache
