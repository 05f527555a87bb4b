// The parts of a package.json that an install needs. Unknown fields stay in `json` for whoever
// wants them.
//
// Reading is strict about types in files of the project (an error with line and column) and
// lenient, as npm is, about those of dependencies (a wrong field is dropped).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/model/bins.h"
#include "core/model/dependency.h"
#include "core/model/platform.h"

namespace hod {

enum class Strict : std::uint8_t { no, yes };

struct Manifest {
  std::string name;     // may be empty (private projects)
  std::string version;  // may be empty
  // All kinds in one list. npm's precedence for a name in several fields: optional beats
  // production; a development entry yields to both; peers are kept beside others. Sorted by (alias,
  // kind).
  std::vector<Dependency> dependencies;
  std::vector<std::string> bundled;  // bundleDependencies; `true` means all production dependencies
  std::vector<Bin> bins;
  std::vector<std::pair<std::string, std::string>> scripts;  // in the file's order
  std::vector<std::pair<std::string, std::string>> engines;
  PlatformNeeds platform;
  std::vector<std::string> workspaces;  // globs, negations with "!"
  std::string package_manager;          // "packageManager"
  bool is_private = false;
  std::string text;  // the file's bytes (project manifests), for editing and messages
  Json json;         // all of it
  std::string path;  // where it was read from, "" if not a file

  // `text` is a package.json; `origin` its path or URL for messages. Errors: json_invalid,
  // manifest_invalid (with line:column and the field's name).
  static Result<Manifest> parse(std::string_view text, std::string_view origin, Strict strict);

  const std::string* script(std::string_view wanted) const;
};

}  // namespace hod
