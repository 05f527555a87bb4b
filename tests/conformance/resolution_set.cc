// SPDX-License-Identifier: MIT
// Resolution scenarios: solved, and the outcome judged by an independent validator; refusals must
// name every requirement that the scenario calls critical.
//
//   --fewest          solve under the objective "fewest" and hold the number of packages against
//   the exact minimum
//   --solutions DIR   also write each answer as DIR/<scenario>.json, for the scenarios' own oracle
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "core/base/file.h"
#include "tests/conformance/all_sets.h"
#include "tests/resolution/scenario.h"
#include "tests/resolution/validator.h"

namespace hod::conformance {

namespace {

struct Options {
  bool fewest = false;
  std::string solutions;
};
struct Tally {
  std::size_t solvable = 0;
  std::size_t minimal = 0;
  std::size_t over_by_one = 0;
};
Options options;
Tally tally;

Outcome failed(std::string why) { return {Outcome::Kind::failed, std::move(why)}; }

// Is the requirement told: who asks, for what, in which range, all in one sentence?
bool names(const resolver::Conflict& conflict, const Json& entry) {
  const std::string& from = entry.find("from")->as_string();
  const std::size_t sign = from.rfind('@');
  const std::string who = from == "<root>" ? "package.json" : from.substr(0, sign) + " ";
  const std::string version = from == "<root>" ? "" : from.substr(sign + 1);
  return std::any_of(
      conflict.sentences.begin(), conflict.sentences.end(), [&](const std::string& sentence) {
        for (const std::string& part : {who, version, entry.find("name")->as_string() + " ",
                                        entry.find("range")->as_string()}) {
          if (sentence.find(part) == std::string::npos) return false;
        }
        return true;
      });
}

Outcome judge_refusal(const Json& expected, const resolution::Answer& answer) {
  if (expected.find("solvable")->as_boolean()) {
    return failed("refused: " + answer.error->text());
  }
  if (!answer.conflict) return failed("refused without a conflict: " + answer.error->text());
  const Json* critical = expected.find("critical");
  for (const Json& entry : critical ? critical->elements() : std::vector<Json>()) {
    if (!names(*answer.conflict, entry)) {
      return failed("does not name " + entry.dump() + " in\n" + answer.error->text());
    }
  }
  return {Outcome::Kind::passed, ""};
}

Outcome judge_solution(const Row& row, const Json& expected, const Json& solution) {
  const resolution::Verdict verdict = resolution::validate(row.data, solution);
  if (!expected.find("solvable")->as_boolean()) return failed("solved: " + solution.dump());
  if (!verdict.valid()) {
    std::string text = "not valid:";
    for (const std::string& violation : verdict.violations) text += "\n    " + violation;
    return failed(text + "\n" + solution.dump());
  }
  const auto minimum = static_cast<std::size_t>(expected.find("packages")->as_number());
  ++tally.solvable;
  if (verdict.packages <= minimum) ++tally.minimal;
  if (verdict.packages == minimum + 1) ++tally.over_by_one;
  if (options.fewest && verdict.packages > minimum) {
    std::printf("%s: %zu packages, the minimum is %zu\n", row.file.c_str(), verdict.packages,
                minimum);
    const bool exact = row.data.find("mode")->as_string() == "flat";
    if (exact || verdict.packages > minimum + 1) {
      return failed(std::to_string(verdict.packages) + " packages, the minimum is " +
                    std::to_string(minimum));
    }
  }
  return {Outcome::Kind::passed, ""};
}

}  // namespace

std::size_t take_resolution_option(std::span<char* const> arguments) {
  const std::string_view name = arguments.front();
  if (name == "--fewest") {
    options.fewest = true;
    return 1;
  }
  if (name == "--solutions" && arguments.size() > 1) {
    options.solutions = arguments[1];
    return 2;
  }
  return 0;
}

Outcome run_resolution_row(const Row& row) {
  Result<resolution::Scenario> scenario = resolution::read_scenario(row.data);
  if (!scenario) return failed(scenario.error().text());
  if (options.fewest) scenario->policy.resolution = resolver::Resolution::fewest;
  const resolution::Answer answer = resolution::solve(*scenario);
  const Json solution = resolution::solution_of(*scenario, answer);
  if (!options.solutions.empty()) {
    const std::string file = std::filesystem::path(row.file).filename().string();
    auto written = write_file_atomic(options.solutions + "/" + file, solution.dump(1) + "\n");
    if (!written) return failed(written.error().text());
  }
  const Json& expected = *row.data.find("expected");
  return answer.graph ? judge_solution(row, expected, solution) : judge_refusal(expected, answer);
}

void print_resolution_summary() {
  std::printf("%zu of %zu solved ones have the fewest packages there can be, %zu have one more\n",
              tally.minimal, tally.solvable, tally.over_by_one);
}

}  // namespace hod::conformance
