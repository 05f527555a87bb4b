// SPDX-License-Identifier: MIT
// See fewest.h.
#include "resolver/fewest.h"

#include <algorithm>
#include <utility>

namespace hod::resolver {

namespace {

constexpr std::size_t kScopes = 300;  // explored at most; also bounds the depth of pick()
constexpr std::size_t kSlots = 64;    // of one scope, implicit ones too; bounds the depth of fill()
constexpr std::size_t kWays = 600;    // of one scope
constexpr std::size_t kFillSteps = 60'000;  // in all
constexpr std::size_t kPickSteps = 400'000;

}  // namespace

bool Fewest::peers_hold(ScopeId id, const Way& way, NameId& missing, PackageId& target) const {
  for (std::size_t i = 0; i < way.choices.size(); ++i) {
    const Choice& choice = way.choices[i];
    if (choice.version == kNoVersion) continue;
    if (knowledge_.universe[choice.package].kind == Package::Kind::importer) continue;
    const NodeId child = knowledge_.book.child(knowledge_.book[search_[id].node].state,
                                               choice.package, choice.version);
    for (const Peer& peer : knowledge_.book.peers(child)) {
      const Leniency leniency = knowledge_.leniency(choice.package, choice.version, peer.name);
      if (leniency == Leniency::absent) continue;
      const Provider provider = search_.provider(id, way.choices, way.implicit, peer.name);
      if (provider.version != kNoVersion) {
        if (leniency == Leniency::none &&
            !knowledge_.universe.satisfies(peer.spec, provider.package, provider.version)) {
          return false;
        }
      } else if (!peer.optional) {
        missing = peer.name;
        target = peer.target;
      }
    }
  }
  return true;
}

// The next slot of an unfinished way, with every version. False: all slots are filled.
bool Fewest::fill_slot(ScopeId id, const Way& way, std::vector<Way>& found) {
  const NodeId node = search_[id].node;
  const std::size_t next = way.choices.size();
  if (next >= knowledge_.book[node].slot_count) return false;
  const Slot slot = knowledge_.book.slots(node)[next];
  const auto with = [&](VersionIndex version) {
    Way more = way;
    more.choices.push_back({slot.target, version, kNoScope});
    more.empty += version == kNoVersion ? 1 : 0;
    fill(id, std::move(more), found);
  };
  if (slot.target != kNoPackageId &&
      knowledge_.universe[slot.target].state == Package::State::loaded) {
    const Bits candidates = knowledge_.universe.candidates(slot.spec, slot.target);
    const std::uint32_t versions = knowledge_.universe[slot.target].versions;
    for (auto i = candidates.below(versions); i != Bits::kNoBit; i = candidates.below(i)) with(i);
  }
  if (slot.optional()) with(kNoVersion);
  return true;
}

// All valid ways that begin as `way` does.
void Fewest::fill(ScopeId id, Way way, std::vector<Way>& found) {
  if (++steps_ > kFillSteps || found.size() > kWays || way.choices.size() > kSlots) {
    given_up_ = true;
  }
  if (given_up_ || fill_slot(id, way, found)) return;
  NameId missing = kNoName;
  PackageId target = kNoPackageId;
  if (!peers_hold(id, way, missing, target)) return;
  if (missing == kNoName) {
    found.push_back(std::move(way));
    return;
  }
  if (knowledge_.book.find_slot(search_[id].node, missing) != kNone) return;  // an empty slot
  const Package& package = knowledge_.universe[target];
  if (package.state != Package::State::loaded) return;
  for (VersionIndex i = package.versions; i-- > 0;) {
    if (!knowledge_.universe.is_allowed(package, i)) continue;
    Way more = way;
    more.choices.push_back({target, i, kNoScope});
    more.implicit.push_back(missing);
    fill(id, std::move(more), found);
  }
}

// Strikes out ways with a child that cannot be installed, then those with more empty slots than
// necessary.
Search::Outcome Fewest::keep_possible(ScopeId id, std::vector<Way>& ways) {
  std::vector<Way> kept;
  for (Way& way : ways) {
    bool possible = true;
    for (std::size_t i = 0; possible && i < way.choices.size(); ++i) {
      Choice& choice = way.choices[i];
      if (choice.version == kNoVersion) continue;
      choice.scope = search_.child_scope(id, way.choices, way.implicit, i);
      const Search::Outcome outcome = search_.settle(choice.scope);
      if (outcome == Search::Outcome::waiting || outcome == Search::Outcome::exhausted) {
        return outcome;
      }
      possible = outcome == Search::Outcome::solved;
    }
    if (possible) kept.push_back(std::move(way));
  }
  std::size_t least = kNone;
  for (const Way& way : kept) least = std::min(least, way.empty);
  std::erase_if(kept, [least](const Way& way) { return way.empty > least; });
  ways = std::move(kept);
  return Search::Outcome::solved;
}

Search::Outcome Fewest::find_ways(ScopeId id) {
  std::vector<Way> ways;
  fill(id, {}, ways);
  if (given_up_) return Search::Outcome::solved;
  const Search::Outcome outcome = keep_possible(id, ways);
  if (outcome != Search::Outcome::solved) return outcome;
  for (const Way& way : ways) {
    for (const Choice& choice : way.choices) {
      if (choice.scope != kNoScope) unexplored_.push_back(choice.scope);
    }
  }
  ways_[id] = std::move(ways);
  return Search::Outcome::solved;
}

Search::Outcome Fewest::explore() {
  while (!unexplored_.empty() && !given_up_) {
    const ScopeId id = unexplored_.back();
    if (!ways_.contains(id)) {
      const Search::Outcome outcome = find_ways(id);
      if (outcome != Search::Outcome::solved) return outcome;
      if (ways_.size() > kScopes) given_up_ = true;
      // find_ways() put children behind it; a second look finds it known.
      continue;
    }
    unexplored_.pop_back();
  }
  return Search::Outcome::solved;
}

std::size_t Fewest::added(const Way& way) const {
  std::set<Version> fresh;
  for (const Choice& choice : way.choices) {
    if (choice.version == kNoVersion) continue;
    if (knowledge_.universe[choice.package].kind == Package::Kind::importer) continue;
    if (!used_.contains({choice.package, choice.version})) {
      fresh.insert({choice.package, choice.version});
    }
  }
  return fresh.size();
}

// Every open scope needs at least this many packages more: a bound.
std::size_t Fewest::least_more(const std::vector<ScopeId>& open) const {
  std::size_t bound = 0;
  for (const ScopeId id : open) {
    std::size_t least = kNone;
    for (const Way& way : ways_.at(id)) least = std::min(least, added(way));
    bound = std::max(bound, least);
  }
  return bound;
}

void Fewest::pick(std::size_t depth) {
  if (++steps_ > kPickSteps) return;
  std::vector<ScopeId> open;
  for (const ScopeId id : open_) {
    if (!picked_.contains(id) && std::find(open.begin(), open.end(), id) == open.end()) {
      open.push_back(id);
    }
  }
  if (open.empty()) {
    if (used_.size() < best_) {
      best_ = used_.size();
      best_picks_ = picked_;
    }
    return;
  }
  if (used_.size() + least_more(open) >= best_) return;
  // The scope with the least choice first.
  const ScopeId id = *std::min_element(open.begin(), open.end(), [this](ScopeId a, ScopeId b) {
    return ways_.at(a).size() < ways_.at(b).size();
  });
  const std::vector<Way>& ways = ways_.at(id);
  std::vector<std::pair<std::size_t, std::size_t>> order;
  for (std::size_t i = 0; i < ways.size(); ++i) order.emplace_back(added(ways[i]), i);
  std::sort(order.begin(), order.end());
  for (const auto& [more, i] : order) {
    picked_[id] = i;
    const std::size_t open_before = open_.size();
    for (const Choice& choice : ways[i].choices) {
      if (choice.version == kNoVersion) continue;
      open_.push_back(choice.scope);
      if (knowledge_.universe[choice.package].kind != Package::Kind::importer) {
        ++used_[{choice.package, choice.version}];
      }
    }
    pick(depth + 1);
    open_.resize(open_before);
    for (const Choice& choice : ways[i].choices) {
      const auto known = used_.find({choice.package, choice.version});
      if (known != used_.end() && --known->second == 0) used_.erase(known);
    }
  }
  picked_.erase(id);
}

void Fewest::branch() {
  best_ = search_.package_count();
  steps_ = 0;
  open_ = search_.roots();
  for (const auto& [id, ways] : ways_) {
    if (ways.empty()) return;  // only possible when limits were met
  }
  pick(0);
}

void Fewest::adopt() {
  for (const auto& [id, way] : best_picks_) {
    search_.adopt(id, ways_[id][way].choices, ways_[id][way].implicit);
  }
}

Search::Outcome Fewest::advance() {
  if (!started_) {
    started_ = true;
    unexplored_ = search_.roots();
  }
  const Search::Outcome outcome = explore();
  if (outcome != Search::Outcome::solved || given_up_) return outcome;
  branch();
  adopt();
  return search_.settle();
}

}  // namespace hod::resolver
