// SPDX-License-Identifier: MIT
#include "cli/manifest_changes.h"

#include <algorithm>
#include <filesystem>

#include <fmt/core.h>

#include "cli/local_sources.h"
#include "core/base/edit_distance.h"
#include "core/base/file.h"
#include "resolver/source_location.h"

namespace hod::cli {

namespace {

namespace fs = std::filesystem;

// A folder or archive as typed, seen from the member's manifest: "../lib".
std::string relative_to(const std::string& member_folder, const std::string& start_folder,
                        const std::string& typed) {
  fs::path absolute = (fs::path(start_folder) / typed).lexically_normal();
  std::string out = absolute.lexically_relative(member_folder).string();
  while (out.size() > 1 && out.back() == '/') out.pop_back();
  return out.empty() ? "." : out;
}

bool uses_workspace_protocol(const Project& project) {
  for (const ProjectMember& member : project.members) {
    for (const Dependency& dependency : member.manifest.dependencies) {
      if (dependency.specifier.compare(0, 10, "workspace:") == 0) return true;
    }
  }
  return false;
}

const ProjectMember* member_named(const Project& project, std::string_view name) {
  for (const ProjectMember& member : project.members) {
    if (!name.empty() && member.manifest.name == name) return &member;
  }
  return nullptr;
}

// What the manifest says until versions are chosen.
std::string provisional_specifier(const Project& project, const std::string& member_folder,
                                  const std::string& start_folder, const std::string& alias,
                                  const NamedSpecifier& wanted) {
  const Specifier& specifier = wanted.specifier;
  if (const auto* directory = specifier.as<DirectorySpecifier>()) {
    return (directory->link ? "link:" : "file:") +
           relative_to(member_folder, start_folder, directory->path);
  }
  if (const auto* file = specifier.as<FileSpecifier>()) {
    return "file:" + relative_to(member_folder, start_folder, file->path);
  }
  if (wanted.has_range) return specifier.text();
  if (const ProjectMember* member = member_named(project, alias)) {
    if (uses_workspace_protocol(project)) return "workspace:^";
    return member->manifest.version.empty() ? "*" : "^" + member->manifest.version;
  }
  return "latest";
}

// Reads far enough into what has no name on the command line to know its name.
Result<std::string> name_behind(const Specifier& specifier, const std::string& start_folder,
                                Services& services) {
  PackageSource source;
  if (const auto* directory = specifier.as<DirectorySpecifier>()) {
    source = {PackageSource::Kind::directory, directory->path};
    HOD_TRY(resolver::ProvidedSource provided, provided_by_folder(start_folder, source, ""));
    return std::string(provided.metadata.name());
  }
  if (const auto* file = specifier.as<FileSpecifier>()) {
    source = {PackageSource::Kind::tarball_file, file->path};
    HOD_TRY(cache::Store * store, services.store());
    HOD_TRY(resolver::ProvidedSource provided,
            provided_by_archive(start_folder, source, "", *store));
    return std::string(provided.metadata.name());
  }
  if (const auto* address = specifier.as<TarballUrlSpecifier>()) {
    HOD_TRY(fetcher::Registry * registry, services.registry());
    std::optional<Result<cache::StoredPackagePtr>> answer;
    fetcher::Registry::TarballRequest request;
    request.url = address->url;
    request.source = fetcher::AddressSource::user;
    registry->tarball(std::move(request), [&](Result<cache::StoredPackagePtr> stored) {
      answer.emplace(std::move(stored));
    });
    HOD_CHECK(services.run_until([&] { return answer.has_value(); }));
    HOD_TRY(cache::StoredPackagePtr stored, std::move(*answer));
    return stored->manifest_name;
  }
  if (specifier.as<GitSpecifier>() != nullptr) {
    std::optional<Result<fetcher::GitPackage>> answer;
    PackageSource found = resolver::source_of(specifier, "");
    services.fetch_git(found.location, specifier.text(), [&](Result<fetcher::GitPackage> package) {
      answer.emplace(std::move(package));
    });
    HOD_CHECK(services.run_until([&] { return answer.has_value(); }));
    HOD_TRY(fetcher::GitPackage package, std::move(*answer));
    return package.stored->manifest_name;
  }
  return failure(
      Error(ErrorCode::specifier_unsupported,
            "the name of `" + specifier.text() + "` cannot be known beforehand")
          .hint("write it with the name it is to have: `name@" + specifier.text() + "`"));
}

}  // namespace

StageResult<void> ManifestChanges::apply(Project& project, Services& services) {
  Errors errors;
  for (std::size_t member : request_.members) {
    for (const NamedSpecifier& wanted : request_.add) {
      auto applied = apply_add(project, services, member, wanted);
      if (!applied) errors.push_back(std::move(applied.error()));
    }
  }
  for (const RangeMove& move : request_.moves) {
    auto applied = apply_move(project, move);
    if (!applied) errors.push_back(std::move(applied.error()));
  }
  if (!errors.empty()) return failed(std::move(errors));
  if (auto removed = apply_remove(project); !removed) return failed(std::move(removed.error()));
  return {};
}

Result<void> ManifestChanges::apply_add(Project& project, Services& services, std::size_t member,
                                        const NamedSpecifier& wanted) {
  ProjectMember& target = project.members[member];
  std::string alias = wanted.name ? wanted.name->str() : "";
  if (alias.empty()) {
    HOD_TRY(std::string name, name_behind(wanted.specifier, request_.start_folder, services));
    HOD_TRY(PackageName checked, PackageName::parse(name));
    alias = checked.str();
  }
  if (alias == target.manifest.name) {
    return failure(Error(ErrorCode::usage, fmt::format("`{}` cannot depend on itself", alias))
                       .at(project.manifest_path_of(target)));
  }
  DependencyField field = request_.field.value_or(
      field_of(target.manifest.json, alias).value_or(DependencyField::dependencies));
  std::string specifier = provisional_specifier(project, project.folder_of(target),
                                                request_.start_folder, alias, wanted);
  std::string origin = project.manifest_path_of(target);
  HOD_TRY(std::string text, manifest_with(target.manifest.text, field, alias, specifier, origin));
  HOD_CHECK(replace_manifest(project, member, text));
  changed_.insert(member);
  added_.push_back({member, std::move(alias), &wanted, field});
  return {};
}

Result<void> ManifestChanges::apply_move(Project& project, const RangeMove& move) {
  ProjectMember& target = project.members[move.member];
  std::string path = (target.path == "." ? "" : target.path + "/") + "package.json";
  std::optional<DependencyField> field = field_of(target.manifest.json, move.alias);
  HOD_ASSERT(field);  // moves are made of what manifests say
  const Json* written = target.manifest.json.find(field_name(*field))->find(move.alias);
  moved_.push_back({std::move(path), move.alias, written->as_string(), ""});
  std::string origin = project.manifest_path_of(target);
  HOD_TRY(std::string text,
          manifest_with(target.manifest.text, *field, move.alias, move.specifier, origin));
  HOD_CHECK(replace_manifest(project, move.member, text));
  changed_.insert(move.member);
  return {};
}

Result<void> ManifestChanges::apply_remove(Project& project) {
  for (const std::string& name : request_.remove) {
    bool found = false;
    std::vector<std::string> known;
    for (std::size_t member : request_.members) {
      ProjectMember& target = project.members[member];
      for (const Dependency& dependency : target.manifest.dependencies)
        known.push_back(dependency.alias);
      if (!field_of(target.manifest.json, name)) continue;
      found = true;
      HOD_TRY(std::string text,
              manifest_without(target.manifest.text, name, project.manifest_path_of(target)));
      HOD_CHECK(replace_manifest(project, member, text));
      changed_.insert(member);
    }
    if (found) continue;
    Error error =
        Error(ErrorCode::usage, fmt::format("`{}` is no dependency of this project", name))
            .at(project.manifest_path_of(project.members[request_.members.front()]));
    std::vector<std::string> near = nearest(known, name);
    if (!near.empty())
      error = std::move(error).hint(fmt::format("did you mean `{}`?", near.front()));
    return failure(std::move(error));
  }
  return {};
}

std::vector<resolver::CommandScene::Pending> ManifestChanges::pending(
    const Project& project) const {
  std::vector<resolver::CommandScene::Pending> out;
  for (const Added& added : added_) {
    const ProjectMember& member = project.members[added.member];
    DependencyKind kind = DependencyKind::production;
    for (const Dependency& dependency : member.manifest.dependencies) {
      if (dependency.alias == added.alias) kind = dependency.kind;
    }
    out.push_back({member.path, added.alias, added.wanted->specifier.text(), kind});
    if (!added.wanted->has_range && added.wanted->specifier.from_registry())
      out.back().specifier = "latest";
  }
  return out;
}

StageResult<void> ManifestChanges::settle(Project& project, ResolutionGraph& graph) {
  Errors errors;
  for (const Added& added : added_) {
    auto settled = settle_one(project, graph, added);
    if (!settled) errors.push_back(std::move(settled.error()));
  }
  for (std::size_t i = 0; i < request_.moves.size(); ++i) {
    auto settled = settle_move(project, graph, request_.moves[i], moved_[i]);
    if (!settled) errors.push_back(std::move(settled.error()));
  }
  if (!errors.empty()) return failed(std::move(errors));
  std::erase_if(moved_, [](const ManifestChange& change) { return change.before == change.after; });
  return {};
}

namespace {

// The edge `alias` of the importer at `path`, when it leads to a package; else null.
GraphEdge* edge_of(ResolutionGraph& graph, const std::string& path, const std::string& alias) {
  for (GraphImporter& importer : graph.importers) {
    if (importer.path != path) continue;
    for (GraphEdge& edge : importer.edges) {
      if (edge.alias == alias && edge.target.kind == EdgeTarget::Kind::package) return &edge;
    }
  }
  return nullptr;
}

}  // namespace

// Without an edge (an override took it away) the manifest says again what it said.
Result<void> ManifestChanges::settle_move(Project& project, ResolutionGraph& graph,
                                          const RangeMove& move, ManifestChange& change) {
  ProjectMember& target = project.members[move.member];
  GraphEdge* edge = edge_of(graph, target.path, move.alias);
  change.after = change.before;
  bool as_asked = edge != nullptr && edge->specifier == move.specifier;
  if (as_asked) {
    HOD_TRY(Version version, Version::parse(graph.packages[edge->target.index].version));
    change.after = moved_range(change.before, version, request_.rule.prefix);
    edge->specifier = change.after;
  }
  std::optional<DependencyField> field = field_of(target.manifest.json, move.alias);
  HOD_ASSERT(field);
  std::string origin = project.manifest_path_of(target);
  HOD_TRY(std::string text,
          manifest_with(target.manifest.text, *field, move.alias, change.after, origin));
  return replace_manifest(project, move.member, text);
}

Result<void> ManifestChanges::settle_one(Project& project, ResolutionGraph& graph,
                                         const Added& added) {
  ProjectMember& target = project.members[added.member];
  auto importer =
      std::find_if(graph.importers.begin(), graph.importers.end(),
                   [&](const GraphImporter& candidate) { return candidate.path == target.path; });
  if (importer == graph.importers.end()) return {};
  auto edge =
      std::find_if(importer->edges.begin(), importer->edges.end(),
                   [&](const GraphEdge& candidate) { return candidate.alias == added.alias; });
  if (edge == importer->edges.end() || edge->target.kind != EdgeTarget::Kind::package) return {};
  const GraphPackage& package = graph.packages[edge->target.index];
  added_lines_.push_back(fmt::format("{} {}", added.alias, package.version));
  if (package.source.kind != PackageSource::Kind::registry ||
      !added.wanted->specifier.from_registry())
    return {};

  std::string written = added.wanted->has_range ? added.wanted->specifier.text() : "";
  if (const auto* alias = added.wanted->specifier.as<AliasSpecifier>()) {
    const auto* range = std::get_if<RangeSpecifier>(&alias->target);
    written = range != nullptr ? range->range.raw() : "";
  }
  HOD_TRY(Version version, Version::parse(package.version));
  std::string saved = saved_range(written, version, request_.rule);
  if (package.name != added.alias) saved = fmt::format("npm:{}@{}", package.name, saved);
  std::string origin = project.manifest_path_of(target);
  HOD_TRY(std::string text,
          manifest_with(target.manifest.text, added.field, added.alias, saved, origin));
  HOD_CHECK(replace_manifest(project, added.member, text));
  edge->specifier = saved;
  return {};
}

Result<void> ManifestChanges::save(Project& project) const {
  for (std::size_t member : changed_) HOD_CHECK(save_manifest(project, member));
  return {};
}

std::set<std::string> ManifestChanges::moving() const {
  std::set<std::string> names = request_.moving;
  for (const RangeMove& move : request_.moves) names.insert(move.package);
  for (const Added& added : added_) {
    const auto* alias = added.wanted->specifier.as<AliasSpecifier>();
    names.insert(alias != nullptr ? alias->name.str() : added.alias);
  }
  return names;
}

}  // namespace hod::cli
