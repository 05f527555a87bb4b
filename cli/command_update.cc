// SPDX-License-Identifier: MIT
// hod update and hod dedupe: the lockfile moves, node_modules follows. Within the ranges of the
// manifests; with --latest the ranges of direct dependencies are opened upwards ("not older than
// now"), so that the solver finds the newest versions that work together, and then written anew.
#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "cli/glob.h"
#include "cli/install_options.h"
#include "cli/install_pipeline.h"
#include "cli/install_summary.h"
#include "cli/selection.h"
#include "cli/session.h"
#include "core/base/edit_distance.h"

namespace hod::cli {

namespace {

bool matches(const std::string& pattern, const std::string& name) {
  return pattern == name || glob_matches(pattern, name);
}

// What is behind the members' direct dependencies, those included.
std::set<std::string> names_below(const ResolutionGraph& graph,
                                  const std::set<std::string>& members) {
  std::vector<bool> seen(graph.packages.size());
  std::vector<PackageIndex> waiting;
  std::set<std::string> names;
  const auto follow = [&](const std::vector<GraphEdge>& edges) {
    for (const GraphEdge& edge : edges) {
      if (edge.target.kind != EdgeTarget::Kind::package || seen[edge.target.index]) continue;
      seen[edge.target.index] = true;
      waiting.push_back(edge.target.index);
    }
  };
  for (const GraphImporter& importer : graph.importers) {
    if (members.contains(importer.path)) follow(importer.edges);
  }
  while (!waiting.empty()) {
    const GraphPackage& package = graph.packages[waiting.back()];
    waiting.pop_back();
    names.insert(package.name);
    follow(package.edges);
  }
  return names;
}

class UpdatePlan {
 public:
  UpdatePlan(const Session& session, const Project& project, const ResolutionGraph* locked)
      : session_(session), project_(project), locked_(locked) {}

  Result<ChangeRequest> make() {
    const Arguments& arguments = session_.arguments;
    changes_.rule = {session_.settings.save_exact.value, session_.settings.save_prefix.value};
    changes_.start_folder = session_.folder;
    bool all = !selects_members(arguments);
    if (all) {
      for (std::size_t i = 0; i < project_.members.size(); ++i) changes_.members.push_back(i);
    } else {
      HOD_TRY(changes_.members, select_members(project_, arguments, session_.folder));
    }
    find_names();
    for (const std::string& word : arguments.words()) HOD_CHECK(take(word));
    if (arguments.words().empty()) {
      if (all) {
        changes_.moving = {"*"};
      } else {
        changes_.moving = present_;
      }
    }
    if (arguments.is_on(Option::latest)) HOD_CHECK(open_ranges());
    return std::move(changes_);
  }

 private:
  // What the words may mean: packages below the members, and what their manifests name.
  void find_names() {
    std::set<std::string> paths;
    for (std::size_t index : changes_.members) {
      const ProjectMember& member = project_.members[index];
      paths.insert(member.path);
      for (const Dependency& dependency : member.manifest.dependencies)
        present_.insert(dependency.alias);
    }
    if (locked_ == nullptr) return;
    for (const std::string& name : names_below(*locked_, paths)) present_.insert(name);
  }

  Result<void> take(const std::string& word) {
    if (word.find('@', 1) != std::string::npos) {
      std::string name = word.substr(0, word.find('@', 1));
      return failure(
          Error(ErrorCode::usage, "`hod update` takes names, not versions: `" + word + "`")
              .hint(
                  fmt::format("`hod add {}` changes the range of a direct dependency; `overrides` "
                              "in package.json that of others",
                              word))
              .hint(fmt::format("`hod update {}` stays within the ranges", name)));
    }
    bool found = false;
    for (const std::string& name : present_) {
      if (!matches(word, name)) continue;
      found = true;
      changes_.moving.insert(name);
    }
    if (found) return {};
    Error error(ErrorCode::usage, fmt::format("`{}` is nothing that this project uses", word));
    std::vector<std::string> known(present_.begin(), present_.end());
    std::vector<std::string> near = nearest(known, word);
    if (!near.empty())
      error = std::move(error).hint(fmt::format("did you mean `{}`?", near.front()));
    return failure(std::move(error));
  }

  Result<void> open_ranges() {
    for (std::size_t index : changes_.members) {
      const ProjectMember& member = project_.members[index];
      for (const Dependency& dependency : member.manifest.dependencies) {
        bool asked_for = changes_.moving.contains("*") || session_.arguments.words().empty() ||
                         changes_.moving.contains(dependency.alias);
        bool peer = dependency.kind == DependencyKind::peer ||
                    dependency.kind == DependencyKind::optional_peer;
        if (!asked_for || peer) continue;
        HOD_TRY(Specifier specifier, Specifier::parse(dependency.specifier));
        open_range(index, dependency.alias, specifier);
      }
    }
    return {};
  }

  // Tags follow the registry anyway; what does not come from one has no newer versions to find.
  void open_range(std::size_t member, const std::string& alias, const Specifier& specifier) {
    std::string name = alias;
    if (const auto* other = specifier.as<AliasSpecifier>()) {
      if (!std::holds_alternative<RangeSpecifier>(other->target)) return;
      name = other->name.str();
    } else if (!specifier.as<RangeSpecifier>()) {
      return;
    }
    std::string now = version_now(project_.members[member].path, alias);
    std::string range = now.empty() ? "*" : ">=" + now;
    if (name != alias) range = fmt::format("npm:{}@{}", name, range);
    changes_.moves.push_back({member, alias, name, std::move(range)});
  }

  std::string version_now(const std::string& path, const std::string& alias) const {
    if (locked_ == nullptr) return "";
    for (const GraphImporter& importer : locked_->importers) {
      if (importer.path != path) continue;
      for (const GraphEdge& edge : importer.edges) {
        if (edge.alias == alias && edge.target.kind == EdgeTarget::Kind::package)
          return locked_->packages[edge.target.index].version;
      }
    }
    return "";
  }

  const Session& session_;
  const Project& project_;
  const ResolutionGraph* locked_;
  ChangeRequest changes_;
  std::set<std::string> present_;
};

}  // namespace

Result<int> update_command(Session& session) {
  InstallRequest request;
  HOD_TRY(request.place, session.project_place());
  HOD_TRY(request.options, install_options(session, request.place.root));
  request.options.network.prefer_online = true;
  request.run_scripts = false;
  request.changes = [&](const Project& project, const ResolutionGraph* locked) {
    return UpdatePlan(session, project, locked).make();
  };
  return install_and_tell(session, std::move(request));
}

Result<int> dedupe_command(Session& session) {
  if (!session.arguments.words().empty())
    return failure(Error(ErrorCode::usage, "`hod dedupe` takes no packages"));
  InstallRequest request;
  HOD_TRY(request.place, session.project_place());
  HOD_TRY(request.options, install_options(session, request.place.root));
  bool check = session.arguments.is_on(Option::check);
  if (check) request.options.dry_run = true;
  request.run_scripts = false;
  request.dedupe = true;
  InstallOptions options = request.options;
  auto outcome = run_install(session, std::move(request));
  if (!outcome) return report(session.reporter, outcome.error());
  summarize_install(session.reporter, options, *outcome, session.timing.total());
  return check && !outcome->changes.empty() ? 1 : 0;
}

}  // namespace hod::cli
