// SPDX-License-Identifier: MIT
// See compare.h.
#include "tests/resolution/compare.h"

#include "tests/resolution/brute_force.h"
#include "tests/resolution/random_universe.h"
#include "tests/resolution/scenario.h"
#include "tests/resolution/validator.h"

namespace hod::resolution {

namespace {

constexpr std::uint64_t kLimit = 300'000;

void compare_graphs(const Scenario& scenario, const Json& data, const Answer& answer,
                    const Truth& truth, bool fewest, Comparison& result) {
  const Json solution = solution_of(scenario, answer);
  const Verdict verdict = validate(data, solution);
  for (const std::string& violation : verdict.violations) {
    result.differences.push_back("not valid: " + violation);
  }
  const Answer again = solve(scenario, 0x1234567);
  if (!again.graph || *again.graph != *answer.graph) {
    result.differences.push_back("another order of answers leads to another graph");
  }
  if (!fewest) return;
  if (verdict.packages < truth.fewest && verdict.valid()) {
    result.differences.push_back("fewer packages than there can be");
  }
  (verdict.packages <= truth.fewest       ? result.exact
   : verdict.packages == truth.fewest + 1 ? result.one_more
                                          : result.worse) += 1;
  const std::size_t tolerated = scenario.policy.flat ? 0 : 1;
  if (verdict.packages > truth.fewest + tolerated) {
    result.differences.push_back(std::to_string(verdict.packages) + " packages, " +
                                 std::to_string(truth.fewest) + " would do (" + scenario.mode +
                                 ")");
  }
}

}  // namespace

void Comparison::add(const Comparison& other) {
  universes += other.universes;
  solvable += other.solvable;
  unsolvable += other.unsolvable;
  skipped += other.skipped;
  exact += other.exact;
  one_more += other.one_more;
  worse += other.worse;
  differences.insert(differences.end(), other.differences.begin(), other.differences.end());
}

Comparison compare(std::uint64_t seed, bool fewest) {
  Comparison result;
  const Json data = random_universe(seed);
  const std::optional<Truth> truth = brute_force(data, fewest, kLimit);
  if (!truth) {
    result.skipped = 1;
    return result;
  }
  result.universes = 1;
  (truth->solvable ? result.solvable : result.unsolvable) += 1;
  Scenario scenario = must(read_scenario(data));
  if (fewest) scenario.policy.resolution = resolver::Resolution::fewest;
  const Answer answer = solve(scenario);
  if (answer.graph.has_value() != truth->solvable) {
    result.differences.push_back(truth->solvable ? "refused: " + answer.error->text()
                                                 : "solved, although it cannot be");
    return result;
  }
  if (answer.graph) {
    compare_graphs(scenario, data, answer, *truth, fewest, result);
  } else if (!answer.conflict || answer.conflict->causes.empty()) {
    result.differences.push_back("refused without a conflict: " + answer.error->text());
  }
  return result;
}

}  // namespace hod::resolution
