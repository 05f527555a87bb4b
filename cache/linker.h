// Makes node_modules look like a TreeShape says.
//
// What must stay true:
//  (1) A package folder appears under its final name only when complete: built aside, then renamed.
//  (2) Nothing outside the project's node_modules folders is ever changed or removed, whatever a symlink claims (T-LINK-06, -11).
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
    FileStamp stamp;
    std::uint64_t digest = 0;  // xxh3 of its bytes
  };
  std::string lock_digest;      // hex
  std::string settings_digest;  // hex: layout, omit, platform …
  std::string boot_id;
  std::vector<Input> inputs;
  TreeShape shape;
};

// The small head of the state file (everything but the shape), for the no-op path: a few µs, no SQLite, no thread.
// Nothing when absent, damaged or of another format version.
std::optional<TreeState> read_state_head(const std::string& project_root);
std::optional<TreeState> read_state(const std::string& project_root);

struct LinkRequest {
  std::string project_root;                  // absolute
  const TreeShape* shape = nullptr;
  std::vector<StoredPackagePtr> contents;    // by PackageIndex; null where not wanted
  std::vector<std::string> directories;      // by PackageIndex: for directory and link sources the absolute folder, else ""
  TreeState state;                           // to be written at the end; its `shape` is filled by link_tree
  Verify verify = Verify::fence;
  bool repair = false;                       // also check what is there (hod ci): missing, cut or edited files
  std::function<void(std::size_t done, std::size_t total)> progress;  // packages; called on the calling thread
};

struct LinkReport {
  std::size_t packages_added = 0, packages_removed = 0, packages_kept = 0;
  std::uint64_t files_linked = 0, files_copied = 0, bytes_copied = 0, folders_made = 0, links_made = 0;
  std::vector<PackageIndex> damaged;  // found damaged in the store: nothing was changed in the tree; fetch them and call again
};

// Old tree or new tree. Errors: tree_refused (node_modules is a symlink or not ours), disk_*, interrupted.
Result<LinkReport> link_tree(const LinkRequest& request, WorkerPool& pool, Store& store);

// Exclusive lock of a project (node_modules/.hod/lock); waits up to `wait_seconds`, calling `waiting` once when it must.
// Error: project_locked. Released when the returned descriptor is closed.
Result<Fd> lock_project(const std::string& project_root, unsigned wait_seconds, const std::function<void()>& waiting);

}  // namespace hod::cache
