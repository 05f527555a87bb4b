// SPDX-License-Identifier: MIT
// See flat.h.
#include "resolver/flat.h"

#include <algorithm>

#include "resolver/sisters.h"

namespace hod::resolver {

namespace {
constexpr std::size_t kBranches = 3'000;  // tried for fewer packages
}

FlatProblem::FlatProblem(Knowledge& knowledge, std::vector<NodeId> roots)
    : knowledge_(knowledge), roots_(std::move(roots)) {}

void FlatProblem::need(PackageId package) {
  if (std::find(needed_.begin(), needed_.end(), package) == needed_.end()) {
    needed_.push_back(package);
  }
}

Variable FlatProblem::variable_of(PackageId package) {
  const auto [known, is_new] = by_package_.try_emplace(static_cast<std::uint32_t>(package), 0);
  if (!is_new) return known->second;
  const Package& about = knowledge_.universe[package];
  Place place{package, 0, about.state != Package::State::loaded};
  const Bits values = reasoner_->arena().zero(place.unloaded ? 1 : about.words);
  if (!place.unloaded) {
    place.none = about.versions;
    if (about.allowed.null()) {
      values.set_range(0, about.versions);
    } else {
      values.assign(about.allowed);
    }
  }
  values.set(place.none);
  Reasoner::Domain domain;
  domain.values = values;
  known->second = reasoner_->add_variable(domain);
  places_.push_back(place);
  return known->second;
}

Assumption FlatProblem::assumption_of(const Wish& wish) {
  const auto [known, is_new] =
      assumptions_.try_emplace(wish, static_cast<Assumption>(wishes_.size()));
  if (is_new) wishes_.push_back(wish);
  return known->second;
}

Bits FlatProblem::forbidden(Variable target, const Requirement& asked, bool none_too) {
  const Place& place = places_[target];
  const Bits set = reasoner_->arena().zero(reasoner_->start(target).count);
  if (!place.unloaded) {
    set.set_range(0, knowledge_.universe[place.package].versions);
    const bool peer =
        asked.kind == DependencyKind::peer || asked.kind == DependencyKind::optional_peer;
    set.drop(peer ? knowledge_.universe.satisfying(asked.spec, place.package)
                  : knowledge_.universe.candidates(asked.spec, place.package));
  }
  if (none_too) set.set(place.none);
  return set;
}

void FlatProblem::state(PackageId owner, VersionIndex version, Variable variable,
                        const Requirement& asked) {
  const bool importer = knowledge_.universe[owner].kind == Package::Kind::importer;
  if (!importer && !knowledge_.book.rewrites(knowledge_.universe[owner].name) &&
      !stated_.emplace(variable, asked.alias, asked.written, asked.kind).second) {
    return;
  }
  const bool peer =
      asked.kind == DependencyKind::peer || asked.kind == DependencyKind::optional_peer;
  if (peer && knowledge_.leniency(owner, version, asked.alias) != Leniency::none) return;
  Fact fact{owner, {}, asked.alias, peer};
  std::vector<Term> terms;
  if (importer) {
    fact.versions = reasoner_->arena().zero(1);
    fact.versions.set(0);
  } else {
    fact.versions = sisters(knowledge_, reasoner_->arena(), owner, version,
                            reasoner_->start(variable), asked.alias, asked.written, asked.kind);
    terms.push_back({variable, fact.versions});
  }
  const ProofId proof = knowledge_.proofs.fact(fact);
  const bool optional = asked.kind == DependencyKind::optional;
  if (asked.target == kNoPackageId) {  // nothing can answer
    if (!optional) reasoner_->add_clause(terms, proof);
    return;
  }
  const Variable target = variable_of(asked.target);
  const Package& about = knowledge_.universe[asked.target];
  if (!about.known() && asked.kind != DependencyKind::optional_peer) return need(asked.target);
  if (places_[target].unloaded && about.state == Package::State::loaded) stale_ = true;
  const auto add = [&](Bits set, std::optional<Assumption> assumption) {
    if (target == variable && !importer) {
      terms.front().set.keep(set);
      reasoner_->add_clause(terms, proof, assumption);
      return;
    }
    terms.push_back({target, set});
    reasoner_->add_clause(terms, proof, assumption);
    terms.pop_back();
  };
  const bool required =
      asked.kind != DependencyKind::optional_peer && asked.kind != DependencyKind::optional;
  add(forbidden(target, asked, required), std::nullopt);
  const Wish wish{owner, version, asked.alias};
  if (optional && std::find(given_up_.begin(), given_up_.end(), wish) == given_up_.end()) {
    add(forbidden(target, asked, true), assumption_of(wish));
  }
}

void FlatProblem::expand(PackageId owner, VersionIndex version, Variable variable) {
  const NodeId node = knowledge_.book.child(kNoOverrides, owner, version);
  for (std::uint32_t i = 0; i < knowledge_.book[node].slot_count; ++i) {
    const Slot slot = knowledge_.book.slots(node)[i];
    if (slot.target != kNoPackageId &&
        knowledge_.universe[slot.target].kind == Package::Kind::importer) {
      continue;
    }
    const bool optional = slot.optional();
    state(owner, version, variable,
          {slot.alias, slot.spec, slot.written, slot.target,
           optional ? DependencyKind::optional : DependencyKind::production});
  }
  for (std::uint32_t i = 0; i < knowledge_.book[node].peer_count; ++i) {
    const Peer peer = knowledge_.book.peers(node)[i];
    state(owner, version, variable,
          {peer.name, peer.spec, peer.written, peer.target,
           peer.optional ? DependencyKind::optional_peer : DependencyKind::peer});
  }
}

void FlatProblem::build() {
  reasoner_ = std::make_unique<Reasoner>(knowledge_.proofs);
  places_.clear();
  by_package_.clear();
  expanded_.clear();
  stated_.clear();
  counted_work_ = 0;
  stale_ = false;
  for (const NodeId root : roots_) {
    const Node node = knowledge_.book[root];
    expand(node.package, node.version, 0xFFFFFFFF);
  }
  add_branch();
}

bool FlatProblem::expand_all() {
  bool said = false;
  for (Variable i = 0; i < places_.size(); ++i) {
    const std::uint32_t version = reasoner_->domain(i).only();
    if (version == Bits::kNoBit || version == places_[i].none) continue;
    if (!expanded_.emplace(i, version).second) continue;
    expand(places_[i].package, version, i);
    said = true;
  }
  return said;
}

// What something requires before what nothing does.
std::optional<Variable> FlatProblem::next_variable() const {
  std::optional<Variable> next;
  for (Variable i = 0; i < places_.size(); ++i) {
    if (reasoner_->decided(i)) continue;
    if (!reasoner_->domain(i).has(places_[i].none)) return i;
    if (!next) next = i;
  }
  return next;
}

FlatProblem::Outcome FlatProblem::run() {
  const Outcome outcome = settle(true);
  return outcome == Outcome::solved && given_up_.size() > 1 ? regain() : outcome;
}

// Giving up one wish may have made it unnecessary to give up an earlier one: each is tried once
// more.
FlatProblem::Outcome FlatProblem::regain() {
  const std::vector<Wish> all = given_up_;
  for (const Wish& wish : all) {
    std::vector<Wish> before = given_up_;
    std::erase(given_up_, wish);
    stale_ = true;
    const Outcome outcome = settle(false);
    if (outcome == Outcome::solved) continue;
    given_up_ = outcome == Outcome::waiting ? all : std::move(before);
    stale_ = true;
    if (outcome != Outcome::refuted) return outcome;
  }
  return stale_ ? settle(true) : Outcome::solved;
}

// `may_give_up`: optional dependencies, one by one, where there is no solution with all of them.
FlatProblem::Outcome FlatProblem::settle(bool may_give_up) {
  best_.reset();
  needed_.clear();
  if (reasoner_ && !stale_) reasoner_->restart();
  for (;;) {
    if (stale_) build();
    if (!needed_.empty()) {
      stale_ = true;
      return Outcome::waiting;
    }
    const auto violated = reasoner_->propagate();
    const std::uint64_t work = reasoner_->work() + places_.size();
    if (!knowledge_.spend(work - std::min(work, counted_work_))) return Outcome::exhausted;
    counted_work_ = work;
    if (violated) {
      ++knowledge_.budget.conflicts;
      if (reasoner_->learn(*violated)) continue;
      const std::vector<Assumption>& assumptions = reasoner_->refutation().assumptions;
      if (assumptions.empty() || !may_give_up) return Outcome::refuted;
      given_up_.push_back(wishes_[assumptions.back()]);
      stale_ = true;
      continue;
    }
    if (expand_all()) continue;
    const std::optional<Variable> next = next_variable();
    if (!next) return Outcome::solved;
    ++knowledge_.budget.decisions;
    const Bits domain = reasoner_->domain(*next);
    const Place& place = places_[*next];
    reasoner_->decide(*next, domain.has(place.none)
                                 ? place.none
                                 : knowledge_.choose_implicit(place.package, domain));
  }
}

VersionIndex FlatProblem::version_of(PackageId package) const {
  if (best_) {
    const auto known = best_->find(package);
    return known == best_->end() ? kNoVersion : known->second;
  }
  const auto known = by_package_.find(static_cast<std::uint32_t>(package));
  if (known == by_package_.end()) return kNoVersion;
  const std::uint32_t value = reasoner_->domain(known->second).only();
  return value == places_[known->second].none ? kNoVersion : value;
}

std::vector<FlatProblem::Version> FlatProblem::present() const {
  std::vector<Version> found;
  for (const Place& place : places_) {
    const VersionIndex version = version_of(place.package);
    if (version != kNoVersion) found.emplace_back(place.package, version);
  }
  return found;
}

void FlatProblem::add_branch() {
  const auto state_all = [this](const std::set<Version>& versions, bool required) {
    for (const auto& [package, version] : versions) {
      const Variable variable = variable_of(package);
      if (places_[variable].unloaded) continue;
      const Bits away = reasoner_->arena().zero(reasoner_->start(variable).count);
      if (required) away.set_range(0, places_[variable].none + 1);
      required ? away.clear(version) : away.set(version);
      reasoner_->add_clause({{variable, away}}, knowledge_.proofs.derived({}));
    }
  };
  state_all(branch_.required, true);
  state_all(branch_.excluded, false);
}

// How many optional dependencies of what is there are not.
std::size_t FlatProblem::empty_wishes() {
  std::vector<NodeId> nodes = roots_;
  for (const auto& [package, version] : present()) {
    nodes.push_back(knowledge_.book.child(kNoOverrides, package, version));
  }
  std::size_t count = 0;
  for (const NodeId node : nodes) {
    for (const Slot& slot : knowledge_.book.slots(node)) {
      if (!slot.optional()) continue;
      if (slot.target == kNoPackageId || version_of(slot.target) == kNoVersion) ++count;
    }
  }
  return count;
}

// How many packages every solution of this branch has at least.
std::size_t FlatProblem::least_packages() {
  reasoner_->restart();
  reasoner_->propagate();
  std::size_t count = 0;
  for (Variable i = 0; i < places_.size(); ++i) {
    count += reasoner_->domain(i).has(places_[i].none) ? 0 : 1;
  }
  return count;
}

// A solution smaller than the present one lacks some package of it: one branch for each that may be
// the first it lacks.
FlatProblem::Outcome FlatProblem::minimize() {
  std::vector<Version> best = present();
  std::size_t best_empty = empty_wishes();
  std::vector<Branch> branches{{}};
  const std::vector<Wish> given_up = given_up_;
  Outcome outcome = Outcome::solved;
  for (std::size_t steps = 0; !branches.empty() && steps < kBranches; ++steps) {
    branch_ = std::move(branches.back());
    branches.pop_back();
    stale_ = true;
    given_up_ = given_up;
    outcome = run();
    if (outcome == Outcome::waiting || outcome == Outcome::exhausted) break;
    if (outcome == Outcome::refuted) continue;
    const std::vector<Version> found = present();
    const std::size_t empty = empty_wishes();
    if (std::pair(empty, found.size()) < std::pair(best_empty, best.size())) {
      best = found;
      best_empty = empty;
    }
    if (best_empty == 0 && least_packages() >= best.size()) continue;
    std::vector<Branch> parts;
    Branch rest = branch_;
    for (const Version& version : found) {
      if (branch_.required.contains(version)) continue;
      parts.push_back(rest);
      parts.back().excluded.insert(version);
      rest.required.insert(version);
    }
    branches.insert(branches.end(), parts.rbegin(), parts.rend());
  }
  branch_ = {};
  given_up_ = given_up;
  stale_ = true;
  if (outcome == Outcome::waiting || outcome == Outcome::exhausted) return outcome;
  best_.emplace(best.begin(), best.end());
  return Outcome::solved;
}

}  // namespace hod::resolver
