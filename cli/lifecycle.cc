// SPDX-License-Identifier: MIT
#include "cli/lifecycle.h"

#include <numeric>
#include <set>

#include <fmt/core.h>

#include "cli/selection.h"

namespace hod::cli {

std::vector<MemberScripts> lifecycle_before_install(const Project& project) {
  std::vector<Script> scripts = scripts_before_install(project.root_member().manifest);
  if (scripts.empty()) return {};
  return {{0, std::move(scripts)}};
}

std::vector<MemberScripts> lifecycle_after_install(const Project& project) {
  std::vector<std::size_t> order(project.members.size() - 1);
  std::iota(order.begin(), order.end(), std::size_t{1});
  order = in_dependency_order(project, std::move(order));
  order.push_back(0);
  std::vector<MemberScripts> out;
  for (std::size_t index : order) {
    const ProjectMember& member = project.members[index];
    std::vector<Script> scripts;
    if (index != 0) scripts = scripts_before_install(member.manifest);
    for (Script& script : scripts_after_install(member.manifest, project.folder_of(member))) {
      scripts.push_back(std::move(script));
    }
    if (!scripts.empty()) out.push_back({index, std::move(scripts)});
  }
  return out;
}

Result<void> run_lifecycle(const ScriptScene& scene, const Project& project,
                           const std::vector<MemberScripts>& members, const std::string& shell,
                           Reporter& reporter) {
  for (const MemberScripts& of_member : members) {
    const ProjectMember& member = project.members[of_member.member];
    std::string folder = project.folder_of(member);
    for (const Script& script : of_member.scripts) {
      std::string who = member.manifest.name.empty() ? member.path : member.manifest.name;
      reporter.line(fmt::format("> {} {}: {}", who, script.event, script.text));
      reporter.clear_live();
      HOD_TRY(ChildOutcome outcome, run_script(scene, member.manifest, folder, script, {}, shell,
                                               ChildOutput::to_stderr));
      if (outcome.exit_code != 0)
        return failure(script_error(script, member.manifest, folder, outcome));
    }
  }
  return {};
}

std::vector<std::string> scripts_not_run(const ResolutionGraph& graph,
                                         const std::vector<PackageIndex>& packages,
                                         const std::vector<cache::StoredPackagePtr>& contents) {
  std::set<std::string> out;
  for (PackageIndex index : packages) {
    const GraphPackage& package = graph.packages[index];
    bool in_archive = contents[index] && contents[index]->has_install_script;
    if (package.has_install_script || in_archive)
      out.insert(fmt::format("{} {}", package.name, package.version));
  }
  return {out.begin(), out.end()};
}

}  // namespace hod::cli
