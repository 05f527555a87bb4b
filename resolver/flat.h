// SPDX-License-Identifier: MIT
// Flat mode: one version of each package in the whole project. Then everything is one problem: a
// variable for each package, dependencies and peers alike are clauses between two of them.
#pragma once

#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "resolver/knowledge.h"
#include "resolver/reasoner.h"

namespace hod::resolver {

class FlatProblem {
 public:
  // `roots`: the importers' nodes.
  FlatProblem(Knowledge& knowledge, std::vector<NodeId> roots);

  enum class Outcome : std::uint8_t { solved, refuted, waiting, exhausted };
  Outcome run();

  // After `solved`: the version of a package, kNoVersion if it is not needed.
  VersionIndex version_of(PackageId package) const;
  // After `refuted`.
  ProofId refutation() const { return reasoner_->refutation().proof; }
  const std::vector<PackageId>& needed() const { return needed_; }

  // After `solved`: looks for a solution with fewer packages, by branch and bound as far as a limit
  // allows. `solved`: version_of() tells the best one. `waiting`: it needs facts, run() is to be
  // called again.
  Outcome minimize();

 private:
  struct Place {
    PackageId package = kNoPackageId;
    std::uint32_t none = 0;
    bool unloaded = false;
  };
  // An optional dependency that is wanted unless given up.
  using Wish = std::tuple<PackageId, VersionIndex, NameId>;
  using Version = std::pair<PackageId, VersionIndex>;
  // A part of all solutions: those with all of `required` and none of `excluded`.
  struct Branch {
    std::set<Version> required;
    std::set<Version> excluded;
  };

  Outcome settle(bool may_give_up);
  Outcome regain();
  void build();
  Variable variable_of(PackageId package);
  bool expand_all();
  void expand(PackageId owner, VersionIndex version, Variable variable);
  struct Requirement {
    NameId alias = kNoName;
    SpecId spec = kNoSpec;
    SpecId written = kNoSpec;
    PackageId target = kNoPackageId;
    DependencyKind kind = DependencyKind::production;
  };
  void state(PackageId owner, VersionIndex version, Variable variable, const Requirement& asked);
  Bits forbidden(Variable target, const Requirement& asked, bool none_too);
  Assumption assumption_of(const Wish& wish);
  void need(PackageId package);
  void add_branch();
  std::vector<Version> present() const;
  std::size_t least_packages();
  std::size_t empty_wishes();
  std::optional<Variable> next_variable() const;

  Knowledge& knowledge_;
  std::vector<NodeId> roots_;
  std::unique_ptr<Reasoner> reasoner_;
  std::vector<Place> places_;
  std::unordered_map<std::uint32_t, Variable> by_package_;
  std::set<std::pair<Variable, VersionIndex>> expanded_;
  std::set<std::tuple<Variable, NameId, SpecId, DependencyKind>> stated_;
  std::map<Wish, Assumption> assumptions_;
  std::vector<Wish> wishes_;
  std::vector<Wish> given_up_;  // in this order
  Branch branch_;
  std::optional<std::map<PackageId, VersionIndex>> best_;  // minimize()'s answer
  std::vector<PackageId> needed_;
  bool stale_ = true;
  std::uint64_t counted_work_ = 0;
};

}  // namespace hod::resolver
