// SPDX-License-Identifier: MIT
// See reasoner.h.
//
// Learning. The violated clause is resolved, latest narrowing first, with the clause that caused
// the narrowing: of "not (A and x∈S)" and "not (B and x∈T)" follows "not (A and B and x∈S∪T)". It
// stops when only one term is due to the latest decision: going back to the level of the others,
// the clause then forces that one to be false. A term that held from the start is dropped and the
// variable's own reason takes its place in the proof; that is how the proof comes down to
// requirements.
#include "resolver/reasoner.h"

#include <algorithm>

namespace hod::resolver {

Variable Reasoner::add_variable(const Domain& domain) {
  variables_.push_back({domain, {}, {}});
  return static_cast<Variable>(variables_.size() - 1);
}

ClauseIndex Reasoner::add_clause(const std::vector<Term>& terms, ProofId proof,
                                 std::optional<Assumption> assumption) {
  const auto index = static_cast<ClauseIndex>(clauses_.size());
  Clause clause{static_cast<std::uint32_t>(terms_.size()),
                static_cast<std::uint32_t>(terms.size()),
                proof,
                {}};
  if (assumption) clause.assumptions.push_back(*assumption);
  for (const Term& term : terms) {
    terms_.push_back({term.variable, arena_.copy(term.set)});
    variables_[term.variable].clauses.push_back(index);
  }
  clauses_.push_back(std::move(clause));
  return index;
}

Bits Reasoner::domain(Variable variable) const {
  const State& state = variables_[variable];
  return state.history.empty() ? state.start.values : trail_[state.history.back()].after;
}

void Reasoner::push(Variable variable, Bits after, ClauseIndex reason) {
  variables_[variable].history.push_back(static_cast<std::uint32_t>(trail_.size()));
  trail_.push_back({variable, static_cast<std::uint32_t>(levels_.size()), reason, after});
  changed_.push_back(variable);
  if (after.only() != Bits::kNoBit) fixed_.push_back(variable);
}

void Reasoner::decide(Variable variable, std::uint32_t value) {
  levels_.push_back({trail_.size(), clauses_.size(), trail_arena_.mark()});
  const Bits only = trail_arena_.zero(domain(variable).count);
  only.set(value);
  push(variable, only, kDecision);
}

void Reasoner::narrow(Variable variable, Bits away, ClauseIndex reason) {
  const Bits after = trail_arena_.copy(domain(variable));
  after.drop(away);
  push(variable, after, reason);
}

void Reasoner::backjump(std::uint32_t level) {
  changed_.clear();
  if (levels_.size() <= level) {
    // Staying: whatever was not looked at still has to be.
    for (std::size_t i = levels_.empty() ? 0 : levels_.back().trail; i < trail_.size(); ++i) {
      changed_.push_back(trail_[i].variable);
    }
    return;
  }
  const Level target = levels_[level];
  levels_.resize(level);
  while (trail_.size() > target.trail) {
    variables_[trail_.back().variable].history.pop_back();
    trail_.pop_back();
  }
  trail_arena_.release(target.arena);
  // Clauses that came later may say something about this level already.
  unchecked_ = std::min(unchecked_, target.clauses);
}

bool Reasoner::check(ClauseIndex index) {
  const Clause& clause = clauses_[index];
  const Term* open = nullptr;
  for (std::uint32_t i = clause.first; i < clause.first + clause.count; ++i) {
    const Term& term = terms_[i];
    const Bits values = domain(term.variable);
    work_ += 1 + term.set.count / 4;
    if (!values.meets(term.set)) return true;
    if (values.within(term.set)) continue;
    if (open) return true;
    open = &term;
  }
  if (!open) return false;
  narrow(open->variable, open->set, index);
  return true;
}

std::optional<ClauseIndex> Reasoner::propagate() {
  for (;;) {
    if (unchecked_ < clauses_.size()) {
      const auto index = static_cast<ClauseIndex>(unchecked_++);
      if (!check(index)) return index;
    } else if (!changed_.empty()) {
      const Variable variable = changed_.back();
      changed_.pop_back();
      const std::vector<ClauseIndex>& clauses = variables_[variable].clauses;
      for (std::size_t i = 0; i < clauses.size(); ++i) {
        if (!check(clauses[i])) return clauses[i];
      }
    } else {
      return std::nullopt;
    }
  }
}

std::uint32_t Reasoner::satisfied_at(Variable variable, Bits set) const {
  const State& state = variables_[variable];
  if (state.start.values.within(set)) return kFromTheStart;
  for (const std::uint32_t position : state.history) {
    if (trail_[position].after.within(set)) return position;
  }
  return kFromTheStart;  // cannot be: terms of a draft hold
}

void Reasoner::merge(Draft& draft, ClauseIndex index, Variable except) {
  const Clause& clause = clauses_[index];
  for (std::uint32_t i = clause.first; i < clause.first + clause.count; ++i) {
    const Term& term = terms_[i];
    if (term.variable == except) continue;
    Bits& set = draft.sets[term.variable];
    if (set.null()) {
      set = draft_arena_.copy(term.set);
      draft.active.push_back(term.variable);
    } else {
      set.keep(term.set);
    }
  }
  draft.proofs.push_back(clause.proof);
  draft.assumptions.insert(draft.assumptions.end(), clause.assumptions.begin(),
                           clause.assumptions.end());
}

// Terms that hold from the start say nothing; what made them hold goes into the proof.
void Reasoner::drop_settled(Draft& draft) {
  std::erase_if(draft.active, [&](Variable variable) {
    const Domain& start = variables_[variable].start;
    Bits& set = draft.sets[variable];
    if (start.context || !start.values.within(set)) return false;
    if (start.because != kNoProof) draft.proofs.push_back(start.because);
    if (start.assumption && !start.without_assumption.within(set)) {
      draft.assumptions.push_back(*start.assumption);
    }
    set = {};
    return true;
  });
}

Reasoner::Latest Reasoner::latest(const Draft& draft) const {
  Latest found;
  std::uint32_t first_level = 0;
  for (const Variable variable : draft.active) {
    const std::uint32_t position = satisfied_at(variable, draft.sets[variable]);
    if (position == kFromTheStart) continue;
    const std::uint32_t level = trail_[position].level;
    if (found.position == kFromTheStart || position > found.position) {
      if (found.position != kFromTheStart) {
        found.second_level = std::max(found.second_level, first_level);
      }
      found.variable = variable;
      found.position = position;
      first_level = level;
    } else {
      found.second_level = std::max(found.second_level, level);
    }
  }
  return found;
}

void Reasoner::resolve(Draft& draft, const Latest& at) {
  const ClauseIndex reason = trail_[at.position].reason;
  const Clause& clause = clauses_[reason];
  for (std::uint32_t i = clause.first; i < clause.first + clause.count; ++i) {
    if (terms_[i].variable == at.variable) draft.sets[at.variable].add(terms_[i].set);
  }
  merge(draft, reason, at.variable);
}

ClauseIndex Reasoner::add_learned(Draft& draft) {
  std::vector<Term> terms;
  terms.reserve(draft.active.size());
  for (const Variable variable : draft.active) terms.push_back({variable, draft.sets[variable]});
  const ClauseIndex index = add_clause(terms, proofs_.derived(std::move(draft.proofs)));
  std::sort(draft.assumptions.begin(), draft.assumptions.end());
  draft.assumptions.erase(std::unique(draft.assumptions.begin(), draft.assumptions.end()),
                          draft.assumptions.end());
  clauses_[index].assumptions = std::move(draft.assumptions);
  return index;
}

void Reasoner::refute(Draft& draft) {
  const Clause& learned = clauses_[add_learned(draft)];
  refutation_.proof = learned.proof;
  refutation_.assumptions = learned.assumptions;
  refutation_.context.assign(terms_.begin() + learned.first,
                             terms_.begin() + learned.first + learned.count);
}

bool Reasoner::learn(ClauseIndex violated) {
  ++conflicts_;
  const BitArena::Mark mark = draft_arena_.mark();
  Draft draft;
  draft.sets.resize(variables_.size());
  merge(draft, violated, 0xFFFFFFFF);
  for (;;) {
    drop_settled(draft);
    const Latest at = latest(draft);
    work_ += draft.active.size();
    if (at.position == kFromTheStart) {
      refute(draft);
      draft_arena_.release(mark);
      return false;
    }
    const Step& step = trail_[at.position];
    if (step.level > 0 && at.second_level < step.level) {
      add_learned(draft);
      draft_arena_.release(mark);
      backjump(at.second_level);
      return true;
    }
    resolve(draft, at);
  }
}

}  // namespace hod::resolver
