// SPDX-License-Identifier: MIT
// Looking at graphs on the way through an install: what changed, what does not fit this machine,
// what was meant. Pure.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/install_pipeline.h"
#include "cli/project.h"
#include "core/model/resolution_graph.h"

namespace hod::cli {

// Sorted by name. A name with one version before and one after is one change, else each version is
// one.
std::vector<GraphChange> graph_changes(const ResolutionGraph* before, const ResolutionGraph& after);

// "~ a 1.0.0 -> 2.0.0", "+ b 1.0.0", "- c 1.0.0"
std::string change_text(const GraphChange& change);

// Different name@version.
std::size_t version_count(const ResolutionGraph& graph);
// Names of which there is more than one version.
std::set<std::string> names_of_several(const ResolutionGraph& graph);
// Names of which `after` has fewer versions.
std::set<std::string> names_with_fewer(const ResolutionGraph& before, const ResolutionGraph& after);

Error unfit_platform(const GraphPackage& package, const Platform& platform);

struct UnfitEngine {
  std::string package;  // "a 1.0.0", "your package.json"
  std::string wanted;   // ">=20"
  std::string version;  // of this Node.js
  std::string text() const;
  Error error() const;
};
// Does any package care which Node.js it runs under?
bool wants_engines(const ResolutionGraph& graph);
// `node_version` is asked only when somebody has a wish; unknown: nobody is unfit.
std::vector<UnfitEngine> unfit_engines(const ResolutionGraph& graph,
                                       const std::vector<bool>& wanted, const Project& project,
                                       const std::function<std::string()>& node_version);

// Packages of `after` that `before` had not, and that their publishers gave up.
std::vector<DeprecatedPackage> newly_deprecated(const ResolutionGraph* before,
                                                const ResolutionGraph& after);

// Specifiers of the project's own manifests that cannot be read, each with file, line and column.
Errors wrong_specifiers(const Project& project);

// A package_not_found with the near names of manifests and lockfile.
Error with_near_names(Error error, const Project& project,
                      const std::optional<ResolutionGraph>& locked);

}  // namespace hod::cli
