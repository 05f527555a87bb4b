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

}  // namespace

Result<Requirements> Requirements::of_manifests(const std::vector<Member>& members) {
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
    if (member.path == ".") {
      HOD_TRY(requirements.overrides,
              Overrides::of_manifest(manifest.json, manifest.path, manifest.text));
    }
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
