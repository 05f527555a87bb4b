// Link later: on a cold install each file is written once before the user has the tree. What was
// unpacked is held in the store's tmp/ (Store::hold_new), moved into the tree by a rename, and the
// store gets its own copy, by hard links, when the command is over (docs/layouts.md).
//
// What must stay true:
//  (1) Only what goes into the tree exactly as it was unpacked is moved, and each package once.
//  (2) The store takes back only files whose sums are still those of the tarball.
//  (3) Stopped anywhere, the tree is right; what the store lacks is fetched again when it is next
//      needed.
// Threads: packages_to_move() pure but for reads; the keeper in a process of its own.
#pragma once

#include <string>
#include <vector>

#include "cache/link_plan.h"
#include "cache/store.h"
#include "core/base/file.h"
#include "core/base/result.h"

namespace hod::cache {

// Which held packages of `contents` (by PackageIndex) can be moved to where `shape` wants them:
// placed once, no copies wanted, nothing of their own to be left out, commands that run as they
// are. Sorted.
std::vector<PackageIndex> packages_to_move(const TreeShape& shape,
                                           const std::vector<StoredPackagePtr>& contents);

// Can folders be renamed from the cache into the project, would they have the modes that a linked
// tree has under this umask, and are hard links what its files are made of (not reflinks, which are
// independent of the store)? Tries it, in the cache's tmp/ and the project's node_modules/.hod,
// which exists.
bool can_move(const std::string& cache_root, const std::string& project_root);

// Where the cost of keeping is noted (read_ledger()), and the lock that keepers hold shared.
std::string keeper_folder(const std::string& cache_root);
Result<Fd> lock_keepers(const std::string& cache_root);

struct KeepOrder {
  struct Package {
    StoredPackagePtr held;  // as it was unpacked
    std::string folder;     // where it stands now, absolute
  };
  std::string cache_root;
  StoreOptions store;
  std::vector<Package> packages;
  std::vector<Fd> locks;  // of Store::hand_over(), and of keepers
};

// Stores them, on all processors; what changed meanwhile is left out, and nothing is done for a
// cache that was removed meanwhile. Errors: disk_*, cache_*.
Result<void> keep_packages(const KeepOrder& order);

}  // namespace hod::cache
