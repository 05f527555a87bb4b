// Is a package of the global virtual store still what was stored?
// Threads: a checker is of one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cache/link_plan.h"
#include "cache/store.h"

namespace hod::cache {

// stale: every content is right, but some file bears another time than it was stored with.
enum class EntryState : std::uint8_t { right, stale, wrong };

class EntryChecker {
 public:
  // fence: one stat a file (size, time, inode, x bit), and the content of those that differ: copies
  // and mended commands have inodes of their own. sums: the content of all.
  explicit EntryChecker(std::string boot_id) : boot_id_(std::move(boot_id)) {}

  // `folder`: a descriptor of the store's folder; `placed.path` and the links' are below it. All
  // `links` must be of this entry. A package that was stored or proved in another boot is read.
  EntryState check(int folder, const PlacedPackage& placed, const StoredPackage& stored,
                   const std::vector<PlacedLink>& links, Verify strength);

 private:
  bool links_are_right(int folder, const std::vector<PlacedLink>& links) const;
  EntryState check_file(int package, const StoredFile& file, bool command, Verify strength);
  bool content_is_right(int package, const StoredFile& file, std::uint64_t size);

  std::string boot_id_;
  std::string text_;  // of the file being read
};

}  // namespace hod::cache
