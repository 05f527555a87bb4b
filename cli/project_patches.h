// SPDX-License-Identifier: MIT
// The patches of a project, from their declaration to the store's entries that take the place of
// the packages they are for. Without any, each step costs nothing.
//
//   patchedDependencies ─read─▶ rules, texts, hashes ─assign─▶ which package gets which
//                                                    ─apply──▶ entries of the store
// Main thread only.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "cache/link_plan.h"
#include "cache/patched_package.h"
#include "cache/store.h"
#include "cli/project.h"
#include "cli/up_to_date.h"
#include "core/base/result.h"
#include "core/model/patches.h"
#include "core/model/resolution_graph.h"

namespace hod::cli {

class ProjectPatches {
 public:
  // Reads all patch files; none is followed out of the project. Errors: manifest_invalid,
  // file_missing, patch_invalid, tree_refused, disk_*.
  static Result<ProjectPatches> read(const Project& project);

  bool empty() const { return files_.empty(); }

  // As a lockfile records them.
  PatchRecord record() const;

  // Which patch each package gets. Errors: patch_unused, manifest_invalid.
  Result<void> assign(const ResolutionGraph& graph);
  // Patched packages are copies with an identity of their own.
  void mark(cache::ShapeOptions& shape) const;

  // Puts each of `contents` (by PackageIndex, null where not needed) that is an archive's in the
  // place of its patched one. `damaged`: packages whose files in the store are not as they were
  // stored, which are left. Errors: patch_failed, disk_*.
  struct Applied {
    std::vector<PackageIndex> damaged;
  };
  Result<Applied> apply(const ResolutionGraph& graph, cache::Store& store,
                        std::vector<cache::StoredPackagePtr>& contents);

  // What the tree is made from.
  void add_inputs(TreeInputs& inputs) const;

 private:
  struct File {
    std::string path;  // in the project
    std::string text;
    cache::Patch patch;
  };
  PatchRules rules_;
  std::vector<File> files_;                  // of rules_.rules
  std::vector<const cache::Patch*> chosen_;  // by PackageIndex, into files_; empty: none at all
  std::set<std::string> made_;               // digests of entries that apply() gave
};

}  // namespace hod::cli
