// SPDX-License-Identifier: MIT
// See search.h.
//
// Almost all scopes are plain: nothing they choose has peers that could go wrong and no lemma
// speaks of it. Those are solved by taking the first choice for every slot; only the others get a
// Problem with variables and clauses.
#include "resolver/search.h"

#include <algorithm>
#include <unordered_set>

#include "resolver/sisters.h"

namespace hod::resolver {

Search::Search(Knowledge& knowledge, std::size_t importers) : knowledge_(knowledge) {
  for (std::size_t i = 0; i < importers; ++i) {
    const PackageId package = knowledge.universe.importer_package(i);
    roots_.push_back(scope_of(knowledge.book.child(kNoOverrides, package, 0), {}));
  }
}

ScopeId Search::scope_of(NodeId node, std::vector<Provider> context) {
  if (context.empty()) {
    ScopeId& known = knowledge_.book[node].scope;
    if (known == kNoScope) {
      known = scopes_.add({});
      scopes_[known].node = node;
    }
    return known;
  }
  std::uint64_t hash = at(node) * 0x9E3779B97F4A7C15;
  for (const Provider& provider : context) {
    hash ^= (at(provider.package) << 32) + provider.version + (hash << 6) + (hash >> 2);
    hash *= 0x9E3779B97F4A7C15;
  }
  const auto [first, last] = by_context_.equal_range(hash);
  for (auto known = first; known != last; ++known) {
    const Scope& scope = scopes_[known->second];
    if (scope.node == node && scope.context == context) return known->second;
  }
  ++knowledge_.budget.scopes;
  const ScopeId id = scopes_.add({});
  scopes_[id].node = node;
  scopes_[id].context = std::move(context);
  by_context_.emplace(hash, id);
  return id;
}

void Search::need(PackageId package) {
  if (std::find(needed_.begin(), needed_.end(), package) == needed_.end()) {
    needed_.push_back(package);
  }
}

bool Search::targets_known(ScopeId id) {
  for (const Slot& slot : knowledge_.book.slots(scopes_[id].node)) {
    if (slot.target != kNoPackageId && !knowledge_.universe[slot.target].known()) return false;
  }
  return true;
}

// Does any lemma speak of this version, whatever its conditions?
bool Search::applies(PackageId package, VersionIndex version, OverrideState state) const {
  const std::vector<Lemma>* lemmas = knowledge_.lemmas_of(package);
  return lemmas && std::any_of(lemmas->begin(), lemmas->end(), [&](const Lemma& lemma) {
           return lemma.state == state && lemma.versions.has(version);
         });
}

bool Search::choose_plainly(const Node& node, NodeId id) {
  drafted_.clear();
  for (std::uint32_t i = 0; i < node.slot_count; ++i) {
    const Slot slot = knowledge_.book.slots(id)[i];
    Choice choice{slot.target, kNoVersion, kNoScope};
    if (slot.target != kNoPackageId &&
        knowledge_.universe[slot.target].state == Package::State::loaded) {
      choice.version = knowledge_.choose(id, slot, {});
    }
    if (choice.version == kNoVersion && !slot.optional()) return false;
    drafted_.push_back(choice);
  }
  return true;
}

Provider Search::provider_of(const Node& node, const Scope& scope, NameId name) const {
  return provider_among(node, scope, scope.choices, scope.implicit, name);
}

Provider Search::provider_among(const Node& node, const Scope& scope,
                                const std::vector<Choice>& choices,
                                const std::vector<NameId>& implicit, NameId name) const {
  const Package& own = knowledge_.universe[node.package];
  if (own.kind != Package::Kind::importer && own.name == name) return {node.package, node.version};
  const std::uint32_t slot = knowledge_.book.find_slot(scope.node, name);
  if (slot != kNone) return {choices[slot].package, choices[slot].version};
  const std::uint32_t peer = knowledge_.book.find_peer(scope.node, name);
  if (peer != kNone && scope.context[peer].version != kNoVersion) return scope.context[peer];
  for (std::size_t i = 0; i < implicit.size(); ++i) {
    const Choice& choice = choices[node.slot_count + i];
    if (implicit[i] == name) return {choice.package, choice.version};
  }
  return {};
}

bool Search::peers_fit(const Node& node, const Scope& scope) {
  for (const Choice& choice : scope.choices) {
    if (choice.version == kNoVersion) continue;
    if (knowledge_.universe[choice.package].kind == Package::Kind::importer) continue;
    const NodeId child = knowledge_.book.child(node.state, choice.package, choice.version);
    if (applies(choice.package, choice.version, knowledge_.book[child].state)) return false;
    for (const Peer& peer : knowledge_.book.peers(child)) {
      const Leniency leniency = knowledge_.leniency(choice.package, choice.version, peer.name);
      if (leniency == Leniency::absent) continue;
      const Provider provider = provider_of(node, scope, peer.name);
      if (provider.version == kNoVersion) {
        if (!peer.optional && !knowledge_.left_to_project(peer.name)) return false;
      } else if (leniency == Leniency::none &&
                 !knowledge_.universe.satisfies(peer.spec, provider.package, provider.version)) {
        return false;
      }
    }
  }
  return true;
}

Search::Attempt Search::solve_plainly(ScopeId id) {
  const Node node = knowledge_.book[scopes_[id].node];
  if (!targets_known(id)) return Attempt::waiting;
  if (!choose_plainly(node, scopes_[id].node)) return Attempt::needs_problem;
  Scope& scope = scopes_[id];
  scope.choices = drafted_;
  scope.implicit.clear();
  return peers_fit(node, scope) ? Attempt::done : Attempt::needs_problem;
}

ScopeId Search::child_scope(ScopeId parent, const std::vector<Choice>& choices,
                            const std::vector<NameId>& implicit, std::size_t child) {
  const Choice& choice = choices[child];
  const Package& package = knowledge_.universe[choice.package];
  if (package.kind == Package::Kind::importer) return roots_[package.importer];
  const Node node = knowledge_.book[scopes_[parent].node];
  const NodeId id = knowledge_.book.child(node.state, choice.package, choice.version);
  std::vector<Provider> context;
  context.reserve(knowledge_.book[id].peer_count);
  for (const Peer& peer : knowledge_.book.peers(id)) {
    context.push_back(provider_among(node, scopes_[parent], choices, implicit, peer.name));
  }
  return scope_of(id, std::move(context));
}

// Slots and implicit slots are chosen: finds or makes the scopes they lead to.
void Search::add_children(ScopeId id) {
  Scope& scope = scopes_[id];
  for (std::size_t i = 0; i < scope.choices.size(); ++i) {
    if (scope.choices[i].version == kNoVersion) continue;
    const ScopeId child = child_scope(id, scope.choices, scope.implicit, i);
    scope.choices[i].scope = child;
    scopes_[child].users.push_back(id);
  }
  scope.status = Scope::Status::solved;
}

void Search::adopt(ScopeId id, std::vector<Choice> choices, std::vector<NameId> implicit) {
  scopes_[id].choices = std::move(choices);
  scopes_[id].implicit = std::move(implicit);
  add_children(id);
}

void Search::take_choices(ScopeId id) {
  Scope& scope = scopes_[id];
  const Node node = knowledge_.book[scope.node];
  scope.choices.clear();
  scope.implicit.clear();
  for (std::uint32_t i = 0; i < node.slot_count; ++i) {
    const PackageId target = knowledge_.book.slots(scope.node)[i].target;
    scope.choices.push_back({target, scope.problem->slot_version(i), kNoScope});
  }
  for (const Problem::Implicit& implicit : scope.problem->implicit()) {
    scope.implicit.push_back(implicit.name);
    scope.choices.push_back({implicit.package, implicit.version, kNoScope});
  }
}

void Search::solve_problem(ScopeId id) {
  Scope& scope = scopes_[id];
  const Node node = knowledge_.book[scope.node];
  if (std::optional<Lemma> dead = dead_slot(node, scope.node)) return learn(id, std::move(*dead));
  if (!scope.problem) {
    scope.problem = std::make_unique<Problem>(knowledge_, scope.node, scope.context);
  }
  switch (scope.problem->run()) {
    case Problem::Outcome::solved:
      take_choices(id);
      add_children(id);
      return;
    case Problem::Outcome::waiting:
      scope.status = Scope::Status::waiting;
      return;
    case Problem::Outcome::refuted:
      learn(id, scope.problem->refutation());
      return;
    case Problem::Outcome::exhausted:
      return;
  }
}

// Flat mode has decided about all packages together; what is left is who sees which.
void Search::solve_flat(ScopeId id) {
  Scope& scope = scopes_[id];
  const Node node = knowledge_.book[scope.node];
  const auto version_of = [this](PackageId package) {
    if (package == kNoPackageId) return kNoVersion;
    const bool importer = knowledge_.universe[package].kind == Package::Kind::importer;
    return importer ? 0 : flat_->version_of(package);
  };
  scope.choices.clear();
  scope.implicit.clear();
  for (const Slot& slot : knowledge_.book.slots(scope.node)) {
    scope.choices.push_back({slot.target, version_of(slot.target), kNoScope});
  }
  for (std::size_t i = 0; i < scope.choices.size(); ++i) {
    const Choice choice = scope.choices[i];
    if (choice.version == kNoVersion ||
        knowledge_.universe[choice.package].kind == Package::Kind::importer) {
      continue;
    }
    const NodeId child = knowledge_.book.child(node.state, choice.package, choice.version);
    for (const Peer& peer : knowledge_.book.peers(child)) {
      if (provider_of(node, scope, peer.name).version != kNoVersion) continue;
      if (version_of(peer.target) == kNoVersion) continue;
      scope.implicit.push_back(peer.name);
      scope.choices.push_back({peer.target, version_of(peer.target), kNoScope});
    }
  }
  add_children(id);
}

Search::Outcome Search::settle_flat() {
  if (!flat_) {
    std::vector<NodeId> nodes;
    for (const ScopeId root : roots_) nodes.push_back(scopes_[root].node);
    flat_ = std::make_unique<FlatProblem>(knowledge_, std::move(nodes));
  }
  FlatProblem::Outcome outcome = flat_->run();
  if (outcome == FlatProblem::Outcome::solved && knowledge_.prefer_everywhere) {
    outcome = flat_->minimize();
  }
  switch (outcome) {
    case FlatProblem::Outcome::solved:
      return Outcome::solved;
    case FlatProblem::Outcome::waiting:
      needed_ = flat_->needed();
      return Outcome::waiting;
    case FlatProblem::Outcome::refuted:
      refutation_ = flat_->refutation();
      return Outcome::impossible;
    case FlatProblem::Outcome::exhausted:
      return Outcome::exhausted;
  }
  return Outcome::exhausted;
}

void Search::solve(ScopeId id) {
  knowledge_.spend(10 + knowledge_.book[scopes_[id].node].slot_count);
  if (flat_) return solve_flat(id);
  if (!scopes_[id].problem) {
    switch (solve_plainly(id)) {
      case Attempt::done:
        add_children(id);
        return;
      case Attempt::waiting:
        scopes_[id].status = Scope::Status::waiting;
        return;
      case Attempt::needs_problem:
        break;
    }
  }
  solve_problem(id);
}

// A required slot that no version can fill, whatever the context: that refutes the node, and all
// its sisters that ask for the same, without search.
std::optional<Lemma> Search::dead_slot(const Node& node, NodeId id) {
  for (std::uint32_t i = 0; i < node.slot_count; ++i) {
    const Slot slot = knowledge_.book.slots(id)[i];
    if (slot.optional()) continue;
    std::vector<ProofId> from;
    if (slot.target != kNoPackageId &&
        knowledge_.universe[slot.target].state == Package::State::loaded) {
      const std::vector<Lemma>* lemmas = knowledge_.lemmas_of(slot.target);
      const Bits candidates = knowledge_.universe.candidates(slot.spec, slot.target);
      if (!lemmas && !candidates.empty()) continue;
      const Bits left = knowledge_.universe.arena().copy(candidates);
      for (std::size_t k = 0; lemmas && k < lemmas->size(); ++k) {
        const Lemma& lemma = (*lemmas)[k];
        if (!lemma.when.empty() || lemma.state != kNoOverrides || !left.meets(lemma.versions)) {
          continue;
        }
        left.drop(lemma.versions);
        from.push_back(lemma.proof);
      }
      if (!left.empty()) continue;
    }
    Lemma lemma;
    lemma.state = node.state;
    const Package& own = knowledge_.universe[node.package];
    const Bits all = knowledge_.universe.arena().zero(own.words);
    all.set_range(0, own.versions);
    lemma.versions = sisters(knowledge_, knowledge_.universe.arena(), node.package, node.version,
                             all, slot.alias, slot.written, DependencyKind::production);
    from.insert(from.begin(),
                knowledge_.proofs.fact({node.package, lemma.versions, slot.alias, false}));
    lemma.proof = knowledge_.proofs.derived(std::move(from));
    return lemma;
  }
  return std::nullopt;
}

void Search::learn(ScopeId id, Lemma lemma) {
  Scope& scope = scopes_[id];
  scope.status = Scope::Status::impossible;
  const Package& package = knowledge_.universe[knowledge_.book[scope.node].package];
  if (package.kind == Package::Kind::importer) {
    refutation_ = lemma.proof;
    return;
  }
  const PackageId owner = knowledge_.book[scope.node].package;
  knowledge_.lemmas[static_cast<std::uint32_t>(owner)].push_back(std::move(lemma));
  for (const ScopeId user : scope.users) {
    Scope& one = scopes_[user];
    const bool uses = std::any_of(one.choices.begin(), one.choices.end(),
                                  [id](const Choice& choice) { return choice.scope == id; });
    if (one.status != Scope::Status::solved || !uses) continue;
    one.status = Scope::Status::fresh;
    if (one.seen == walk_) queue_.push_back(user);
  }
}

void Search::collect_needed(const std::vector<ScopeId>& from) {
  needed_.clear();
  waiting_.clear();
  for (const ScopeId id : reachable(from)) {
    const Scope& scope = scopes_[id];
    if (scope.status != Scope::Status::waiting) continue;
    waiting_.push_back(id);
    for (const Slot& slot : knowledge_.book.slots(scope.node)) {
      if (slot.target != kNoPackageId && !knowledge_.universe[slot.target].known()) {
        need(slot.target);
      }
    }
    if (!scope.problem) continue;
    for (const PackageId package : scope.problem->needed()) {
      if (!knowledge_.universe[package].known()) need(package);
    }
  }
}

Search::Outcome Search::walk(const std::vector<ScopeId>& from) {
  ++walk_;
  queue_ = from;
  for (const ScopeId start : from) scopes_[start].seen = walk_;
  for (std::size_t next = 0; next < queue_.size(); ++next) {
    const ScopeId id = queue_[next];
    if (scopes_[id].status == Scope::Status::fresh ||
        scopes_[id].status == Scope::Status::waiting) {
      solve(id);
    }
    if (refutation_ != kNoProof) return Outcome::impossible;
    if (knowledge_.budget.exhausted) return Outcome::exhausted;
    if (scopes_[id].status != Scope::Status::solved) continue;
    for (const Choice& choice : scopes_[id].choices) {
      if (choice.scope == kNoScope || scopes_[choice.scope].seen == walk_) continue;
      scopes_[choice.scope].seen = walk_;
      queue_.push_back(choice.scope);
    }
  }
  collect_needed(from);
  return needed_.empty() ? Outcome::solved : Outcome::waiting;
}

Search::Outcome Search::settle() {
  if (knowledge_.policy.flat) {
    const Outcome outcome = settle_flat();
    if (outcome != Outcome::solved) return outcome;
  }
  return walk(roots_);
}

Search::Outcome Search::settle(ScopeId scope) {
  const Outcome outcome = walk({scope});
  return scopes_[scope].status == Scope::Status::impossible ? Outcome::impossible : outcome;
}

const std::vector<ScopeId>& Search::reachable(const std::vector<ScopeId>& from) {
  ++walk_;
  reachable_ = from;
  for (const ScopeId start : from) scopes_[start].seen = walk_;
  for (std::size_t next = 0; next < reachable_.size(); ++next) {
    const Scope& scope = scopes_[reachable_[next]];
    if (scope.status != Scope::Status::solved) continue;
    for (const Choice& choice : scope.choices) {
      if (choice.scope == kNoScope || scopes_[choice.scope].seen == walk_) continue;
      scopes_[choice.scope].seen = walk_;
      reachable_.push_back(choice.scope);
    }
  }
  return reachable_;
}

std::size_t Search::package_count() {
  std::vector<std::uint64_t> versions;
  for (const ScopeId id : reachable()) {
    const Node& node = knowledge_.book[scopes_[id].node];
    if (knowledge_.universe[node.package].kind == Package::Kind::importer) continue;
    versions.push_back((std::uint64_t{at(node.package)} << 32) | node.version);
  }
  std::sort(versions.begin(), versions.end());
  return static_cast<std::size_t>(std::unique(versions.begin(), versions.end()) - versions.begin());
}

void Search::reconsider(const std::vector<PackageId>& packages) {
  std::unordered_set<std::uint32_t> changed;
  for (const PackageId package : packages) changed.insert(static_cast<std::uint32_t>(package));
  for (std::size_t i = 0; i < scopes_.size(); ++i) {
    Scope& scope = scopes_[static_cast<ScopeId>(i)];
    if (scope.status != Scope::Status::solved) continue;
    if (std::any_of(scope.choices.begin(), scope.choices.end(), [&](const Choice& choice) {
          return changed.contains(static_cast<std::uint32_t>(choice.package));
        })) {
      scope.status = Scope::Status::fresh;
    }
  }
}

void Search::relax() {
  refutation_ = kNoProof;
  flat_.reset();
  knowledge_.lemmas.clear();
  for (std::size_t i = 0; i < scopes_.size(); ++i) {
    Scope& scope = scopes_[static_cast<ScopeId>(i)];
    // What was solved plainly took its first choices; with fewer rules it would take them again.
    if (scope.status == Scope::Status::solved && !scope.problem && !knowledge_.policy.flat)
      continue;
    scope.status = Scope::Status::fresh;
    scope.problem.reset();
  }
}

}  // namespace hod::resolver
