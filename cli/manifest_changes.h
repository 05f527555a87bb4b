// SPDX-License-Identifier: MIT
// The manifests of a project under `hod add` and `hod remove`: changed in memory, resolved, then
// saved.
//
//   apply():  what is asked for stands in the manifests ("latest" where nothing was written)
//   … the graph is made of them …
//   settle(): the chosen versions stand there ("^5.1.0"), in the graph's importers too
//   save():   to disk, after the lockfile (P1)
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/manifest_edit.h"
#include "cli/project.h"
#include "cli/services.h"
#include "cli/stage.h"
#include "core/model/resolution_graph.h"
#include "core/model/specifier.h"

namespace hod::cli {

struct ChangeRequest {
  std::vector<NamedSpecifier> add;
  std::vector<std::string> remove;       // names
  std::vector<std::size_t> members;      // indices into project.members
  std::optional<DependencyField> field;  // none: where it stands, else dependencies
  SaveRule rule;
  std::string start_folder;  // absolute: what folders and archives are relative to
};

class ManifestChanges {
 public:
  explicit ManifestChanges(ChangeRequest request) : request_(std::move(request)) {}

  bool empty() const { return request_.add.empty() && request_.remove.empty(); }

  // Errors: usage (nothing to remove), and what keeps the name of a git, address or archive source
  // from being known.
  StageResult<void> apply(Project& project, Services& services);
  StageResult<void> settle(Project& project, ResolutionGraph& graph);
  Result<void> save(Project& project) const;

  // Names that may move although the lockfile has them.
  std::set<std::string> moving() const;
  // "express 5.1.0", for the summary; after settle().
  const std::vector<std::string>& added() const { return added_lines_; }

 private:
  struct Added {
    std::size_t member;
    std::string alias;
    const NamedSpecifier* wanted;
    DependencyField field;
  };
  Result<void> apply_add(Project& project, Services& services, std::size_t member,
                         const NamedSpecifier& wanted);
  Result<void> apply_remove(Project& project);
  Result<void> settle_one(Project& project, ResolutionGraph& graph, const Added& added);

  ChangeRequest request_;
  std::vector<Added> added_;
  std::set<std::size_t> changed_;  // members
  std::vector<std::string> added_lines_;
};

}  // namespace hod::cli
