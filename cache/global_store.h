// The global virtual store: packages of the isolated layout that live once per machine, in the
// cache, complete with links to what they depend on (docs/layouts.md):
//
//   <cache>/links/v1/<name>@<version>/<closure key>/node_modules/<name>/    hard links to the store
//   <cache>/links/v1/<name>@<version>/<closure key>/node_modules/<dep>      → ../../../<dep>@…
//
// A project's tree has one symlink a direct dependency, and folders of its own only for what cannot
// be shared (global_store_keys.h).
//
// What must stay true:
//  (1) An entry is visible only when complete: built aside, then renamed. Whoever comes second
//      takes what the first one made.
//  (2) An entry never changes; a damaged one is exchanged for a whole one, by one rename.
//  (3) Before a tree leads to an entry, the project's record names it (global_store_projects.h).
// Order of calls: open, assign, unproved, complete. Threads: one; complete() uses the pool.
#pragma once

#include <string>
#include <vector>

#include "cache/global_store_projects.h"
#include "cache/linker.h"
#include "cache/store_layout.h"
#include "core/base/result.h"

namespace hod::cache {

class GlobalStore {
 public:
  // Takes the lock that keeps the collector away, for as long as the object lives.
  // Errors: cache_refused, cache_locked, disk_*.
  static Result<GlobalStore> open(const std::string& cache_root, CacheOwner owner,
                                  const std::string& project_root);

  // Fills `options.shared`. `graph` must outlive the object.
  void assign(const ResolutionGraph& graph, ShapeOptions& options);

  // Packages here that this project's record does not name.
  std::vector<PackageIndex> fresh() const;

  // Packages whose contents complete() needs: entries that are not there, and those that this
  // project has not had proved lately (`everything`: all of them). One stat an entry. Sorted.
  std::vector<PackageIndex> unproved(bool everything);

  // Proves and makes what unproved() gave, and writes the project's record. Of `request` count:
  // contents, verify, import_method, interrupted. The report's `damaged`, `proved` and `stale` are
  // those of link_tree(), packages_added and the files what was made. With damaged packages nothing
  // was made: fetch them and call again. Errors: interrupted, disk_*.
  Result<LinkReport> complete(const LinkRequest& request, WorkerPool& pool);

 private:
  struct Part;

  GlobalStore(StoreLayout layout, std::string project_root);
  const ProjectRecord::Entry* recorded(const std::string& entry) const;
  bool is_trusted(const std::string& entry, std::int64_t now) const;
  std::vector<Part> parts_of(const std::vector<PackageIndex>& packages) const;
  std::vector<Part> wrong_of(std::vector<Part> parts, const LinkRequest& request, WorkerPool& pool,
                             LinkReport& report) const;
  Result<LinkReport> make(std::vector<Part> parts, const LinkRequest& request,
                          WorkerPool& pool) const;
  Result<void> publish(const std::vector<Part>& parts, int stage) const;
  Result<void> publish_one(int stage, const std::string& staged, const std::string& entry,
                           bool replace) const;
  Result<void> record() const;

  StoreLayout layout_;  // with its lock
  std::string folder_;
  std::string project_root_;
  std::string boot_id_;
  ProjectRecord last_;
  const ResolutionGraph* graph_ = nullptr;
  ShapeOptions options_;
  std::vector<std::string> entries_;    // by PackageIndex; "" = in the project
  std::vector<PackageIndex> shared_;    // one package for each entry, by entry name
  std::vector<PackageIndex> unproved_;  // of shared_
  std::vector<bool> present_;           // by PackageIndex, of unproved_: there when looked for
};

}  // namespace hod::cache
