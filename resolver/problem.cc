// SPDX-License-Identifier: MIT
// See problem.h.
#include "resolver/problem.h"

#include <algorithm>

#include "resolver/sisters.h"

namespace hod::resolver {

namespace {
// Peers that one package has to install for its children. What comes out of a scope grows with the
// square of a chain of peers, so this bounds memory (T-RES-04).
constexpr std::size_t kMostImplicit = 2'000;
}  // namespace

Problem::Problem(Knowledge& knowledge, NodeId node, std::vector<Provider> context)
    : knowledge_(knowledge), node_(node), context_(std::move(context)) {}

void Problem::build() {
  reasoner_ = std::make_unique<Reasoner>(knowledge_.proofs);
  places_.clear();
  by_name_.clear();
  implicit_count_ = 0;
  expanded_.clear();
  stated_.clear();
  counted_work_ = 0;
  stale_ = false;
  const Node node = knowledge_.book[node_];
  for (std::uint32_t i = 0; i < node.peer_count; ++i) add_own_peer(i);
  for (std::uint32_t i = 0; i < node.slot_count; ++i) add_slot(i);
  expect_all();
}

// Every variable is to be looked at by expand_all().
void Problem::expect_all() {
  unexpanded_.clear();
  for (Variable i = static_cast<Variable>(places_.size()); i-- > 0;) unexpanded_.push_back(i);
}

void Problem::add_place(const Place& place) {
  const auto variable = static_cast<Variable>(places_.size());
  Named& known = by_name_[static_cast<std::uint32_t>(place.name)];
  (place.slot != kNone ? known.slot : place.implicit ? known.implicit : known.own_peer) = variable;
  if (place.implicit && ++implicit_count_ > kMostImplicit) knowledge_.budget.exhausted = true;
  places_.push_back(place);
}

void Problem::add_own_peer(std::uint32_t index) {
  const Provider& given = context_[index];
  Place place;
  place.name = knowledge_.book.peers(node_)[index].name;
  place.package = given.package;
  std::uint32_t words = 1;
  if (given.package != kNoPackageId) {
    words = knowledge_.universe[given.package].words;
    place.none = knowledge_.universe[given.package].versions;
  }
  place.context = true;
  const Bits values = reasoner_->arena().zero(words);
  values.set(given.version == kNoVersion ? place.none : given.version);
  Reasoner::Domain domain;
  domain.values = values;
  domain.context = true;
  reasoner_->add_variable(domain);
  add_place(place);
}

void Problem::add_slot(std::uint32_t index) {
  const Slot slot = knowledge_.book.slots(node_)[index];
  const Node node = knowledge_.book[node_];
  Place place{.name = slot.alias, .package = slot.target, .slot = index};
  Reasoner::Domain domain;
  Fact fact{node.package, reasoner_->arena().zero(knowledge_.universe[node.package].words),
            slot.alias, false};
  fact.versions.set(node.version);
  domain.because = knowledge_.proofs.fact(fact);
  const bool loaded = slot.target != kNoPackageId &&
                      knowledge_.universe[slot.target].state == Package::State::loaded;
  if (loaded) {
    place.none = knowledge_.universe[slot.target].versions;
    domain.values = reasoner_->arena().copy(knowledge_.universe.candidates(slot.spec, slot.target));
  } else {
    domain.values = reasoner_->arena().zero(1);
  }
  if (slot.optional()) {
    if (given_up_.contains(index)) {
      domain.values.set(place.none);
    } else {
      domain.without_assumption = reasoner_->arena().copy(domain.values);
      domain.without_assumption.set(place.none);
      domain.assumption = index;
    }
  }
  const Variable variable = reasoner_->add_variable(domain);
  add_place(place);
  if (domain.values.empty()) {
    reasoner_->add_clause({}, domain.because, domain.assumption);
  } else if (loaded && knowledge_.universe[slot.target].kind != Package::Kind::importer) {
    const VersionIndex first = knowledge_.choose(node_, slot, domain.values);
    if (first != kNoVersion && first != place.none) {
      places_[variable].dependent =
          knowledge_.book[knowledge_.book.child(node.state, slot.target, first)].peer_count > 0;
    }
  }
}

Variable Problem::add_implicit(NameId name, PackageId package, std::uint32_t guard) {
  const Package& known = knowledge_.universe[package];
  Place place{.name = name, .package = package, .implicit = true, .guard = guard};
  place.unloaded = known.state != Package::State::loaded;
  Bits values = reasoner_->arena().zero(place.unloaded ? 1 : known.words);
  if (!place.unloaded) {
    place.none = known.versions;
    if (known.allowed.null()) {
      values.set_range(0, known.versions);
    } else {
      values.assign(known.allowed);
    }
  }
  values.set(place.none);
  Reasoner::Domain domain;
  domain.values = values;
  const Variable variable = reasoner_->add_variable(domain);
  add_place(place);
  return variable;
}

// Rule 2: the parent itself, its slot, its own peer, else an implicit slot.
Problem::Found Problem::provider(NameId name, PackageId target) {
  const Package& own = knowledge_.universe[knowledge_.book[node_].package];
  if (own.kind != Package::Kind::importer && own.name == name) return {.self = true};
  const Named known = named(name);
  if (known.slot != kNone) return {.variable = known.slot};
  const bool provided = known.own_peer != kNone && context_[known.own_peer].version != kNoVersion;
  if (provided) return {.variable = known.own_peer};
  if (known.implicit != kNone) return {.variable = known.implicit};
  return {.variable = add_implicit(name, target, known.own_peer)};
}

bool Problem::is_provided(NameId name) const {
  const Package& own = knowledge_.universe[knowledge_.book[node_].package];
  if (own.kind == Package::Kind::importer || own.name == name) return true;
  const Named known = named(name);
  return known.slot != kNone ||
         (known.own_peer != kNone && context_[known.own_peer].version != kNoVersion);
}

void Problem::need(PackageId package) {
  if (std::find(needed_.begin(), needed_.end(), package) == needed_.end()) {
    needed_.push_back(package);
  }
}

void Problem::state_peer(Variable variable, VersionIndex version, std::uint32_t index,
                         NodeId child) {
  const Peer peer = knowledge_.book.peers(child)[index];
  const PackageId package = places_[variable].package;
  const Leniency leniency = knowledge_.leniency(package, version, peer.name);
  if (leniency == Leniency::absent) return;
  if (knowledge_.left_to_project(peer.name) && !is_provided(peer.name)) return;
  const Node node = knowledge_.book[node_];
  const Found found = provider(peer.name, peer.target);
  if (leniency != Leniency::none && (found.self || !places_[found.variable].implicit)) return;
  Bits forbidden;
  if (found.self) {
    if (knowledge_.universe.satisfies(peer.spec, node.package, node.version)) return;
  } else {
    const Place& place = places_[found.variable];
    if (place.unloaded) {
      if (peer.optional) return;
      if (!knowledge_.universe[place.package].known()) return need(place.package);
      if (knowledge_.universe[place.package].state == Package::State::loaded) stale_ = true;
    }
    const Bits all = reasoner_->arena().zero(reasoner_->domain(found.variable).count);
    forbidden = all;
    const bool answerable = place.package != kNoPackageId && !place.unloaded &&
                            knowledge_.universe[place.package].state == Package::State::loaded;
    if (answerable) {
      forbidden.set_range(0, knowledge_.universe[place.package].versions);
      forbidden.drop(knowledge_.universe.satisfying(peer.spec, place.package));
    }
    if (!peer.optional && !place.context) forbidden.set(place.none);
    if (!reasoner_->start(found.variable).meets(forbidden)) return;  // cannot go wrong
  }
  // Versions that say the same have one clause together, so this may be stated already.
  if (!stated_.emplace(variable, peer.name, peer.written, peer.optional).second &&
      !knowledge_.book.rewrites(knowledge_.universe[package].name)) {
    return;
  }
  const Bits versions = sisters(
      knowledge_, reasoner_->arena(), package, version, reasoner_->start(variable), peer.name,
      peer.written, peer.optional ? DependencyKind::optional_peer : DependencyKind::peer);
  const ProofId proof = knowledge_.proofs.fact({package, versions, peer.name, true});
  std::vector<Term> terms;
  if (found.self) {
    terms = {{variable, versions}};
  } else if (found.variable == variable) {
    versions.keep(forbidden);
    terms = {{variable, versions}};
  } else {
    terms = {{variable, versions}, {found.variable, forbidden}};
    const std::uint32_t guard = places_[found.variable].guard;
    if (guard != kNone) terms.push_back({guard, reasoner_->domain(guard)});
  }
  reasoner_->add_clause(terms, proof);
}

// A condition as a set of `variable`'s values; nothing: it cannot hold here.
std::optional<Bits> Problem::condition_set(const Lemma::Condition& condition, Variable variable) {
  const Place& place = places_[variable];
  const std::uint32_t words = reasoner_->domain(variable).count;
  if (place.package == condition.provider && !place.unloaded && condition.set.count == words) {
    if (!place.context || !condition.accepts_none) return condition.set;
    const Bits set = reasoner_->arena().copy(condition.set);
    set.clear(place.none);
    return set;
  }
  if (!condition.accepts_none) return std::nullopt;
  const Bits none = reasoner_->arena().zero(words);
  none.set(place.none);
  return none;
}

void Problem::state_lemma(Variable variable, const Lemma& lemma) {
  const Node node = knowledge_.book[node_];
  std::vector<Term> terms{{variable, lemma.versions}};
  for (const Lemma::Condition& condition : lemma.when) {
    const PackageId target = knowledge_.universe.registry_package(condition.peer);
    const Found found = provider(condition.peer, target);
    if (found.self) {
      if (condition.provider != node.package || !condition.set.has(node.version)) return;
      continue;
    }
    if (places_[found.variable].unloaded &&
        knowledge_.universe[target].state == Package::State::loaded) {
      stale_ = true;
    }
    const std::optional<Bits> set = condition_set(condition, found.variable);
    if (!set) return;
    terms.push_back({found.variable, *set});
    const std::uint32_t guard = places_[found.variable].guard;
    if (guard != kNone) terms.push_back({guard, reasoner_->domain(guard)});
  }
  reasoner_->add_clause(terms, lemma.proof);
}

void Problem::expand(Variable variable, VersionIndex version) {
  const std::uint64_t key = (std::uint64_t{variable} << 32) | version;
  const auto [entry, is_new] = expanded_.try_emplace(key, 0);
  const PackageId package = places_[variable].package;
  if (knowledge_.universe[package].kind == Package::Kind::importer) return;
  const NodeId child = knowledge_.book.child(knowledge_.book[node_].state, package, version);
  if (is_new) {
    const std::uint32_t peers = knowledge_.book[child].peer_count;
    for (std::uint32_t i = 0; i < peers; ++i) state_peer(variable, version, i, child);
  }
  const std::vector<Lemma>* lemmas = knowledge_.lemmas_of(package);
  if (!lemmas) return;
  for (std::size_t& done = expanded_[key]; done < lemmas->size(); ++done) {
    const Lemma& lemma = (*lemmas)[done];
    if (lemma.state == knowledge_.book[child].state && lemma.versions.has(version)) {
      state_lemma(variable, lemma);
    }
  }
}

// States what there is to say of the versions fixed so far. False: nothing new was said.
bool Problem::expand_all() {
  bool said = false;
  for (const Variable i : reasoner_->take_fixed()) unexpanded_.push_back(i);
  while (!unexpanded_.empty()) {
    const Variable i = unexpanded_.back();
    unexpanded_.pop_back();
    if (places_[i].context || places_[i].package == kNoPackageId) continue;
    const std::uint32_t version = reasoner_->domain(i).only();
    if (version == Bits::kNoBit || version == places_[i].none) continue;
    const auto known = expanded_.find((std::uint64_t{i} << 32) | version);
    const std::vector<Lemma>* lemmas = knowledge_.lemmas_of(places_[i].package);
    if (known != expanded_.end() && known->second == (lemmas ? lemmas->size() : 0)) continue;
    expand(i, version);
    said = true;
  }
  return said;
}

// Dependents before what they depend on, so that a host follows its plugins; implicit slots last.
std::optional<Variable> Problem::next_variable() const {
  std::optional<Variable> best;
  int best_rank = 5;
  for (Variable i = 0; i < places_.size(); ++i) {
    if (reasoner_->decided(i)) continue;
    const Place& place = places_[i];
    const int rank = !place.implicit                        ? (place.dependent ? 0 : 1)
                     : reasoner_->domain(i).has(place.none) ? 4
                                                            : 3;
    if (rank < best_rank) {
      best_rank = rank;
      best = i;
    }
  }
  return best;
}

std::uint32_t Problem::choose(Variable variable) {
  const Place& place = places_[variable];
  const Bits domain = reasoner_->domain(variable);
  if (place.implicit) {
    if (domain.has(place.none)) return place.none;
    return knowledge_.choose_implicit(place.package, domain);
  }
  const VersionIndex version =
      knowledge_.choose(node_, knowledge_.book.slots(node_)[place.slot], domain);
  return version == kNoVersion ? place.none : version;
}

void Problem::give_up_one() {
  // What was built on the assumption has to go; so has everything learned from it.
  given_up_.insert(reasoner_->refutation().assumptions.back());
  stale_ = true;
}

// Does this child require a peer that one of the marked implicit slots provides?
bool Problem::requires_any(NodeId child, PackageId package, VersionIndex version,
                           const std::vector<bool>& unfounded) const {
  for (const Peer& peer : knowledge_.book.peers(child)) {
    if (peer.optional || is_needless(package, version, peer.name)) continue;
    const Variable implicit = named(peer.name).implicit;
    if (implicit != kNone && unfounded[implicit]) return true;
  }
  return false;
}

// Which variables are there for a reason: slots, and implicit slots that something founded
// requires.
std::vector<bool> Problem::founded() {
  std::vector<bool> found(places_.size());
  std::vector<Variable> waiting;
  for (Variable i = 0; i < places_.size(); ++i) {
    if (places_[i].implicit) continue;
    found[i] = true;
    if (!places_[i].context) waiting.push_back(i);
  }
  while (!waiting.empty()) {
    const Place& place = places_[waiting.back()];
    const std::uint32_t value = reasoner_->domain(waiting.back()).only();
    waiting.pop_back();
    if (value == place.none) continue;
    if (knowledge_.universe[place.package].kind == Package::Kind::importer) continue;
    const NodeId child = knowledge_.book.child(knowledge_.book[node_].state, place.package, value);
    for (const Peer& peer : knowledge_.book.peers(child)) {
      if (peer.optional || is_needless(place.package, value, peer.name)) continue;
      const Variable implicit = named(peer.name).implicit;
      if (implicit == kNone || found[implicit]) continue;
      found[implicit] = true;
      waiting.push_back(implicit);
    }
  }
  return found;
}

// The values of a variable that require none of the marked implicit slots.
Bits Problem::not_requiring(Variable variable, const std::vector<bool>& unfounded) {
  const Place& place = places_[variable];
  const Bits set = reasoner_->arena().copy(reasoner_->start(variable));
  if (place.package == kNoPackageId || place.unloaded) return set;
  const Package& package = knowledge_.universe[place.package];
  if (package.kind == Package::Kind::importer) return set;
  const OverrideState state = knowledge_.book[node_].state;
  for (std::uint32_t i = set.below(package.versions); i != Bits::kNoBit; i = set.below(i)) {
    const NodeId child = knowledge_.book.child(state, place.package, i);
    if (requires_any(child, place.package, i, unfounded)) set.clear(i);
  }
  return set;
}

// An implicit slot is there only because a child requires it; a lemma must not bring one into
// being, nor may two of them require each other into being. Says so of those that are, if any are.
bool Problem::refuse_unfounded() {
  const bool any = std::any_of(places_.begin(), places_.end(), [this](const Place& place) {
    const auto variable = static_cast<Variable>(&place - places_.data());
    return place.implicit && reasoner_->domain(variable).only() != place.none;
  });
  if (!any) return false;
  std::vector<bool> unfounded = founded();
  unfounded.flip();
  std::vector<Term> reasons;
  std::vector<Variable> guilty;
  for (Variable i = 0; i < places_.size(); ++i) {
    unfounded[i] = unfounded[i] && reasoner_->domain(i).only() != places_[i].none;
    if (unfounded[i]) guilty.push_back(i);
  }
  if (guilty.empty()) return false;
  for (Variable i = 0; i < places_.size(); ++i) {
    if (!unfounded[i] && !places_[i].context) reasons.push_back({i, not_requiring(i, unfounded)});
  }
  for (const Variable variable : guilty) {
    std::vector<Term> terms = reasons;
    const Bits present = reasoner_->arena().copy(reasoner_->start(variable));
    present.clear(places_[variable].none);
    terms.push_back({variable, present});
    const std::uint32_t guard = places_[variable].guard;
    if (guard != kNone) terms.push_back({guard, reasoner_->domain(guard)});
    reasoner_->add_clause(terms, knowledge_.proofs.derived({}));
  }
  return true;
}

Problem::Outcome Problem::run() {
  const Outcome outcome = settle(true);
  return outcome == Outcome::solved && given_up_.size() > 1 ? regain() : outcome;
}

// Giving up one slot may have made it unnecessary to give up another: each is tried once more.
Problem::Outcome Problem::regain() {
  const std::set<Assumption> all = given_up_;
  if (all == irredeemable_) return Outcome::solved;
  for (const Assumption slot : all) {
    std::set<Assumption> before = given_up_;
    given_up_.erase(slot);
    stale_ = true;
    const Outcome outcome = settle(false);
    if (outcome == Outcome::solved) continue;
    given_up_ = outcome == Outcome::waiting ? all : std::move(before);
    stale_ = true;
    if (outcome != Outcome::refuted) return outcome;
  }
  irredeemable_ = given_up_;
  return stale_ ? settle(true) : Outcome::solved;
}

// `may_give_up`: optional slots, one by one, where there is no solution with all of them.
Problem::Outcome Problem::settle(bool may_give_up) {
  needed_.clear();
  if (reasoner_ && !stale_) {
    reasoner_->restart();
    expect_all();  // there may be new lemmas
  }
  for (;;) {
    if (stale_) build();
    const auto violated = reasoner_->propagate();
    const std::uint64_t work = reasoner_->work() + places_.size();
    if (!knowledge_.spend(work - std::min(work, counted_work_))) return Outcome::exhausted;
    counted_work_ = work;
    if (violated) {
      ++knowledge_.budget.conflicts;
      if (reasoner_->learn(*violated)) continue;
      if (reasoner_->refutation().assumptions.empty() || !may_give_up) return Outcome::refuted;
      give_up_one();
      continue;
    }
    if (expand_all()) {
      if (!needed_.empty()) {
        stale_ = true;
        return Outcome::waiting;
      }
      continue;
    }
    const std::optional<Variable> next = next_variable();
    if (!next) {
      if (refuse_unfounded()) continue;
      return Outcome::solved;
    }
    ++knowledge_.budget.decisions;
    reasoner_->decide(*next, choose(*next));
  }
}

VersionIndex Problem::slot_version(std::uint32_t slot) const {
  const auto variable = static_cast<Variable>(context_.size() + slot);
  const std::uint32_t value = reasoner_->domain(variable).only();
  return value == places_[variable].none ? kNoVersion : value;
}

std::vector<Problem::Implicit> Problem::implicit() const {
  std::vector<Implicit> found;
  for (Variable i = 0; i < places_.size(); ++i) {
    if (!places_[i].implicit) continue;
    const std::uint32_t value = reasoner_->domain(i).only();
    if (value != places_[i].none) found.push_back({places_[i].name, places_[i].package, value});
  }
  return found;
}

Lemma Problem::refutation() {
  const Node node = knowledge_.book[node_];
  const Reasoner::Refutation& refutation = reasoner_->refutation();
  Lemma lemma;
  lemma.state = node.state;
  lemma.versions = knowledge_.universe.arena().zero(knowledge_.universe[node.package].words);
  lemma.versions.set(node.version);
  std::vector<ProofId> from{refutation.proof};
  for (const Term& term : refutation.context) {
    const Place& place = places_[term.variable];
    lemma.when.push_back({place.name, place.package, knowledge_.universe.arena().copy(term.set),
                          term.set.has(place.none)});
    // That the context matters at all is because the node has that peer.
    from.push_back(knowledge_.proofs.fact({node.package, lemma.versions, place.name, true}));
  }
  lemma.proof = knowledge_.proofs.derived(std::move(from));
  return lemma;
}

}  // namespace hod::resolver
