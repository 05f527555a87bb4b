// SPDX-License-Identifier: MIT
// The solver's face over one Engine, or, where that is enough, over an Addition; see solver.h.
#include "resolver/solver.h"

#include <map>
#include <utility>

#include "resolver/addition.h"
#include "resolver/engine.h"
#include "resolver/explain.h"
#include "resolver/output.h"
#include "resolver/repair.h"
#include "resolver/warnings.h"

namespace hod::resolver {

struct Solver::State {
  explicit State(Engine::Setup given)
      : setup(std::move(given)),
        addition(Addition::of(setup.requirements, setup.locked, setup.policy)) {
    if (!addition) engine = std::make_unique<Engine>(std::move(setup));
  }

  bool try_addition(Step& step);
  void solve(Step& step);
  bool give_known(const MetadataKey& key);
  void settle(const MetadataKey& key, Engine::Answer answer);
  void finish(Engine::Outcome outcome);
  void look_for_repairs();

  // First of the two that is there.
  Engine::Setup setup;  // of the engine that is to come
  std::unique_ptr<Addition> addition;
  std::unique_ptr<Engine> engine;
  Addition::Answers known;  // what the addition has heard
  Statistics statistics;    // of the addition
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
      warnings = find_warnings(*engine);
      result = make_graph(engine->requirements(), engine->knowledge(), engine->search());
      break;
    case Engine::Outcome::exhausted:
      result = failure(budget_error(*engine));
      break;
    case Engine::Outcome::impossible:
      explanation = explain(*engine);
      repairs = std::make_unique<Repairs>(*engine, explanation->core);
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

// True: it waits or is done. False: everything has to be solved.
bool Solver::State::try_addition(Step& step) {
  const Addition::Outcome outcome = addition->advance();
  step.expected = addition->take_expected();
  if (outcome == Addition::Outcome::waiting) {
    step.needed = addition->take_needed();
    return true;
  }
  statistics = {addition->budget().decisions, addition->budget().conflicts,
                addition->packages_loaded()};
  if (outcome == Addition::Outcome::solved) {
    warnings = addition->warnings();
    result = addition->take_graph();
    done = true;
    return true;
  }
  known = addition->take_answers();
  addition.reset();
  engine = std::make_unique<Engine>(std::move(setup));
  return false;
}

// What the addition has asked for is not asked for again.
bool Solver::State::give_known(const MetadataKey& key) {
  const auto found = known.find(key);
  if (found == known.end()) return false;
  settle(key, std::move(found->second));
  known.erase(found);
  return true;
}

void Solver::State::solve(Step& step) {
  for (bool given = true; given && !done;) {
    given = false;
    if (!repairs) finish(engine->advance());
    if (repairs) look_for_repairs();
    for (const PackageId asked : engine->take_asked()) {
      MetadataKey key = engine->key_of(asked);
      if (give_known(key)) {
        given = true;
      } else {
        step.needed.push_back(std::move(key));
      }
    }
  }
  for (ExpectedRelease& release : engine->take_expected()) {
    step.expected.push_back(std::move(release));
  }
}

void Solver::State::settle(const MetadataKey& key, Engine::Answer answer) {
  if (addition) return addition->provide(key, std::move(answer));
  if (answer.missing) {
    engine->provide_missing(key, std::move(*answer.missing));
  } else {
    engine->provide(key, std::move(*answer.metadata), std::move(answer.source));
  }
}

Solver::Step Solver::advance() {
  Step step;
  if (state_->addition && (state_->done || state_->try_addition(step))) {
    step.done = state_->done;
    return step;
  }
  if (auto refused = state_->done ? std::nullopt : refusal_of_flat(*state_->engine)) {
    state_->result = failure(std::move(*refused));
    state_->done = true;
  }
  if (!state_->done) state_->solve(step);
  step.done = state_->done;
  return step;
}

void Solver::provide(const MetadataKey& key, PackageMetadata metadata) {
  state_->settle(key, {std::move(metadata), key.source, std::nullopt});
}

void Solver::provide_source(const MetadataKey& key, ProvidedSource provided) {
  state_->settle(key, {std::move(provided.metadata), std::move(provided.source), std::nullopt});
}

void Solver::provide_missing(const MetadataKey& key, Error missing) {
  state_->settle(key, {std::nullopt, {}, std::move(missing)});
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
  if (!state_->engine) return state_->statistics;
  const Budget& budget = state_->engine->knowledge().budget;
  return {budget.decisions, budget.conflicts, state_->engine->universe().package_count()};
}

}  // namespace hod::resolver
