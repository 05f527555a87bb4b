// SPDX-License-Identifier: MIT
// From manifests to the solver's input.
#include "core/model/requirements.h"

#include <algorithm>

#include "core/model/package_name.h"
#include "core/model/specifier.h"

namespace hod {

namespace {

// A member becomes a folder below node_modules (T-LINK-04); the root never does, so its name may be
// anything.
Result<void> check_name(const Requirements::Member& member) {
  if (member.path == "." || member.manifest->name.empty()) return {};
  if (auto parsed = PackageName::parse(member.manifest->name); !parsed) {
    return failure(Error(ErrorCode::workspace_invalid,
                         "the name of a workspace member is not valid: " + parsed.error().what())
                       .at(member.manifest->path));
  }
  return {};
}

Result<void> check_specifiers(const Importer& importer) {
  for (const Dependency& dependency : importer.dependencies) {
    if (auto parsed = Specifier::parse(dependency.specifier); !parsed) {
      return failure(
          std::move(parsed.error()).at("`" + dependency.alias + "` of `" + importer.path + "`"));
    }
  }
  return {};
}

// `specifier`, or what its catalog says of `alias`.
std::string from_catalog(const Requirements& requirements, const std::string& alias,
                         const std::string& specifier) {
  constexpr std::string_view kProtocol = "catalog:";
  if (!specifier.starts_with(kProtocol)) return specifier;
  std::string name = specifier.substr(kProtocol.size());
  if (name == "default") name.clear();  // pnpm's name for the one without a name
  const auto catalog = requirements.catalogs.find(name);
  if (catalog == requirements.catalogs.end()) return specifier;
  const auto entry = catalog->second.find(alias);
  return entry == catalog->second.end() ? specifier : entry->second;
}

std::string step_text(const OverrideStep& step) {
  return step.selector.empty() ? step.name : step.name + "@" + step.selector;
}

// What a package is to have besides what its own manifest says: fields of a manifest by
// "name@range".
Result<void> add_extensions(Requirements& requirements, const Json& extensions,
                            const std::string& field, const std::string& path) {
  const auto invalid = [&path](std::string what) {
    return failure(Error(ErrorCode::manifest_invalid, std::move(what)).at(path));
  };
  if (!extensions.is_object()) return invalid("`" + field + "` must be an object");
  for (const auto& [key, fields] : extensions.members()) {
    const std::string where = field + "." + key;
    auto package = parse_override_step(key);
    if (!package)
      return invalid("the key of `" + where + "` is not valid: " + package.error().what());
    auto manifest = Manifest::parse(fields.dump(), path + " (`" + where + "`)", Strict::yes);
    if (!manifest) return tl::unexpected(std::move(manifest).error());
    std::erase_if(manifest->dependencies, [](const Dependency& dependency) {
      return dependency.kind == DependencyKind::development;
    });
    requirements.extensions.push_back({std::move(*package), std::move(manifest->dependencies)});
  }
  return {};
}

Result<void> add_catalogs(Requirements& requirements, const Json& object, const std::string& path) {
  HOD_TRY(Catalogs catalogs, catalogs_of(object, path));
  // What is there already came from the workspace file.
  for (auto& [name, entries] : catalogs) requirements.catalogs[name].merge(entries);
  return {};
}

// What counts for the whole project: the workspace file first, then the root's manifest.
Result<void> read_root(Requirements& requirements, const Manifest& root,
                       const WorkspaceFile* file) {
  HOD_TRY(requirements.overrides, Overrides::of_manifest(root.json, root.path, root.text));
  if (file) {
    requirements.catalogs = file->catalogs;
    if (!file->overrides.is_null()) {
      HOD_CHECK(requirements.overrides.add_pnpm(file->overrides, "pnpm-workspace.overrides",
                                                root.json, file->path));
    }
    if (!file->package_extensions.is_null()) {
      HOD_CHECK(
          add_extensions(requirements, file->package_extensions, "packageExtensions", file->path));
    }
  }
  // Other tools may have a `catalog` of their own at the top of a package.json.
  const Json* top = root.json.find("catalog");
  if (!top || top->is_object()) HOD_CHECK(add_catalogs(requirements, root.json, root.path));
  if (const Json* workspaces = root.json.find("workspaces")) {
    HOD_CHECK(add_catalogs(requirements, *workspaces, root.path));
  }
  const Json* pnpm = root.json.find("pnpm");
  const Json* extensions = pnpm ? pnpm->find("packageExtensions") : nullptr;
  if (!extensions) return {};
  return add_extensions(requirements, *extensions, "pnpm.packageExtensions", root.path);
}

}  // namespace

Result<Requirements> Requirements::of_manifests(const std::vector<Member>& members,
                                                const WorkspaceFile* file) {
  Requirements requirements;
  std::map<std::string_view, std::string_view> path_of_name;
  for (const Member& member : members) {
    const Manifest& manifest = *member.manifest;
    // The root may be called like a member: nobody can ask for the root.
    if (!manifest.name.empty() && member.path != ".") {
      const auto [known, added] = path_of_name.try_emplace(manifest.name, member.path);
      if (!added) {
        return failure(Error(ErrorCode::workspace_invalid,
                             "two members of the workspace are called `" + manifest.name + "`")
                           .at("`" + std::string(known->second) + "` and `" + member.path + "`")
                           .hint("rename one of them: others ask for a member by its name"));
      }
    }
    HOD_CHECK(check_name(member));
    Importer importer{member.path, manifest.name, manifest.version, manifest.dependencies};
    HOD_CHECK(check_specifiers(importer));
    if (member.path == ".") HOD_CHECK(read_root(requirements, manifest, file));
    requirements.importers.push_back(std::move(importer));
  }
  std::sort(requirements.importers.begin(), requirements.importers.end(),
            [](const Importer& a, const Importer& b) {
              if ((a.path == ".") != (b.path == ".")) return a.path == ".";
              return a.path < b.path;
            });
  return requirements;
}

std::optional<std::string> effective_specifier(const Requirements& requirements,
                                               const Importer& importer,
                                               const Dependency& dependency) {
  std::string specifier = from_catalog(requirements, dependency.alias, dependency.specifier);
  if (requirements.overrides.empty()) return specifier;
  const OverrideAncestor ancestor{importer.name, parse_version_view(importer.version)};
  const Override* rule = requirements.overrides.match({&ancestor, 1}, dependency.alias, specifier);
  if (!rule) return specifier;
  if (rule->specifier == "-") return std::nullopt;
  return from_catalog(requirements, dependency.alias, rule->specifier);
}

std::vector<std::pair<std::string, std::string>> override_record(const Requirements& requirements) {
  std::vector<std::pair<std::string, std::string>> record;
  for (const Override& rule : requirements.overrides.rules) {
    record.emplace_back(rule.origin, from_catalog(requirements, rule.target.name, rule.specifier));
  }
  for (const Requirements::Extension& extension : requirements.extensions) {
    const std::string prefix = "packageExtensions." + step_text(extension.package);
    for (const Dependency& dependency : extension.dependencies) {
      record.emplace_back(prefix + "." + std::string(dependency_kind_name(dependency.kind)) + "." +
                              dependency.alias,
                          dependency.specifier);
    }
  }
  std::sort(record.begin(), record.end());
  return record;
}

}  // namespace hod
