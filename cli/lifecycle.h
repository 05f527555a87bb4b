// SPDX-License-Identifier: MIT
// Lifecycle scripts around an install: those of the project's own manifests run (the root's
// preinstall before everything, the members' and then the root's others when all files are in
// place); those of dependencies do not, and are named.
#pragma once

#include <string>
#include <vector>

#include "cache/link_plan.h"
#include "cache/store.h"
#include "cli/project.h"
#include "cli/reporter.h"
#include "cli/scripts.h"
#include "core/model/resolution_graph.h"

namespace hod::cli {

struct MemberScripts {
  std::size_t member;  // index into project.members
  std::vector<Script> scripts;
};

std::vector<MemberScripts> lifecycle_before_install(const Project& project);
// Members in the order of their dependencies, the root last. Members' preinstall is among theirs.
std::vector<MemberScripts> lifecycle_after_install(const Project& project);

// One after the other; their output goes to stderr. Errors: script_failed, interrupted.
Result<void> run_lifecycle(const ScriptScene& scene, const Project& project,
                           const std::vector<MemberScripts>& members, const std::string& shell,
                           Reporter& reporter);

// Of the packages that are new here: who has install scripts, by metadata or by archive (T-SCR-01,
// T-SCR-02): "esbuild 0.28.1", sorted, each once.
std::vector<std::string> scripts_not_run(const ResolutionGraph& graph,
                                         const std::vector<PackageIndex>& packages,
                                         const std::vector<cache::StoredPackagePtr>& contents);

}  // namespace hod::cli
