// SPDX-License-Identifier: MIT
// The solver's face over one Engine; see solver.h.
#include "resolver/solver.h"

#include <map>
#include <utility>

#include "resolver/engine.h"
#include "resolver/explain.h"
#include "resolver/output.h"
#include "resolver/repair.h"
#include "resolver/warnings.h"

namespace hod::resolver {

struct Solver::State {
  explicit State(Engine::Setup setup) : engine(std::move(setup)) {}

  void finish(Engine::Outcome outcome);
  void look_for_repairs();

  Engine engine;
  bool done = false;
  std::optional<Explanation> explanation;  // while repairs are looked for
  std::unique_ptr<Repairs> repairs;
  std::optional<Result<ResolutionGraph>> result;
  std::optional<Conflict> conflict;
  std::vector<Warning> warnings;
};

Solver::Solver(Requirements requirements, const ResolutionGraph* locked, Policy policy)
    : state_(std::make_unique<State>(
          Engine::Setup{std::move(requirements), std::move(policy), locked, std::nullopt})) {}
Solver::Solver(Solver&&) noexcept = default;
Solver::~Solver() = default;

namespace {

// With one version of each package, a rule that holds below some packages only would have to hold
// for everybody: then its author should say so.
std::optional<Error> refusal_of_flat(const Engine& engine) {
  if (!engine.policy().flat) return std::nullopt;
  for (const Override& rule : engine.requirements().overrides.rules) {
    const bool by_parent = rule.parents.size() == 1 && rule.direct_parent;
    if (rule.parents.empty() || by_parent) continue;
    return Error(ErrorCode::resolution_impossible,
                 "`" + rule.origin + "` holds below some packages only, and a flat tree has one `" +
                     rule.target.name + "` for all of them")
        .hint("name `" + rule.target.name + "` alone in the override, or install without `--flat`");
  }
  return std::nullopt;
}

}  // namespace

void Solver::State::finish(Engine::Outcome outcome) {
  switch (outcome) {
    case Engine::Outcome::waiting:
      return;
    case Engine::Outcome::solved:
      warnings = find_warnings(engine);
      result = make_graph(engine.requirements(), engine.knowledge(), engine.search());
      break;
    case Engine::Outcome::exhausted:
      result = failure(budget_error(engine));
      break;
    case Engine::Outcome::impossible:
      explanation = explain(engine);
      repairs = std::make_unique<Repairs>(engine, explanation->core);
      return;
  }
  done = true;
}

void Solver::State::look_for_repairs() {
  if (!repairs->advance()) return;
  add_repairs(*explanation, repairs->take());
  repairs.reset();
  conflict = std::move(explanation->conflict);
  result = failure(std::move(explanation->error));
  done = true;
}

Solver::Step Solver::advance() {
  Step step;
  if (auto refused = state_->done ? std::nullopt : refusal_of_flat(state_->engine)) {
    state_->result = failure(std::move(*refused));
    state_->done = true;
  }
  if (!state_->done) {
    if (!state_->repairs) state_->finish(state_->engine.advance());
    if (state_->repairs) state_->look_for_repairs();
    for (const PackageId asked : state_->engine.take_asked()) {
      step.needed.push_back(state_->engine.key_of(asked));
    }
    step.expected = state_->engine.take_expected();
  }
  step.done = state_->done;
  return step;
}

void Solver::provide(const MetadataKey& key, PackageMetadata metadata) {
  state_->engine.provide(key, std::move(metadata), key.source);
}

void Solver::provide_source(const MetadataKey& key, ProvidedSource provided) {
  state_->engine.provide(key, std::move(provided.metadata), std::move(provided.source));
}

void Solver::provide_missing(const MetadataKey& key, Error missing) {
  state_->engine.provide_missing(key, std::move(missing));
}

Result<ResolutionGraph> Solver::take_result() {
  if (!state_->result) {
    return failure(ErrorCode::internal, "the solver was asked for its result before it was done");
  }
  return std::move(*std::exchange(state_->result, std::nullopt));
}

bool is_exempt(const std::set<std::string>& exempt, std::string_view name) {
  if (exempt.contains(std::string(name))) return true;
  const std::size_t slash = name.find('/');
  return slash != std::string_view::npos &&
         exempt.contains(std::string(name.substr(0, slash + 1)) + "*");
}

const Conflict* Solver::conflict() const { return state_->conflict ? &*state_->conflict : nullptr; }

const std::vector<Warning>& Solver::warnings() const { return state_->warnings; }

Solver::Statistics Solver::statistics() const {
  const Budget& budget = state_->engine.knowledge().budget;
  return {budget.decisions, budget.conflicts, state_->engine.universe().package_count()};
}

}  // namespace hod::resolver
