// SPDX-License-Identifier: MIT
// See engine.h.
#include "resolver/engine.h"

#include <utility>

#include "resolver/improve.h"

namespace hod::resolver {

Engine::Engine(Setup setup)
    : setup_(std::move(setup)),
      locked_(setup_.locked, setup_.policy),
      universe_(setup_.policy, setup_.requirements.importers, locked_.versions()),
      knowledge_(setup_.requirements, setup_.policy, locked_, universe_,
                 setup_.only ? &*setup_.only : nullptr),
      search_(knowledge_, setup_.requirements.importers.size()),
      prefetch_(knowledge_),
      improver_(std::make_unique<Improver>(knowledge_, search_)) {
  setup_.locked = nullptr;
  knowledge_.prefer_everywhere = setup_.policy.resolution == Resolution::fewest;
}

Engine::~Engine() = default;

MetadataKey Engine::key_of(PackageId id) const {
  const Package& package = universe_[id];
  return {std::string(universe_.text(package.name)), package.asked_source};
}

void Engine::ask(PackageId id) {
  Package& package = universe_[id];
  if (package.state != Package::State::idle) return;
  package.state = Package::State::asked;
  asked_.push_back(id);
  unanswered_.push_back(id);
  ++outstanding_;
}

std::vector<PackageId> Engine::unanswered() const {
  std::vector<PackageId> open;
  for (const PackageId id : unanswered_) {
    if (universe_[id].state == Package::State::asked) open.push_back(id);
  }
  return open;
}

bool Engine::want(const MetadataKey& key) {
  if (key.source.kind != PackageSource::Kind::registry) return false;
  const PackageId id = universe_.registry_package(universe_.own_name(key.name));
  if (universe_[id].state != Package::State::idle) return false;
  ask(id);
  return true;
}

std::vector<PackageId> Engine::take_asked() {
  std::erase_if(unanswered_,
                [this](PackageId id) { return universe_[id].state != Package::State::asked; });
  return std::exchange(asked_, {});
}

void Engine::arrived(PackageId package) {
  --outstanding_;
  prefetch_.arrived(package);
}

bool Engine::provide(const MetadataKey& key, PackageMetadata metadata, PackageSource source) {
  const PackageId id = universe_.find(key);
  if (id == kNoPackageId || universe_[id].state != Package::State::asked) return false;
  universe_.load(id, std::move(metadata), std::move(source));
  arrived(id);
  return true;
}

bool Engine::provide_missing(const MetadataKey& key, Error why) {
  const PackageId id = universe_.find(key);
  if (id == kNoPackageId || universe_[id].state != Package::State::asked) return false;
  universe_.set_missing(id, std::move(why));
  arrived(id);
  return true;
}

bool Engine::keeps_peers(PackageId package) const {
  const Package& whose = universe_[package];
  return policy().peers == Peers::of_others &&
         (whose.kind == Package::Kind::importer || knowledge_.of_importers.contains(whose.name));
}

// Where peers may be wrong: the ones that the conflict is about are let go a step further. False:
// it is about something else.
bool Engine::waive_peers() {
  if (policy().peers == Peers::strict) return false;
  std::vector<PeerKey> peers;
  std::vector<ProofId> waiting{search_.refutation()};
  std::set<ProofId> seen;
  while (!waiting.empty()) {
    const ProofId id = waiting.back();
    waiting.pop_back();
    if (!seen.insert(id).second) continue;
    const Proof& proof = knowledge_.proofs[id];
    waiting.insert(waiting.end(), proof.from.begin(), proof.from.end());
    if (!proof.fact || !proof.fact->peer || keeps_peers(proof.fact->package)) continue;
    const std::uint32_t versions = universe_[proof.fact->package].versions;
    for (std::uint32_t i = 0; i < versions; ++i) {
      if (proof.fact->versions.has(i)) peers.push_back({proof.fact->package, i, proof.fact->alias});
    }
  }
  bool waived = false;
  for (const Leniency step : {Leniency::wrong_version, Leniency::absent}) {
    for (const PeerKey& peer : peers) {
      if (knowledge_.leniency(peer.package, peer.version, peer.peer) >= step) continue;
      knowledge_.waived[peer] = step;
      waived = true;
    }
    if (waived) break;
  }
  knowledge_.lenient = true;
  if (waived) search_.relax();
  return waived;
}

Engine::Outcome Engine::advance() {
  if (!followed_) {
    followed_ = true;
    for (const ScopeId root : search_.roots()) prefetch_.follow(search_[root].node);
  }
  for (;;) {
    for (const PackageId wanted : prefetch_.take_wanted()) ask(wanted);
    if (outstanding_ > 0) return Outcome::waiting;
    switch (improver_->active() ? improver_->advance() : search_.settle()) {
      case Search::Outcome::solved:
        if (setup_.improve && !policy().flat && !improver_->active()) {
          improver_->start();
          break;
        }
        return Outcome::solved;
      case Search::Outcome::waiting:
        for (const PackageId needed : search_.needed()) ask(needed);
        for (const ScopeId id : search_.waiting()) prefetch_.follow(search_[id].node);
        break;
      case Search::Outcome::impossible:
        if (!waive_peers()) return Outcome::impossible;
        break;
      case Search::Outcome::exhausted:
        return Outcome::exhausted;
    }
  }
}

}  // namespace hod::resolver
