// SPDX-License-Identifier: MIT
// Is a solution one? The rules of fixtures/conformance/resolution/README.md applied to a scenario's
// JSON and a solution's JSON, nothing else: it shares no line with the solver, so that it can judge
// it.
#pragma once

#include <string>
#include <vector>

#include "core/base/json.h"

namespace hod::resolution {

struct Verdict {
  std::vector<std::string> violations;
  std::size_t packages = 0;  // different name@version, the project not counted
  bool valid() const { return violations.empty(); }
};
Verdict validate(const Json& scenario, const Json& solution);

}  // namespace hod::resolution
