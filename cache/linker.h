// Makes node_modules look like a TreeShape says.
//
// What must stay true:
//  (1) A package folder appears under its final name only when complete: built aside, then renamed.
//  (2) Nothing outside the project's node_modules folders is ever changed or removed, whatever a
//      symlink or a damaged state file claims (T-LINK-06, T-LINK-11).
//  (3) Stopped at any point and run again, the outcome is that of one undisturbed run.
//  (4) The state file is written last.
// Threads: called on one thread; uses the pool for linking.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/link_plan.h"
#include "cache/store.h"
#include "cache/worker_pool.h"
#include "core/base/file.h"
#include "core/base/result.h"

namespace hod::cache {

// node_modules/.hod/state: what is there and what it was made from. Binary, written last.
struct TreeState {
  struct Input {
    std::string path;  // relative to the project's root (manifests, lockfile, .npmrc …)
    // Nothing of time, inode or place: two trees of one lockfile have equal state files.
    bool present = false;
    std::uint64_t size = 0;    // of a file
    std::uint64_t digest = 0;  // xxh3 of its bytes
    friend bool operator==(const Input&, const Input&) = default;
  };
  std::string lock_digest;      // hex
  std::string settings_digest;  // hex: layout, omit, platform …
  std::string boot_id;
  std::vector<Input> inputs;
  TreeShape shape;
};

// The small head of the state file (everything but the shape), for the no-op path: a few µs, no
// SQLite, no thread. Nothing when absent, damaged, of another format version, or when an install
// was stopped in the middle (its journal is still there).
std::optional<TreeState> read_state_head(const std::string& project_root);
std::optional<TreeState> read_state(const std::string& project_root);

// What a look at the tree has shown. Good as long as the project's lock is held.
struct TreeLook;
struct ForgetLook {
  void operator()(TreeLook* look) const;
};
using TreeLookPtr = std::unique_ptr<TreeLook, ForgetLook>;

// Which packages of `shape` are not in place yet, by the state file: only these must be found in
// the store (and fetched) for a plain link_tree(). Sorted. With LinkRequest::repair: give all.
// `look`: for link_tree() with this shape, that it need not look again.
std::vector<PackageIndex> packages_to_place(const std::string& project_root, const TreeShape& shape,
                                            TreeLookPtr* look = nullptr);

// How files come into the tree. automatic: reflink where the file system can, else hard link, else
// copy; the first file tells. Files that must differ from the store's are copied in any case.
enum class ImportMethod : std::uint8_t { automatic, reflink, hardlink, copy };

struct LinkRequest {
  std::string project_root;  // absolute
  const TreeShape* shape = nullptr;
  // By PackageIndex; null where not needed. Those that are held are moved: only packages_to_move().
  std::vector<StoredPackagePtr> contents;
  TreeState state;  // to be written at the end; its `shape` is ignored: *shape is written
  Verify verify = Verify::fence;
  ImportMethod import_method = ImportMethod::automatic;
  // Where spare trees lie (spare.h); empty: none is used. Only with Verify::fence.
  std::string spares;
  TreeLook* look = nullptr;  // of packages_to_place(); used up
  bool repair = false;       // also check what is there (hod ci): missing, cut or edited files
  // Asked now and then, from any thread: to stop? Then the old tree stands (error: interrupted).
  std::function<bool()> interrupted;
  // Packages done and to do; called on the calling thread.
  std::function<void(std::size_t done, std::size_t total)> progress;
};

struct LinkReport {
  std::size_t packages_added = 0, packages_removed = 0, packages_kept = 0;
  std::uint64_t files_linked = 0, files_copied = 0, bytes_copied = 0, folders_made = 0;
  std::uint64_t files_moved = 0;  // of held packages
  std::uint64_t links_made = 0;
  bool whole_root = false;  // there was no tree: all of node_modules is new
  bool from_spare = false;  // it was made ahead; the counts above are of the rest
  // Damaged in the store, or needed but null in `contents`. When not empty, nothing was changed in
  // the tree: fetch them and call again.
  std::vector<PackageIndex> damaged;
  // Indices into shape.packages: folders that are new in this tree. Their scripts have not run.
  std::vector<std::size_t> placed;
  // Packages stored in another boot whose sums and stamps were found right: Store::mark_proved().
  std::vector<PackageIndex> proved;
  // Packages whose files are right but bear other stamps than recorded (a copied cache, a `touch`):
  // Store::damaged_files() puts them right.
  std::vector<PackageIndex> stale;
};

// Old tree or new tree. The caller holds the project's lock. Errors: tree_refused (node_modules or
// a folder above it is a symlink), interrupted, disk_*, permission_denied.
Result<LinkReport> link_tree(const LinkRequest& request, WorkerPool& pool);

// Removes what link_tree() and stopped runs put aside. After the report; the caller holds the lock.
Result<void> empty_trash(const std::string& project_root);

// For a run that has nothing to do: three stats, and empty_trash() if a stopped run left something
// and nobody works here now.
void sweep_leftovers(const std::string& project_root);

// Exclusive lock of a project (node_modules/.hod/lock); waits up to `wait_seconds`, calling
// `waiting` once when it must. Error: project_locked. Released when the descriptor is closed.
Result<Fd> lock_project(const std::string& project_root, unsigned wait_seconds,
                        const std::function<void()>& waiting);

}  // namespace hod::cache
