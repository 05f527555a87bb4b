// SPDX-License-Identifier: MIT
// See engine.h.
#include "resolver/engine.h"

#include <algorithm>
#include <utility>

namespace hod::resolver {

Engine::Parts::Parts(const Setup& setup, const LockIndex& locked)
    : universe(setup.policy, setup.requirements.importers, locked.versions()),
      knowledge(setup.requirements, setup.policy, locked, universe,
                setup.only ? &*setup.only : nullptr),
      search(knowledge, setup.requirements.importers.size()),
      prefetch(knowledge),
      improver(std::make_unique<Improver>(knowledge, search)) {
  knowledge.prefer_everywhere = setup.policy.resolution == Resolution::fewest;
}

Engine::Engine(Setup setup)
    : setup_(std::move(setup)),
      locked_(setup_.locked, setup_.policy),
      facts_(lock_facts(setup_.locked, setup_.requirements, setup_.policy)) {
  if (!setup_.locked) facts_.wrong_peers = std::move(setup_.wrong_peers);
  setup_.locked = nullptr;
  keeps_answers_ = !facts_.records.empty();
  start_again();
}

Engine::~Engine() = default;

void Engine::start_again() {
  const Budget spent = parts_ ? parts_->knowledge.budget : Budget{};
  parts_ = std::make_unique<Parts>(setup_, locked_);
  parts_->knowledge.budget = spent;
  parts_->knowledge.lenient = !facts_.wrong_peers.empty();
  again_ = false;
  asked_.clear();
  unanswered_.clear();
}

MetadataKey Engine::key_of(PackageId id) const {
  const Package& package = parts_->universe[id];
  return {std::string(parts_->universe.text(package.name)), package.asked_source};
}

Engine::Answer Engine::Answer::clone() const {
  Answer copy{metadata, source, std::nullopt};
  if (missing) copy.missing = missing->clone();
  return copy;
}

std::optional<Engine::Answer> Engine::answer(const MetadataKey& key) const {
  const auto kept = answers_.find(key);
  if (kept != answers_.end()) return kept->second.clone();
  const PackageId id = parts_->universe.find(key);
  if (id == kNoPackageId) return std::nullopt;
  const Package& package = parts_->universe[id];
  if (!package.known() || package.from_lock) return std::nullopt;
  if (package.missing) return Answer{std::nullopt, {}, package.missing->clone()};
  return Answer{package.metadata, package.source, std::nullopt};
}

void Engine::ask(PackageId id) {
  if (universe()[id].state != Package::State::idle) return;
  if (take_from_lock(id)) return;
  const auto kept = answers_.empty() ? answers_.end() : answers_.find(key_of(id));
  if (kept != answers_.end()) return take(id, kept->second.clone());
  universe()[id].state = Package::State::asked;
  ask_outside(id);
}

void Engine::ask_outside(PackageId id) {
  asked_.push_back(id);
  unanswered_.push_back(id);
  ++outstanding_;
}

// Peers that the lockfile has wrong stay as they are.
void Engine::waive_wrong_peers(PackageId id) {
  const auto wrong = facts_.wrong_peers.find(universe().text(universe()[id].name));
  if (wrong == facts_.wrong_peers.end()) return;
  for (const WrongPeer& peer : wrong->second) {
    const auto version = universe()[id].metadata.find(peer.version);
    if (!version) continue;
    Leniency& leniency = knowledge().waived[{id, *version, universe().own_name(peer.peer)}];
    leniency = std::max(leniency, peer.absent ? Leniency::absent : Leniency::wrong_version);
  }
}

bool Engine::take_from_lock(PackageId id) {
  const Package& package = universe()[id];
  if (facts_.records.empty() || package.kind != Package::Kind::registry) return false;
  const auto known = facts_.records.find(universe().text(package.name));
  if (known == facts_.records.end()) return false;
  universe().load(id, known->second, {}, true);
  waive_wrong_peers(id);
  parts_->prefetch.arrived(id);
  return true;
}

void Engine::take(PackageId id, Answer answer) {
  if (answer.missing) {
    universe().set_missing(id, std::move(*answer.missing));
  } else {
    universe().load(id, std::move(*answer.metadata), std::move(answer.source));
    if (universe()[id].kind == Package::Kind::registry) waive_wrong_peers(id);
  }
  parts_->prefetch.arrived(id);
}

std::vector<PackageId> Engine::unanswered() const {
  std::vector<PackageId> open;
  for (const PackageId id : unanswered_) {
    if (parts_->universe[id].state == Package::State::asked) open.push_back(id);
  }
  return open;
}

bool Engine::want(const MetadataKey& key) {
  if (key.source.kind != PackageSource::Kind::registry || answers_.contains(key)) return false;
  const PackageId id = universe().registry_package(universe().own_name(key.name));
  Package& package = universe()[id];
  if (package.from_lock) {
    const auto record = facts_.records.find(key.name);
    if (record == facts_.records.end()) return false;
    facts_.records.erase(record);
    ask_outside(id);
    return true;
  }
  if (package.state != Package::State::idle) return false;
  ask(id);
  return true;
}

std::vector<PackageId> Engine::take_asked() {
  std::erase_if(unanswered_,
                [this](PackageId id) { return universe()[id].state != Package::State::asked; });
  return std::exchange(asked_, {});
}

bool Engine::provide(const MetadataKey& key, PackageMetadata metadata, PackageSource source) {
  return settle(key, {std::move(metadata), std::move(source), std::nullopt});
}

bool Engine::provide_missing(const MetadataKey& key, Error why) {
  return settle(key, {std::nullopt, {}, std::move(why)});
}

bool Engine::settle(const MetadataKey& key, Answer answer) {
  const PackageId id = universe().find(key);
  if (id == kNoPackageId) return false;
  const Package& package = universe()[id];
  if (package.from_lock ? answers_.contains(key) : package.state != Package::State::asked) {
    return false;
  }
  --outstanding_;
  if (keeps_answers_) answers_.emplace(key, answer.clone());
  if (!package.from_lock) take(id, std::move(answer));
  return true;
}

// The lockfile does not say enough of this package.
void Engine::distrust(PackageId id) {
  again_ = true;
  const auto record = facts_.records.find(universe().text(universe()[id].name));
  if (record == facts_.records.end()) return;
  facts_.records.erase(record);
  ask_outside(id);
}

// What a fact's requirement is about; kNoPackageId: unknown.
PackageId Engine::target_of(const Fact& fact) {
  Book& book = knowledge().book;
  const std::uint32_t version = fact.versions.below(universe()[fact.package].versions);
  if (version == Bits::kNoBit) return kNoPackageId;
  const NodeId node = book.child(kNoOverrides, fact.package, version);
  const std::uint32_t index =
      fact.peer ? book.find_peer(node, fact.alias) : book.find_slot(node, fact.alias);
  if (index == kNone) return kNoPackageId;
  return fact.peer ? book.peers(node)[index].target : book.slots(node)[index].target;
}

// A conflict may be one only because other versions are not known. False: it is about nothing that
// the lockfile alone tells of.
bool Engine::distrust_involved() {
  if (facts_.records.empty()) return false;
  std::set<PackageId> involved;
  for (const Fact& fact : facts_behind(knowledge().proofs, refutation())) {
    involved.insert(fact.package);
    const PackageId target = target_of(fact);
    if (target != kNoPackageId) involved.insert(target);
  }
  bool any = false;
  for (const PackageId id : involved) {
    if (!universe()[id].from_lock) continue;
    distrust(id);
    any = true;
  }
  return any;
}

bool Engine::keeps_peers(PackageId package) const {
  const Package& whose = parts_->universe[package];
  return policy().peers == Peers::of_others &&
         (whose.kind == Package::Kind::importer ||
          parts_->knowledge.of_importers.contains(whose.name));
}

// Where peers may be wrong: the ones that the conflict is about are let go a step further. False:
// it is about something else.
bool Engine::waive_peers() {
  if (policy().peers == Peers::strict) return false;
  std::vector<PeerKey> peers;
  for (const Fact& fact : facts_behind(knowledge().proofs, refutation())) {
    if (!fact.peer || keeps_peers(fact.package)) continue;
    const std::uint32_t versions = universe()[fact.package].versions;
    for (std::uint32_t i = 0; i < versions; ++i) {
      if (fact.versions.has(i)) peers.push_back({fact.package, i, fact.alias});
    }
  }
  bool waived = false;
  for (const Leniency step : {Leniency::wrong_version, Leniency::absent}) {
    for (const PeerKey& peer : peers) {
      if (knowledge().leniency(peer.package, peer.version, peer.peer) >= step) continue;
      knowledge().waived[peer] = step;
      waived = true;
    }
    if (waived) break;
  }
  knowledge().lenient = true;
  if (waived) search().relax();
  return waived;
}

std::vector<ExpectedRelease> Engine::take_expected() {
  std::vector<ExpectedRelease> expected;
  for (const Prefetch::Choice& choice : parts_->prefetch.take_choices()) {
    const Package& package = universe()[choice.package];
    if (package.kind != Package::Kind::registry) continue;
    expected.push_back({std::string(universe().text(package.name)),
                        std::string(universe().version_text(choice.package, choice.version))});
  }
  return expected;
}

Engine::Outcome Engine::advance() {
  for (;;) {
    if (!parts_->followed) {
      parts_->followed = true;
      for (const ScopeId root : search().roots()) parts_->prefetch.follow(search()[root].node);
    }
    for (auto wanted = parts_->prefetch.take_wanted(); !wanted.empty();
         wanted = parts_->prefetch.take_wanted()) {
      for (const PackageId id : wanted) ask(id);
    }
    for (const PackageId id : universe().take_lacking()) distrust(id);
    if (outstanding_ > 0) return Outcome::waiting;
    if (again_) {
      start_again();
      continue;
    }
    switch (parts_->improver->active() ? parts_->improver->advance() : search().settle()) {
      case Search::Outcome::solved:
        if (universe().lacks()) break;
        if (setup_.improve && !policy().flat && !parts_->improver->active()) {
          parts_->improver->start();
          break;
        }
        return Outcome::solved;
      case Search::Outcome::waiting:
        for (const PackageId needed : search().needed()) ask(needed);
        for (const ScopeId id : search().waiting()) parts_->prefetch.follow(search()[id].node);
        break;
      case Search::Outcome::impossible:
        if (universe().lacks() || distrust_involved()) break;
        if (!waive_peers()) return Outcome::impossible;
        break;
      case Search::Outcome::exhausted:
        return Outcome::exhausted;
    }
  }
}

}  // namespace hod::resolver
