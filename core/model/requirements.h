// Who asks for what: the solver's input. One Importer is a package.json of the project (root or
// workspace member).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/model/dependency.h"
#include "core/model/manifest.h"
#include "core/model/overrides.h"
#include "core/model/workspace_file.h"

namespace hod {

struct Importer {
  std::string path;     // relative to the project's root, "." for the root itself, "/"-separated
  std::string name;     // may be empty
  std::string version;  // may be empty: taken as 0.0.0
  std::vector<Dependency>
      dependencies;  // all kinds; development ones included (choosing what to install comes later)
  friend bool operator==(const Importer&, const Importer&) = default;
};

struct Requirements {
  std::vector<Importer> importers;  // sorted by path; the first one is the root "."
  Overrides overrides;
  Catalogs catalogs;
  // packageExtensions: "name@range" → extra dependencies.
  struct Extension {
    OverrideStep package;
    std::vector<Dependency> dependencies;
  };
  std::vector<Extension> extensions;

  // From the root's manifest and the workspace members'. Errors: manifest_invalid,
  // workspace_invalid (two members of one name), specifier_invalid with the importer's path.
  struct Member {
    std::string path;
    const Manifest* manifest;
  };
  // `file`: pnpm-workspace.yaml, if there is one; what it says goes before the root's package.json
  // (`pnpm.overrides`, `pnpm.packageExtensions`, and `catalog(s)`, also within `workspaces`).
  static Result<Requirements> of_manifests(const std::vector<Member>& members,
                                           const WorkspaceFile* file = nullptr);
};

// What an importer's dependency asks for after overrides and catalogs; this is what the graph's
// edges record. Nothing when an override removes it. A catalog entry that does not exist stays as
// written: the solver refuses it.
std::optional<std::string> effective_specifier(const Requirements& requirements,
                                               const Importer& importer,
                                               const Dependency& dependency);

// Overrides and package extensions as a graph records them (ResolutionGraph::overrides): origin →
// specifier, sorted.
std::vector<std::pair<std::string, std::string>> override_record(const Requirements& requirements);

}  // namespace hod
