// Overrides in all three spellings, made one: npm's `overrides` (nested objects, `.`, `$name`), yarn's `resolutions`
// (`a/**/b`, `b`), pnpm's `pnpm.overrides` and pnpm-workspace.yaml's (`a>b@^1`). An override rewrites the specifier of an
// edge before solving.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/model/range.h"

namespace hod {

struct OverrideStep {
  std::string name;
  std::optional<Range> range;  // only when the edge's target (or, for a parent step, the package) is of this range
};
struct Override {
  std::vector<OverrideStep> parents;  // outermost first; each must be an ancestor, the last one the direct parent only if `direct_parent`
  bool direct_parent = false;         // pnpm's `a>b`: the last parent must be the immediate one
  OverrideStep target;
  std::string specifier;              // what is asked for instead; "-" = pnpm's removal of the dependency
  std::string origin;                 // "overrides.a.b", for messages
};

struct Overrides {
  std::vector<Override> rules;  // most specific first: more parents first, then a target with a range, then file order
  bool empty() const { return rules.empty(); }

  // Reads `overrides`, `resolutions`, `pnpm.overrides` of a root manifest. `$name` is looked up in its direct dependencies.
  // Errors: manifest_invalid.
  static Result<Overrides> of_manifest(const Json& manifest, std::string_view origin);
};

}  // namespace hod
