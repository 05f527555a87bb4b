// SPDX-License-Identifier: MIT
// Where the project is and what its manifests say. Finding is a few stats; opening reads every
// package.json of it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/file.h"
#include "core/base/result.h"
#include "core/model/manifest.h"
#include "core/model/requirements.h"
#include "core/model/workspace_file.h"

namespace hod::cli {

struct ProjectPlace {
  std::string root;  // absolute: the folder of hod.lock and node_modules
  std::string member =
      ".";  // where the command was started: the member's path relative to the root
};

// From `folder` (absolute) upwards: the nearest package.json; when a package.json above it is a
// workspace that counts this folder in, that one is the root. Error: manifest_missing.
Result<ProjectPlace> find_project(const std::string& folder);

struct ProjectMember {
  std::string path;  // relative to the root, "." for itself
  Manifest manifest;
  std::optional<FileStamp> stamp;  // of the manifest's file, taken before it was read
};

struct Project {
  std::string root;
  std::vector<ProjectMember> members;           // sorted by path, the root "." first
  std::size_t current = 0;                      // index of the member the command was started in
  std::optional<WorkspaceFile> workspace_file;  // pnpm-workspace.yaml
  std::string workspace_text;
  std::vector<std::string> watched;  // folders whose entries decide who is a member, relative

  static constexpr std::string_view kWorkspaceFile = "pnpm-workspace.yaml";

  bool is_workspace() const { return members.size() > 1; }
  const ProjectMember& root_member() const { return members.front(); }
  std::string folder_of(const ProjectMember& member) const;         // absolute
  std::string manifest_path_of(const ProjectMember& member) const;  // absolute
  std::optional<std::size_t> find_member(const std::string& path) const;
  // What all of them ask for together. Errors: those of Requirements::of_manifests.
  Result<Requirements> requirements() const;
};

// Errors: json_invalid, manifest_invalid, workspace_invalid, disk_*.
Result<Project> open_project(const ProjectPlace& place);

// The same with the manifest of place.member alone, for commands that need no other.
Result<Project> open_member(const ProjectPlace& place);

// Replaces a member's manifest by an edited text (hod add, hod remove). Errors as open_project.
Result<void> replace_manifest(Project& project, std::size_t member, std::string_view text);

// Writes a member's manifest as it stands in `project`. Errors as write_project_file.
Result<void> save_manifest(Project& project, std::size_t member);

// Writes a manifest or the lockfile, old bytes or new ones. Error: tree_refused when the file is a
// link out of the project, which a clone may bring along.
Result<void> write_project_file(const std::string& root, const std::string& path,
                                std::string_view text);

}  // namespace hod::cli
