// SPDX-License-Identifier: MIT
// What stands beside the root's package.json and changes a resolution: pnpm-workspace.yaml (its
// text becomes a Json value in lockfile/yaml.h). Keys that are no business of a resolution are
// passed over.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"

namespace hod {

// Catalog → name → specifier; "" is the default catalog.
using Catalogs = std::map<std::string, std::map<std::string, std::string>>;

struct WorkspaceFile {
  std::string path;                   // for messages
  std::vector<std::string> packages;  // globs of the members' folders, negations with "!"
  Catalogs catalogs;
  Json overrides;             // an object as package.json's `pnpm.overrides`, or null
  Json package_extensions;    // an object "name@range" → fields of a manifest, or null
  Json patched_dependencies;  // an object, or null; patches.h reads it
  bool allow_unused_patches = false;

  // An empty document (null) is an empty file. Errors: manifest_invalid at `path`.
  static Result<WorkspaceFile> of_json(const Json& document, std::string_view path);
};

// `catalog` and `catalogs` of an object: pnpm-workspace.yaml, bun's package.json or its
// `workspaces`. Errors as above.
Result<Catalogs> catalogs_of(const Json& object, std::string_view path);

}  // namespace hod
