// Spare trees: a whole node_modules made in advance, so that an install of the same tree is one
// rename and one stat a file (docs/layouts.md, "Link ahead"). Below <cache>/store/v1/spares/:
//
//   <key>/node_modules/   the tree, without state file: hard links to the store
//   <key>/record          what it cost, in which boot it was made
//   lock                  held by whoever makes one; released when its process ends
//   new-*/ old-*/         being made, being removed; swept by the next holder of the lock
//   ledger                what was made so far
//
// The key is a digest of everything that is placed below the project's node_modules, so it fits any
// project that wants the same tree on the same file system. What a project has beyond (members'
// node_modules, state file) is linked as always.
//
// What must stay true:
//  (1) A spare is visible only when complete and when the sum of each of its files was right.
//  (2) Before a spare is used each file passes the fence and each link is read; one of another
//      boot is never used (not all of it must have reached the disk).
//  (3) Making one touches nothing but spares/.
// Threads: take_spare() on the installing thread; the maker in a process of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/linker.h"
#include "cache/tree_changes.h"

namespace hod::cache {

// Moves the spare of request.spares that is what `changes` would build for node_modules into the
// staging folder. What is left to build then; nothing: there is none that fits.
std::optional<TreeChanges> take_spare(const LinkRequest& request, const TreeChanges& changes,
                                      int stage, WorkerPool& pool);

// What a spare is made of. `shape` may hold more than a project's node_modules; only that counts.
struct SpareOrder {
  std::string cache_root;
  std::string project_root;  // whose file system it has to be on
  TreeShape shape;
  std::vector<StoredPackagePtr> contents;
  ImportMethod import_method = ImportMethod::automatic;
  std::size_t fewest_files = 1000;  // below, linking takes some 10 ms
};

struct SpareRecord {
  std::uint64_t files = 0, folders = 0, links = 0;
  std::uint64_t bytes = 0;   // disk space: folders, and files that are no links
  std::uint64_t cpu_ms = 0;  // of making it
  std::int64_t made_at = 0;  // seconds since the epoch
  bool copies = false;       // its files are copies: links were refused
  std::string boot_id;
};

// Made in two steps, so that the lock is held before the command's process ends and who waits for
// it (the benchmark) cannot miss the maker.
class SpareMaker {
 public:
  // Foreground, a few system calls. Nothing: another maker is at work, there is such a spare, the
  // tree is too small to be worth one, or the cache is on another file system than the project.
  static std::optional<SpareMaker> begin(SpareOrder order);

  // Background. Removes what is too much or too old before. Error: disk_*, interrupted (it took
  // too long); then nothing is left behind.
  Result<void> run();

  int lock() const { return lock_.get(); }

 private:
  SpareMaker(SpareOrder order, std::string key, Fd lock)
      : order_(std::move(order)), key_(std::move(key)), lock_(std::move(lock)) {}
  Result<SpareRecord> build(const std::string& place);

  SpareOrder order_;
  std::string key_;
  Fd lock_;
};

std::string spare_folder(const std::string& cache_root);

struct SpareEntry {
  std::string key;
  SpareRecord record;
};
// Newest first.
std::vector<SpareEntry> list_spares(const std::string& cache_root);

// What work after commands (here, and handover.h) has cost since the cache was made: the file
// `ledger` of a folder.
struct Ledger {
  std::uint64_t made = 0, cpu_ms = 0;
  std::uint64_t last_cpu_ms = 0, last_bytes = 0;
};
Ledger read_ledger(const std::string& folder);

// For the collector: removes spares made before `oldest` (seconds since the epoch) and what stopped
// makers left. While a maker is at work: nothing. Returns how many spares went.
Result<std::size_t> remove_spares(const std::string& cache_root, std::int64_t oldest);

}  // namespace hod::cache
