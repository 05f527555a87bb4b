// SPDX-License-Identifier: MIT
// Made-up registries as JSON (the format of fixtures/conformance/resolution/README.md): read into
// the solver's input, solved without any network, and the outcome written in the form that
// validators take.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "resolver/solver.h"

namespace hod::resolution {

struct Scenario {
  std::string mode;  // "npm" or "flat"
  Requirements requirements;
  std::map<std::string, PackageMetadata> registry;
  std::optional<ResolutionGraph> locked;
  resolver::Policy policy;
};
Result<Scenario> read_scenario(const Json& data);

struct Answer {
  std::optional<ResolutionGraph> graph;
  std::optional<Error> error;
  std::optional<resolver::Conflict> conflict;
  std::vector<resolver::Warning> warnings;
  resolver::Solver::Statistics statistics;
  std::size_t rounds = 0;  // of asking for metadata
};
// `shuffle`: answers are given one at a time in an order that depends on it; 0: in the order asked.
Answer solve(const Scenario& scenario, std::uint64_t shuffle = 0);

// {"solvable", "instances": [{"id", "name", "version", "slots", "peers"}], "explanation"}
Json solution_of(const Scenario& scenario, const Answer& answer);

}  // namespace hod::resolution
