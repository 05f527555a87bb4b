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
  std::size_t package_count() const;
  // After `refuted`.
  ProofId refutation() const { return reasoner_->refutation().proof; }
  const std::vector<PackageId>& needed() const { return needed_; }

  // From now on only solutions with fewer packages than the present one count. (For "fewest".)
  std::vector<std::pair<PackageId, VersionIndex>> present() const;

 private:
  struct Place {
    PackageId package = kNoPackageId;
    std::uint32_t none = 0;
    bool placeholder = false;
  };
  // An optional dependency that is wanted unless given up.
  using Wish = std::tuple<PackageId, VersionIndex, NameId>;

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

  Knowledge& knowledge_;
  std::vector<NodeId> roots_;
  std::unique_ptr<Reasoner> reasoner_;
  std::vector<Place> places_;
  std::unordered_map<std::uint32_t, Variable> by_package_;
  std::set<std::pair<Variable, VersionIndex>> expanded_;
  std::set<std::tuple<Variable, NameId, SpecId, DependencyKind>> stated_;
  std::map<Wish, Assumption> assumptions_;
  std::vector<Wish> wishes_;
  std::set<Wish> given_up_;
  std::vector<PackageId> needed_;
  bool stale_ = true;
  std::uint64_t counted_work_ = 0;
};

}  // namespace hod::resolver
