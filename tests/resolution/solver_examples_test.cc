// SPDX-License-Identifier: MIT
// The worked examples of docs/solver.md: fixtures/solver-examples/NAME.json is a universe, NAME.txt
// what the solver says of it. The page has both word for word. HOD_UPDATE_GOLDEN=1 writes the
// outcomes anew, in the page too; the steps that it tells are to be read again by somebody.
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <doctest/doctest.h>

#include "core/base/file.h"
#include "tests/resolution/scenario.h"
#include "tests/resolution/validator.h"

using namespace hod;
namespace fs = std::filesystem;

namespace {

std::vector<fs::path> universes() {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(HOD_SOURCE_DIR "/fixtures/solver-examples")) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// What the solver says, and how it came there: the steps told in the page have to add up to that.
std::string outcome_of(const resolution::Answer& answer) {
  std::string text;
  if (answer.error) text = answer.error->text();
  for (const GraphPackage& package :
       answer.graph ? answer.graph->packages : std::vector<GraphPackage>()) {
    text += package.id() + package.peer_context + "\n";
  }
  const resolver::Solver::Statistics& count = answer.statistics;
  return text + "\ndecisions " + std::to_string(count.decisions) + ", conflicts " +
         std::to_string(count.conflicts) + ", rounds of asking " + std::to_string(answer.rounds) +
         "\n";
}

void replace_in(const std::string& file, const std::string& before, const std::string& after) {
  std::string text = must(read_file(file));
  const std::size_t found = before.empty() ? std::string::npos : text.find(before);
  if (found == std::string::npos) return;
  must(write_file_atomic(file, text.replace(found, before.size(), after)));
}

bool quotes(const std::string& page, const std::string& text) {
  return page.find("\n```\n" + text + "```\n") != std::string::npos;
}

}  // namespace

TEST_CASE("the examples of docs/solver.md are what the solver says") {
  const std::vector<fs::path> files = universes();
  CHECK(files.size() >= 3);
  const std::string page_file = HOD_SOURCE_DIR "/docs/solver.md";
  for (const fs::path& file : files) {
    CAPTURE(file.string());
    const std::string universe = must(read_file(file.string()));
    const Json data = must(Json::parse(universe, file.string()));
    const resolution::Scenario scenario = must(resolution::read_scenario(data));
    const resolution::Answer answer = resolution::solve(scenario);
    const std::string outcome = outcome_of(answer);
    const std::string expected = fs::path(file).replace_extension(".txt").string();
    const std::string before = read_file_if_present(expected)->value_or("");
    if (std::getenv("HOD_UPDATE_GOLDEN") != nullptr) {
      must(write_file_atomic(expected, outcome));
      replace_in(page_file, before, outcome);
    }
    const std::string page = must(read_file(page_file));
    CHECK(outcome == read_file_if_present(expected)->value_or(""));
    CHECK(quotes(page, universe));
    CHECK(quotes(page, outcome));
    CHECK(answer.graph.has_value() == data.find("expected")->find("solvable")->as_boolean());
    if (answer.graph) {
      CHECK(resolution::validate(data, resolution::solution_of(scenario, answer)).valid());
    }
  }
}
