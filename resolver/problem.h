// SPDX-License-Identifier: MIT
// The slots of one scope as a problem for the reasoner: npm's rules for peers, stated as clauses.
//
// Variables: one for each own peer (context: what it is was decided above), one for each slot, and
// one for each implicit slot, made when a child has a peer that nobody provides. Clauses are stated
// when a child's version is fixed: one for each peer that could be provided wrongly, one for each
// lemma about that child.
#pragma once

#include <set>
#include <unordered_map>
#include <vector>

#include "resolver/knowledge.h"
#include "resolver/reasoner.h"

namespace hod::resolver {

// What provides a peer: a package's version, or nothing.
struct Provider {
  PackageId package = kNoPackageId;
  VersionIndex version = kNoVersion;
  friend bool operator==(const Provider&, const Provider&) = default;
};

class Problem {
 public:
  Problem(Knowledge& knowledge, NodeId node, std::vector<Provider> context);

  enum class Outcome : std::uint8_t { solved, refuted, waiting, exhausted };
  // All targets of the node's slots must be known. May be called again after new lemmas or
  // preferences.
  Outcome run();

  // After `solved`. A version of kNoVersion: the slot is empty.
  VersionIndex slot_version(std::uint32_t slot) const;
  struct Implicit {
    NameId name = kNoName;
    PackageId package = kNoPackageId;
    VersionIndex version = kNoVersion;
  };
  std::vector<Implicit> implicit() const;

  // After `refuted`: conditions on the context, and why.
  Lemma refutation();

  // After `waiting`: whose metadata is needed.
  const std::vector<PackageId>& needed() const { return needed_; }

 private:
  struct Place {
    NameId name = kNoName;
    PackageId package = kNoPackageId;
    std::uint32_t none = 0;      // the bit for "none"
    std::uint32_t slot = kNone;  // index among the node's slots
    bool implicit = false;
    bool context =
        false;  // an own peer. Its "none" is never part of what a rule says of its versions:
                // without a provider above there is an implicit slot, and another rule
    bool unloaded = false;  // implicit, and its package was not loaded when it was made
    std::uint32_t guard =
        kNone;  // the own optional peer that nobody provides, because of which this is implicit
    bool dependent = false;  // its first choice has peers: decided early
  };
  // Who may have something to say of a name, as variables.
  struct Named {
    Variable slot = kNone;
    Variable own_peer = kNone;
    Variable implicit = kNone;
  };
  struct Found {
    bool self = false;
    Variable variable = kNone;
  };

  Outcome settle(bool may_give_up);
  Outcome regain();
  void build();
  void add_own_peer(std::uint32_t index);
  void add_slot(std::uint32_t index);
  Variable add_implicit(NameId name, PackageId package, std::uint32_t guard);
  void add_place(const Place& place);
  Found provider(NameId name, PackageId target);
  Named named(NameId name) const {
    const auto known = by_name_.find(static_cast<std::uint32_t>(name));
    return known == by_name_.end() ? Named{} : known->second;
  }
  // Without an implicit slot; of an importer everything is.
  bool is_provided(NameId name) const;
  bool expand_all();
  void expect_all();
  void expand(Variable variable, VersionIndex version);
  void state_peer(Variable variable, VersionIndex version, std::uint32_t peer, NodeId child);
  void state_lemma(Variable variable, const Lemma& lemma);
  std::optional<Bits> condition_set(const Lemma::Condition& condition, Variable variable);
  std::optional<Variable> next_variable() const;
  std::uint32_t choose(Variable variable);
  void give_up_one();
  bool refuse_unfounded();
  std::vector<bool> founded();
  bool requires_any(NodeId child, PackageId package, VersionIndex version,
                    const std::vector<bool>& unfounded) const;
  Bits not_requiring(Variable variable, const std::vector<bool>& unfounded);
  bool is_needless(PackageId package, VersionIndex version, NameId peer) const {
    return knowledge_.leniency(package, version, peer) == Leniency::absent;
  }
  void need(PackageId package);

  Knowledge& knowledge_;
  NodeId node_;
  std::vector<Provider> context_;
  std::set<Assumption> given_up_;      // slots that may be empty
  std::set<Assumption> irredeemable_;  // what was given up when each was tried again
  std::unique_ptr<Reasoner> reasoner_;
  std::vector<Place> places_;  // by variable
  std::unordered_map<std::uint32_t, Named> by_name_;
  std::size_t implicit_count_ = 0;
  std::unordered_map<std::uint64_t, std::size_t> expanded_;  // (variable, version) → lemmas stated
  std::set<std::tuple<Variable, NameId, SpecId, bool>> stated_;  // peer clauses there are
  std::vector<Variable> unexpanded_;  // may have come down to a version that nothing was said of
  std::vector<PackageId> needed_;
  bool stale_ = true;
  std::uint64_t counted_work_ = 0;
};

}  // namespace hod::resolver
