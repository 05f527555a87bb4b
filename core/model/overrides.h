// Overrides in all three spellings, made one: npm's `overrides` (nested objects, `.`, `$name`),
// yarn's `resolutions`
// (`a/**/b`, `b`), pnpm's `pnpm.overrides` and pnpm-workspace.yaml's (`a>b@^1`). An override
// rewrites the specifier of an edge before solving.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/model/range.h"

namespace hod {

// One package of a selector: `a`, `a@^1`.
struct OverrideStep {
  std::string name;
  std::optional<Range>
      range;  // only when the edge's target (or, for a parent step, the package) is of this range
  std::string
      selector;  // what stood behind the "@", as written; also matches a specifier of the same text
};
struct Override {
  std::vector<OverrideStep> parents;  // outermost first; each must be an ancestor
  bool direct_parent =
      false;  // pnpm's `a>b`, yarn's `a/b`: the last parent must be the immediate one
  OverrideStep target;
  std::string specifier;  // what is asked for instead; "-" = pnpm's removal of the dependency
  std::string origin;     // "overrides.a.b", for messages
};

// A package on the way from an importer to an edge, the importer included.
struct OverrideAncestor {
  std::string_view name;
  std::optional<VersionView> version;
};

// "a", "a@^1", "@s/a@>=2". Errors: name_invalid.
Result<OverrideStep> parse_override_step(std::string_view text);

struct Overrides {
  std::vector<Override> rules;  // most specific first: more parents first, then a target with a
                                // range, then file order
  bool empty() const { return rules.empty(); }

  // The rule for the edge `name`@`specifier` that leaves the last one of `ancestors` (outermost
  // first); null: none. As in npm and pnpm, a target's range applies to edges whose own range
  // intersects it.
  const Override* match(std::span<const OverrideAncestor> ancestors, std::string_view name,
                        std::string_view specifier) const;

  // Reads `overrides`, `resolutions`, `pnpm.overrides` of a root manifest. `$name` is looked up in
  // its direct dependencies. `text` is what `manifest` was parsed from, for line and column.
  // Errors: manifest_invalid.
  static Result<Overrides> of_manifest(const Json& manifest, std::string_view origin,
                                       std::string_view text = {});

  // Adds pnpm's overrides from elsewhere than the manifest, before those that are as specific;
  // `where` names them ("pnpm-workspace.overrides").
  Result<void> add_pnpm(const Json& overrides, std::string_view where, const Json& manifest,
                        std::string_view origin);
};

}  // namespace hod
