// SPDX-License-Identifier: MIT
// The search over scopes. A scope is one node in one peer context; what it chooses for its slots
// depends on nothing else (npm's rules look no further than the parent), so scopes are solved one
// by one, each once, from the importers downwards. A scope that has no solution becomes a lemma,
// and whoever chose it chooses again.
//
//   fresh ──solve──▶ solved ──a child is impossible, or preferences changed──▶ fresh
//     │ ▲
//     │ └─facts came── waiting        impossible: for good
//
// What must stay true:
//  (1) The outcome is a function of requirements, metadata and policy: scopes are visited in
//  breadth-first order of slots,
//      and the search goes on only when everything it asked for is there.
//  (2) After Outcome::solved, every scope reachable from the importers is solved and its choices
//  are solved scopes.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "resolver/flat.h"
#include "resolver/knowledge.h"
#include "resolver/problem.h"

namespace hod::resolver {

struct Choice {
  PackageId package = kNoPackageId;
  VersionIndex version = kNoVersion;  // kNoVersion: the slot is empty
  ScopeId scope = kNoScope;
};

struct Scope {
  enum class Status : std::uint8_t { fresh, solved, waiting, impossible };
  NodeId node = kNoNode;
  Status status = Status::fresh;
  std::uint32_t seen = 0;            // by which walk
  std::vector<Provider> context;     // one for each peer of the node
  std::vector<Choice> choices;       // one for each slot of the node, then the implicit slots
  std::vector<NameId> implicit;      // names of the latter
  std::vector<ScopeId> users;        // scopes that chose it at some time
  std::unique_ptr<Problem> problem;  // only where peers or lemmas made one necessary
};

class Search {
 public:
  Search(Knowledge& knowledge, std::size_t importers);

  enum class Outcome : std::uint8_t { solved, waiting, impossible, exhausted };
  Outcome settle();
  // The same for one scope and what it leads to. `impossible`: this scope is.
  Outcome settle(ScopeId scope);
  // The scope of a child that `parent` would have with these choices (slots first, then the named
  // implicit ones).
  ScopeId child_scope(ScopeId parent, const std::vector<Choice>& choices,
                      const std::vector<NameId>& implicit, std::size_t child);
  Provider provider(ScopeId parent, const std::vector<Choice>& choices,
                    const std::vector<NameId>& implicit, NameId name) const {
    return provider_among(knowledge_.book[scopes_[parent].node], scopes_[parent], choices, implicit,
                          name);
  }
  // Makes a choice found elsewhere the scope's own.
  void adopt(ScopeId scope, std::vector<Choice> choices, std::vector<NameId> implicit);
  // After `waiting`: whose metadata is needed.
  const std::vector<PackageId>& needed() const { return needed_; }
  const std::vector<ScopeId>& waiting() const { return waiting_; }
  // After `impossible`: why.
  ProofId refutation() const { return refutation_; }

  const std::vector<ScopeId>& roots() const { return roots_; }
  Scope& operator[](ScopeId id) { return scopes_[id]; }
  const Scope& operator[](ScopeId id) const { return scopes_[id]; }
  std::size_t scope_count() const { return scopes_.size(); }
  // Breadth first from the importers, in the order of slots.
  const std::vector<ScopeId>& reachable() { return reachable(roots_); }
  const std::vector<ScopeId>& reachable(const std::vector<ScopeId>& from);
  // How many different versions of packages are in use; what "fewest" counts.
  std::size_t package_count();
  // The preferences for some packages changed: scopes that chose one of them choose again.
  void reconsider(const std::vector<PackageId>& packages);
  // Some rules hold no more (peers were waived): whatever they decided is decided again, and
  // nothing proved stays.
  void relax();

 private:
  enum class Attempt : std::uint8_t { done, needs_problem, waiting };

  void solve(ScopeId id);
  void solve_flat(ScopeId id);
  Outcome settle_flat();
  bool targets_known(ScopeId id);
  Attempt solve_plainly(ScopeId id);
  bool choose_plainly(const Node& node, NodeId id);
  bool peers_fit(const Node& node, const Scope& scope);
  void solve_problem(ScopeId id);
  void take_choices(ScopeId id);
  void add_children(ScopeId id);
  Provider provider_of(const Node& node, const Scope& scope, NameId name) const;
  Provider provider_among(const Node& node, const Scope& scope, const std::vector<Choice>& choices,
                          const std::vector<NameId>& implicit, NameId name) const;
  ScopeId scope_of(NodeId node, std::vector<Provider> context);
  void learn(ScopeId id, Lemma lemma);
  std::optional<Lemma> dead_slot(const Node& node, NodeId id);
  bool applies(PackageId package, VersionIndex version, OverrideState state) const;
  Outcome walk(const std::vector<ScopeId>& from);
  void collect_needed(const std::vector<ScopeId>& from);
  void need(PackageId package);

  Knowledge& knowledge_;
  IdTable<ScopeId, Scope> scopes_;
  std::vector<ScopeId> roots_;
  std::unordered_multimap<std::uint64_t, ScopeId> by_context_;
  std::vector<ScopeId> queue_;
  std::vector<ScopeId> reachable_;
  std::vector<PackageId> needed_;
  std::vector<ScopeId> waiting_;
  ProofId refutation_ = kNoProof;
  std::uint32_t walk_ = 0;
  std::unique_ptr<FlatProblem> flat_;  // in flat mode
  std::vector<Choice> drafted_;        // scratch of solve_plainly
};

}  // namespace hod::resolver
