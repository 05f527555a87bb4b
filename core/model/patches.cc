// SPDX-License-Identifier: MIT
#include "core/model/patches.h"

#include <algorithm>
#include <map>
#include <optional>

#include "core/model/version.h"

namespace hod {

namespace {

tl::unexpected<Error> invalid(std::string what, std::string_view origin) {
  return failure(Error(ErrorCode::manifest_invalid, std::move(what)).at(std::string(origin)));
}

// Relative, and without a part that leads elsewhere: a clone names files of its own (T-LINK-07).
std::optional<std::string> plain_path(std::string_view path) {
  while (path.starts_with("./")) path.remove_prefix(2);
  if (path.empty() || path.find_first_of(std::string_view("\\\0", 2)) != std::string_view::npos) {
    return std::nullopt;
  }
  for (std::string_view rest = path;;) {
    const std::size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    const bool leads_away = part == "." || part == ".." || part == "node_modules";
    if (part.empty() || leads_away) return std::nullopt;
    if (slash == std::string_view::npos) return std::string(path);
    rest.remove_prefix(slash + 1);
  }
}

bool is_exact(const OverrideStep& step) { return Version::parse(step.selector).has_value(); }

Result<PatchRule> rule_of(const std::string& key, const Json& path, std::string_view origin) {
  PatchRule rule;
  rule.key = key;
  auto package = parse_override_step(key);
  const std::size_t at = key.find('@', 1);
  const bool all = at == std::string::npos || key.substr(at + 1) == "*";
  if (!package || (!all && !package->range)) {
    return invalid("`patchedDependencies." + key + "`: the key is no package, version or range",
                   origin);
  }
  rule.package = std::move(*package);
  const auto plain = path.is_string() ? plain_path(path.as_string()) : std::nullopt;
  if (!plain) {
    return invalid(
        "`patchedDependencies." + key +
            "` must be the path of a patch file inside the project, relative to its root",
        origin);
  }
  rule.path = *plain;
  return rule;
}

class Collector {
 public:
  // The first one that has a key counts.
  Result<void> add(const Json* patches, std::string_view origin) {
    if (!patches || patches->is_null()) return {};
    if (!patches->is_object()) return invalid("`patchedDependencies` must be an object", origin);
    for (const auto& [key, path] : patches->members()) {
      if (by_key_.contains(key)) continue;
      HOD_TRY(by_key_[key], rule_of(key, path, origin));
    }
    return {};
  }
  std::vector<PatchRule> take() {
    std::vector<PatchRule> rules;
    for (auto& [key, rule] : by_key_) rules.push_back(std::move(rule));
    return rules;
  }

 private:
  std::map<std::string, PatchRule> by_key_;
};

bool is_true(const Json* value) { return value && value->as_boolean(); }

}  // namespace

Result<PatchRules> patch_rules(const Manifest& root, const WorkspaceFile* file) {
  const Json* pnpm = root.json.find("pnpm");
  Collector collector;
  if (file) HOD_CHECK(collector.add(&file->patched_dependencies, file->path));
  if (pnpm) HOD_CHECK(collector.add(pnpm->find("patchedDependencies"), root.path));
  HOD_CHECK(collector.add(root.json.find("patchedDependencies"), root.path));
  PatchRules out;
  out.rules = collector.take();
  out.allow_unused =
      (file && file->allow_unused_patches) || (pnpm && is_true(pnpm->find("allowUnusedPatches")));
  return out;
}

Result<const PatchRule*> patch_for(const std::vector<PatchRule>& rules, std::string_view name,
                                   std::string_view version) {
  const PatchRule* of_name = nullptr;
  const PatchRule* of_range = nullptr;
  const Result<Version> parsed = Version::parse(version);
  for (const PatchRule& rule : rules) {
    if (rule.package.name != name) continue;
    if (!rule.package.range) {
      of_name = &rule;
      continue;
    }
    if (!parsed || !rule.package.range->contains(*parsed)) continue;
    if (is_exact(rule.package)) return &rule;
    if (of_range) {
      return invalid("`patchedDependencies`: `" + of_range->key + "` and `" + rule.key +
                         "` both fit `" + std::string(name) + "@" + std::string(version) +
                         "`; a key for this version decides",
                     "");
    }
    of_range = &rule;
  }
  return of_range ? of_range : of_name;
}

std::vector<std::string> patch_differences(const PatchRecord& locked, const PatchRecord& wanted) {
  std::vector<std::string> lines;
  std::map<std::string_view, std::string_view> before(locked.begin(), locked.end());
  for (const auto& [key, hash] : wanted) {
    const auto found = before.find(key);
    if (found == before.end()) {
      lines.push_back("the patch of `" + key + "` is not in the lockfile");
      continue;
    }
    if (!found->second.empty() && found->second != hash) {
      lines.push_back("the patch of `" + key + "` is another one than when the lockfile was made");
    }
    before.erase(found);
  }
  for (const auto& [key, hash] : before) {
    lines.push_back("the patch of `" + std::string(key) +
                    "` is in the lockfile, but not in `patchedDependencies`");
  }
  return lines;
}

}  // namespace hod
