// SPDX-License-Identifier: MIT
// The logic at the core: variables over small sets of values, clauses that say which combinations
// cannot be, unit propagation, and learning a new clause from every conflict (first unique
// implication point), with backjumping.
//
// A clause is a list of terms "variable ∈ set" of which at least one must be false: PubGrub's
// incompatibility. A value is a version or "none"; sets are Bits. The reasoner knows nothing of
// packages: problem.cc and flat.cc state the rules.
//
// What must stay true:
//  (1) Every clause, learned or stated, follows from the rules alone, never from a decision:
//  clauses stay when decisions go. (2) A context variable is never dropped from a learned clause:
//  what is refuted is refuted in that context only, and
//      the terms that are left say in which others too.
//  (3) No recursion; work is counted, for the budget.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "resolver/bits.h"
#include "resolver/proof.h"

namespace hod::resolver {

using Variable = std::uint32_t;
using ClauseIndex = std::uint32_t;
using Assumption = std::uint32_t;

struct Term {
  Variable variable = 0;
  Bits set;
};

class Reasoner {
 public:
  explicit Reasoner(Proofs& proofs) : proofs_(proofs) {}

  // --- stating the problem
  struct Domain {
    Bits values;              // at the start; never empty for a context variable
    Bits without_assumption;  // null, or what `values` would be if `assumption` were given up
    std::optional<Assumption> assumption;
    ProofId because = kNoProof;  // why no other value: kNoProof: a matter of course
    bool context = false;
  };
  Variable add_variable(const Domain& domain);
  // At least one term is false. Sets are copied. `assumption`: the clause holds as long as that is
  // not given up.
  ClauseIndex add_clause(const std::vector<Term>& terms, ProofId proof,
                         std::optional<Assumption> assumption = std::nullopt);

  // --- searching
  Bits domain(Variable variable) const;
  Bits start(Variable variable) const { return variables_[variable].start.values; }
  bool decided(Variable variable) const { return domain(variable).only() != Bits::kNoBit; }
  std::size_t variable_count() const { return variables_.size(); }
  void restart() { backjump(0); }
  void decide(Variable variable, std::uint32_t value);
  // Variables that came down to one value since the last call (which some may have lost again
  // since).
  std::vector<Variable> take_fixed() { return std::exchange(fixed_, {}); }
  // Draws all conclusions; the clause that is violated, if one is.
  std::optional<ClauseIndex> propagate();
  // Learns from a violated clause and goes back. False: nothing is left to go back to; see
  // refutation().
  bool learn(ClauseIndex violated);

  struct Refutation {
    std::vector<Term> context;  // what must hold of the context for it; context variables only
    std::vector<Assumption> assumptions;  // ascending; giving up one of them might help
    ProofId proof = kNoProof;
  };
  const Refutation& refutation() const { return refutation_; }

  std::uint64_t work() const { return work_; }
  std::uint64_t conflicts() const { return conflicts_; }
  BitArena& arena() { return arena_; }

 private:
  static constexpr ClauseIndex kDecision = 0xFFFFFFFF;
  static constexpr std::uint32_t kFromTheStart = 0xFFFFFFFF;

  struct State {
    Domain start;
    std::vector<std::uint32_t> history;  // positions in trail_
    std::vector<ClauseIndex> clauses;    // that speak of it
  };
  struct Clause {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    ProofId proof = kNoProof;
    std::vector<Assumption> assumptions;
  };
  struct Step {
    Variable variable = 0;
    std::uint32_t level = 0;
    ClauseIndex reason = kDecision;
    Bits after;
  };
  struct Level {
    std::size_t trail = 0;
    std::size_t clauses = 0;
    BitArena::Mark arena;
  };
  // The clause being learned.
  struct Draft {
    std::vector<Variable> active;
    std::vector<Bits> sets;  // by variable; null: not in it
    std::vector<ProofId> proofs;
    std::vector<Assumption> assumptions;
  };
  struct Latest {
    Variable variable = 0;
    std::uint32_t position = kFromTheStart;
    std::uint32_t second_level = 0;
  };

  bool check(ClauseIndex clause);  // false: violated
  void narrow(Variable variable, Bits away, ClauseIndex reason);
  void push(Variable variable, Bits after, ClauseIndex reason);
  void backjump(std::uint32_t level);
  std::uint32_t satisfied_at(Variable variable, Bits set) const;
  void merge(Draft& draft, ClauseIndex clause, Variable except);
  void drop_settled(Draft& draft);
  Latest latest(const Draft& draft) const;
  void resolve(Draft& draft, const Latest& at);
  ClauseIndex add_learned(Draft& draft);
  void refute(Draft& draft);

  Proofs& proofs_;
  std::vector<State> variables_;
  std::vector<Clause> clauses_;
  std::vector<Term> terms_;
  std::vector<Step> trail_;
  std::vector<Level> levels_;      // one a decision
  std::vector<Variable> fixed_;    // since take_fixed()
  std::vector<Variable> changed_;  // to be looked at by propagate()
  std::size_t unchecked_ = 0;      // clauses from here on were not looked at yet
  Refutation refutation_;
  BitArena arena_;        // sets of clauses: for good
  BitArena trail_arena_;  // domains: until the decision goes
  BitArena draft_arena_;
  std::uint64_t work_ = 0;
  std::uint64_t conflicts_ = 0;
};

}  // namespace hod::resolver
