// SPDX-License-Identifier: MIT
// See prefetch.h.
#include "resolver/prefetch.h"

#include <utility>

namespace hod::resolver {

PackageId Prefetch::target_of(const Want& want) const {
  return want.peer ? knowledge_.book.peers(want.owner)[want.index].target
                   : knowledge_.book.slots(want.owner)[want.index].target;
}

void Prefetch::want(const Want& want) {
  const PackageId target = target_of(want);
  if (target == kNoPackageId) return;
  const Package& package = knowledge_.universe[target];
  if (package.kind == Package::Kind::importer) return;
  if (package.known()) return choose(want);
  auto& waiting = pending_[static_cast<std::uint32_t>(target)];
  if (waiting.empty() && package.state == Package::State::idle) wanted_.push_back(target);
  waiting.push_back(want);
}

// The package is there: what would be taken leads on.
void Prefetch::choose(const Want& want) {
  const PackageId target = target_of(want);
  if (knowledge_.universe[target].state != Package::State::loaded) return;
  VersionIndex version = kNoVersion;
  if (want.peer) {
    const SpecId spec = knowledge_.book.peers(want.owner)[want.index].spec;
    // Somebody further up may provide it, rightly or wrongly: no reason to look for other versions.
    if (knowledge_.universe[target].from_lock &&
        knowledge_.universe.satisfying(spec, target).empty()) {
      return;
    }
    version = knowledge_.universe.best(spec, target);
  } else {
    const Slot slot = knowledge_.book.slots(want.owner)[want.index];
    version = knowledge_.choose(want.owner, slot, {});
  }
  if (version == kNoVersion) return;
  const NodeId child = knowledge_.book.child(knowledge_.book[want.owner].state, target, version);
  if (followed_.size() <= at(child)) followed_.resize(at(child) + 1);
  if (followed_[at(child)]) return;
  followed_[at(child)] = true;
  if (!want.peer) choices_.push_back({target, version});
  queue_.push_back(child);
  // Peers come from the owner if it has them; the others are installed on their own account.
  for (std::uint32_t i = 0; i < knowledge_.book[child].peer_count; ++i) {
    const Peer peer = knowledge_.book.peers(child)[i];
    if (peer.optional || knowledge_.book.find_slot(want.owner, peer.name) != kNone ||
        knowledge_.book.find_peer(want.owner, peer.name) != kNone) {
      continue;
    }
    this->want({child, i, true});
  }
}

void Prefetch::run() {
  while (!queue_.empty()) {
    const NodeId node = queue_.back();
    queue_.pop_back();
    for (std::uint32_t i = 0; i < knowledge_.book[node].slot_count; ++i) want({node, i, false});
  }
}

void Prefetch::follow(NodeId node) {
  queue_.push_back(node);
  run();
}

void Prefetch::arrived(PackageId package) {
  const auto waiting = pending_.find(static_cast<std::uint32_t>(package));
  if (waiting == pending_.end()) return;
  const std::vector<Want> wants = std::move(waiting->second);
  pending_.erase(waiting);
  for (const Want& one : wants) choose(one);
  run();
}

std::vector<PackageId> Prefetch::take_wanted() { return std::exchange(wanted_, {}); }

std::vector<Prefetch::Choice> Prefetch::take_choices() { return std::exchange(choices_, {}); }

}  // namespace hod::resolver
