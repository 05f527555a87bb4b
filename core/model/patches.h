// SPDX-License-Identifier: MIT
// Which packages a project patches: `patchedDependencies`, as pnpm has it in pnpm-workspace.yaml
// and in package.json's `pnpm`, and npm and bun at the top of package.json. What a patch does is
// the business of cache/patch_parse.h; here are its key, its file's path and the packages it is
// for.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/model/manifest.h"
#include "core/model/overrides.h"
#include "core/model/workspace_file.h"

namespace hod {

struct PatchRule {
  std::string key;  // "a", "a@1.0.0", "@s/a@^1", as written
  OverrideStep package;
  std::string path;  // of the patch file, relative to the project's root: plainly inside of it
};

struct PatchRules {
  std::vector<PatchRule> rules;  // by key
  bool allow_unused = false;     // `allowUnusedPatches`
};

// Of the root's manifest and pnpm-workspace.yaml (which goes before it, key by key). Errors:
// manifest_invalid.
Result<PatchRules> patch_rules(const Manifest& root, const WorkspaceFile* file);

// The rule for a package, null: none. An exact version goes before a range, a range before a name
// alone. Error: manifest_invalid when several ranges fit.
Result<const PatchRule*> patch_for(const std::vector<PatchRule>& rules, std::string_view name,
                                   std::string_view version);

// Key → hash (64 hex digits; "" is one that nobody knows, and equal to any), sorted: what a graph
// records.
using PatchRecord = std::vector<std::pair<std::string, std::string>>;

// What differs, one line each; empty: the same.
std::vector<std::string> patch_differences(const PatchRecord& locked, const PatchRecord& wanted);

}  // namespace hod
