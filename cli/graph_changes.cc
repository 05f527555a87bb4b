// SPDX-License-Identifier: MIT
#include "cli/graph_changes.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>

#include "core/base/edit_distance.h"
#include "core/model/range.h"
#include "core/model/specifier.h"

namespace hod::cli {

namespace {

using Versions = std::map<std::string, std::set<std::string>>;  // name → versions

Versions versions_of(const ResolutionGraph& graph) {
  Versions out;
  for (const GraphPackage& package : graph.packages) out[package.name].insert(package.version);
  return out;
}

std::vector<std::string> without(const std::set<std::string>& all,
                                 const std::set<std::string>& gone) {
  std::vector<std::string> out;
  std::set_difference(all.begin(), all.end(), gone.begin(), gone.end(), std::back_inserter(out));
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out.empty() ? "any" : out;
}

// "package.json:3:14": where a manifest names `alias`.
std::string place_in_manifest(const Project& project, const ProjectMember& member,
                              const std::string& alias) {
  std::string path = project.manifest_path_of(member);
  std::optional<DependencyField> field = field_of(member.manifest.json, alias);
  if (!field) return path;
  const Json* value = member.manifest.json.find(field_name(*field))->find(alias);
  return fmt::format("{}:{}", path, json_position(member.manifest.text, value->offset()));
}

// The name between the first backticks: what the registry was asked for.
std::string name_in(const std::string& text) {
  std::size_t open = text.find('`');
  if (open == std::string::npos) return "";
  std::size_t close = text.find('`', open + 1);
  return close == std::string::npos ? "" : text.substr(open + 1, close - open - 1);
}

}  // namespace

std::vector<GraphChange> graph_changes(const ResolutionGraph* before,
                                       const ResolutionGraph& after) {
  Versions old_versions = before != nullptr ? versions_of(*before) : Versions{};
  Versions new_versions = versions_of(after);
  std::set<std::string> names;
  for (const auto& [name, versions] : old_versions) names.insert(name);
  for (const auto& [name, versions] : new_versions) names.insert(name);
  std::vector<GraphChange> changes;
  for (const std::string& name : names) {
    std::vector<std::string> gone = without(old_versions[name], new_versions[name]);
    std::vector<std::string> come = without(new_versions[name], old_versions[name]);
    if (gone.size() == 1 && come.size() == 1) {
      changes.push_back({name, gone.front(), come.front()});
      continue;
    }
    for (const std::string& version : gone) changes.push_back({name, version, ""});
    for (const std::string& version : come) changes.push_back({name, "", version});
  }
  return changes;
}

std::string change_text(const GraphChange& change) {
  if (change.before.empty()) return fmt::format("+ {} {}", change.name, change.after);
  if (change.after.empty()) return fmt::format("- {} {}", change.name, change.before);
  return fmt::format("~ {} {} -> {}", change.name, change.before, change.after);
}

std::size_t version_count(const ResolutionGraph& graph) {
  std::size_t count = 0;
  for (const auto& [name, versions] : versions_of(graph)) count += versions.size();
  return count;
}

std::set<std::string> names_of_several(const ResolutionGraph& graph) {
  std::set<std::string> names;
  for (const auto& [name, versions] : versions_of(graph)) {
    if (versions.size() > 1) names.insert(name);
  }
  return names;
}

std::set<std::string> names_with_fewer(const ResolutionGraph& before,
                                       const ResolutionGraph& after) {
  Versions left = versions_of(after);
  std::set<std::string> names;
  for (const auto& [name, versions] : versions_of(before)) {
    if (left[name].size() < versions.size()) names.insert(name);
  }
  return names;
}

Error unfit_platform(const GraphPackage& package, const Platform& platform) {
  return Error(ErrorCode::platform_unsupported,
               fmt::format("`{}` does not run on this system", package.id()))
      .at(package.id())
      .detail(fmt::format("it wants os {}; cpu {}; libc {}", joined(package.platform.os),
                          joined(package.platform.cpu), joined(package.platform.libc)))
      .detail(fmt::format("this is {} {} {}", platform.os, platform.cpu, platform.libc))
      .hint("what runs on some systems only belongs into optionalDependencies");
}

std::string UnfitEngine::text() const { return fmt::format("{} ({})", package, wanted); }

Error UnfitEngine::error() const {
  return Error(ErrorCode::engine_unsupported,
               fmt::format("{} wants Node.js {}, this is {}", package, wanted, version))
      .hint(
          "use a Node.js of that range, or another version of the package; engine-strict=false "
          "makes it a warning");
}

bool wants_engines(const ResolutionGraph& graph) {
  return std::any_of(graph.packages.begin(), graph.packages.end(),
                     [](const GraphPackage& package) { return !package.node_engine.empty(); });
}

std::vector<UnfitEngine> unfit_engines(const ResolutionGraph& graph,
                                       const std::vector<bool>& wanted, const Project& project,
                                       const std::function<std::string()>& node_version) {
  std::vector<std::pair<std::string, std::string>> wishes;  // who, range
  for (const ProjectMember& member : project.members) {
    for (const auto& [engine, range] : member.manifest.engines) {
      std::string who =
          member.path == "." ? "your package.json" : fmt::format("{}/package.json", member.path);
      if (engine == "node") wishes.emplace_back(std::move(who), range);
    }
  }
  for (std::size_t i = 0; i < graph.packages.size(); ++i) {
    const GraphPackage& package = graph.packages[i];
    if (wanted[i] && !package.node_engine.empty()) {
      wishes.emplace_back(fmt::format("{} {}", package.name, package.version), package.node_engine);
    }
  }
  std::vector<UnfitEngine> out;
  if (wishes.empty()) return out;
  std::string version_text = node_version();
  auto version = Version::parse(version_text);
  if (!version) return out;
  std::map<std::string, bool> known;  // range → fits; packages share few ranges
  for (auto& [who, range_text] : wishes) {
    auto [entry, fresh] = known.emplace(range_text, true);
    if (fresh) {
      RangeOptions options;
      options.include_prerelease = true;
      auto range = Range::parse(range_text, options);
      entry->second = !range || range->contains(*version);
    }
    if (!entry->second) out.push_back({who, range_text, version_text});
  }
  return out;
}

std::vector<DeprecatedPackage> newly_deprecated(const ResolutionGraph* before,
                                                const ResolutionGraph& after) {
  std::set<std::string> known;
  if (before != nullptr) {
    for (const GraphPackage& package : before->packages) known.insert(package.id());
  }
  std::set<PackageIndex> direct;
  for (const GraphImporter& importer : after.importers) {
    for (const GraphEdge& edge : importer.edges) {
      if (edge.target.kind == EdgeTarget::Kind::package) direct.insert(edge.target.index);
    }
  }
  std::vector<DeprecatedPackage> out;
  for (PackageIndex i = 0; i < after.packages.size(); ++i) {
    const GraphPackage& package = after.packages[i];
    if (package.deprecated.empty() || !known.insert(package.id()).second) continue;
    out.push_back({fmt::format("{} {}", package.name, package.version), package.deprecated,
                   direct.count(i) != 0});
  }
  return out;
}

Errors wrong_specifiers(const Project& project) {
  Errors errors;
  for (const ProjectMember& member : project.members) {
    for (const Dependency& dependency : member.manifest.dependencies) {
      auto parsed = Specifier::parse(dependency.specifier);
      if (parsed) continue;
      Error error(parsed.error().code(), fmt::format("`{}` asks for what cannot be read: {}",
                                                     dependency.alias, parsed.error().what()));
      for (const std::string& detail : parsed.error().details())
        error = std::move(error).detail(detail);
      for (const std::string& hint : parsed.error().hints()) error = std::move(error).hint(hint);
      errors.push_back(std::move(error).at(place_in_manifest(project, member, dependency.alias)));
    }
  }
  return errors;
}

Error with_near_names(Error error, const Project& project,
                      const std::optional<ResolutionGraph>& locked) {
  std::set<std::string> known;
  for (const ProjectMember& member : project.members) {
    for (const Dependency& dependency : member.manifest.dependencies)
      known.insert(dependency.alias);
    known.insert(member.manifest.name);
  }
  if (locked) {
    for (const GraphPackage& package : locked->packages) known.insert(package.name);
  }
  std::vector<std::string> candidates(known.begin(), known.end());
  std::vector<std::string> near = nearest(candidates, name_in(error.what()));
  if (near.empty()) return error;
  std::string offered;
  for (const std::string& name : near) offered += (offered.empty() ? "`" : ", `") + name + "`";
  return std::move(error).hint(fmt::format("did you mean {}?", offered));
}

}  // namespace hod::cli
