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
#include "resolver/command_scene.h"

namespace hod::cli {

// hod update --latest: a range of a manifest that is to follow a newer version.
struct RangeMove {
  std::size_t member = 0;
  std::string alias;
  std::string package;    // the name in the registry
  std::string specifier;  // until the version is chosen
};
struct ManifestChange {
  std::string path;  // of the manifest, from the root: "package.json", "web/package.json"
  std::string alias;
  std::string before, after;  // specifiers
};

struct ChangeRequest {
  std::vector<NamedSpecifier> add;
  std::vector<std::string> remove;  // names
  std::vector<RangeMove> moves;
  std::set<std::string> moving;      // names that may move although the lockfile has them; "*": all
  std::vector<std::size_t> members;  // indices into project.members
  std::optional<DependencyField> field;  // none: where it stands, else dependencies
  SaveRule rule;
  std::string start_folder;  // absolute: what folders and archives are relative to
};

class ManifestChanges {
 public:
  explicit ManifestChanges(ChangeRequest request) : request_(std::move(request)) {}

  bool edits() const {
    return !request_.add.empty() || !request_.remove.empty() || !request_.moves.empty();
  }
  bool empty() const { return !edits() && request_.moving.empty(); }
  bool only_moves() const { return request_.add.empty() && request_.remove.empty() && !empty(); }

  // Errors: usage (nothing to remove), and what keeps the name of a git, address or archive source
  // from being known.
  StageResult<void> apply(Project& project, Services& services);
  StageResult<void> settle(Project& project, ResolutionGraph& graph);
  Result<void> save(Project& project) const;

  // Names that may move although the lockfile has them.
  std::set<std::string> moving() const;
  // What is added, for the words of repairs; between apply() and settle().
  std::vector<resolver::CommandScene::Pending> pending(const Project& project) const;
  // "express 5.1.0", for the summary; after settle().
  const std::vector<std::string>& added() const { return added_lines_; }
  const std::vector<ManifestChange>& moved() const { return moved_; }

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
  Result<void> apply_move(Project& project, const RangeMove& move);
  Result<void> settle_one(Project& project, ResolutionGraph& graph, const Added& added);
  Result<void> settle_move(Project& project, ResolutionGraph& graph, const RangeMove& move,
                           ManifestChange& change);

  ChangeRequest request_;
  std::vector<Added> added_;
  std::set<std::size_t> changed_;  // members
  std::vector<std::string> added_lines_;
  std::vector<ManifestChange> moved_;  // one for each of request_.moves until settle()
};

}  // namespace hod::cli
