// SPDX-License-Identifier: MIT
// See improve.h.
#include "resolver/improve.h"

#include <algorithm>

namespace hod::resolver {

namespace {
constexpr std::size_t kRounds = 6;      // of changing everything together
constexpr std::size_t kOneByOne = 200;  // single changes tried after that
}  // namespace

void Improver::start() {
  active_ = true;
  stage_ = Stage::together;
  rounds_ = 0;
  best_ = search_.package_count();
  find_proposals();
}

// Which packages are there in more than one version?
void Improver::mark_several() {
  several_.assign(knowledge_.universe.package_count(), 0);
  first_.assign(several_.size(), kNoVersion);
  for (const ScopeId id : search_.reachable()) {
    for (const Choice& choice : search_[id].choices) {
      if (choice.version == kNoVersion) continue;
      char& seen = several_[at(choice.package)];
      VersionIndex& first = first_[at(choice.package)];
      if (seen == 0) {
        seen = 1;
        first = choice.version;
      } else if (first != choice.version) {
        seen = 2;
      }
    }
  }
}

Bits Improver::implicit_choices(const Scope& scope, NameId name, PackageId package) {
  const Package& known = knowledge_.universe[package];
  const Bits allowed = knowledge_.universe.arena().zero(known.words);
  allowed.set_range(0, known.versions);
  if (!known.allowed.null()) allowed.keep(known.allowed);
  for (const Choice& choice : scope.choices) {
    if (choice.scope == kNoScope) continue;
    for (const Peer& peer : knowledge_.book.peers(search_[choice.scope].node)) {
      if (peer.name == name) allowed.keep(knowledge_.universe.satisfying(peer.spec, package));
    }
  }
  return allowed;
}

void Improver::collect(
    ScopeId id, std::map<std::string_view, std::pair<PackageId, std::vector<Demand>>>& demands) {
  const Scope& scope = search_[id];
  const Node node = knowledge_.book[scope.node];
  const bool direct = knowledge_.universe[node.package].kind == Package::Kind::importer;
  for (std::uint32_t i = 0; i < scope.choices.size(); ++i) {
    const Choice& choice = scope.choices[i];
    if (choice.version == kNoVersion || several_[at(choice.package)] != 2) continue;
    Demand demand;
    demand.chosen = choice.version;
    if (i < node.slot_count) {
      const Slot slot = knowledge_.book.slots(scope.node)[i];
      demand.allowed = knowledge_.universe.candidates(slot.spec, slot.target);
      demand.direct = direct && !knowledge_.prefer_everywhere;
      demand.fixed = knowledge_.book.locked_version(slot, {}) == choice.version;
    } else {
      const NameId name = scope.implicit[i - node.slot_count];
      demand.allowed = implicit_choices(scope, name, choice.package);
    }
    auto& entry = demands[knowledge_.universe.text(knowledge_.universe[choice.package].name)];
    entry.first = choice.package;
    entry.second.push_back(demand);
  }
}

// Versions of which every demand accepts one: whatever serves most, newest first. Nothing: one of
// them accepts none.
std::vector<VersionIndex> Improver::serving(PackageId package,
                                            std::vector<const Demand*> left) const {
  std::vector<VersionIndex> chosen;
  const std::uint32_t versions = knowledge_.universe[package].versions;
  while (!left.empty()) {
    std::vector<std::uint32_t> served(versions);
    for (const Demand* demand : left) {
      for (auto i = demand->allowed.below(versions); i != Bits::kNoBit;
           i = demand->allowed.below(i)) {
        ++served[i];
      }
    }
    const std::uint32_t most = *std::max_element(served.begin(), served.end());
    if (most == 0) return {};
    Bits best = left.front()->allowed;
    std::vector<Word> words(best.count);
    best.words = words.data();
    for (std::uint32_t i = 0; i < versions; ++i) {
      if (served[i] == most) best.set(i);
    }
    const VersionIndex next = knowledge_.universe.best_of(package, best, true);
    chosen.push_back(next);
    std::erase_if(left, [next](const Demand* demand) { return demand->allowed.has(next); });
  }
  return chosen;
}

// Direct dependencies stay the newest they can be, except that several importers share a version.
// True: they do.
bool Improver::add_direct(PackageId package, const std::vector<Demand>& demands,
                          std::vector<VersionIndex>& chosen) const {
  std::vector<VersionIndex> newest;
  std::vector<const Demand*> left;
  for (const Demand& demand : demands) {
    const auto is_chosen = [&](VersionIndex version) { return demand.allowed.has(version); };
    if (!demand.direct || demand.fixed) continue;
    if (std::find(newest.begin(), newest.end(), demand.chosen) == newest.end())
      newest.push_back(demand.chosen);
    if (std::none_of(chosen.begin(), chosen.end(), is_chosen)) left.push_back(&demand);
  }
  const std::vector<VersionIndex> fewer = serving(package, left);
  const bool served = !fewer.empty() || left.empty();
  const bool shared = newest.size() > 1 && served && fewer.size() < newest.size();
  const std::vector<VersionIndex>& taken = shared ? fewer : newest;
  for (const VersionIndex version : taken) {
    if (std::find(chosen.begin(), chosen.end(), version) == chosen.end()) chosen.push_back(version);
  }
  return shared;
}

// A small set of versions of which every demand accepts one: fixed ones, direct ones, then whatever
// serves most.
std::vector<VersionIndex> Improver::cover(PackageId package,
                                          const std::vector<Demand>& demands) const {
  std::vector<VersionIndex> chosen;
  for (const Demand& demand : demands) {
    if (demand.fixed && std::find(chosen.begin(), chosen.end(), demand.chosen) == chosen.end()) {
      chosen.push_back(demand.chosen);
    }
  }
  knowledge_.universe[package].shared_by_importers = add_direct(package, demands, chosen);
  std::vector<const Demand*> left;
  for (const Demand& demand : demands) {
    const bool served = std::any_of(chosen.begin(), chosen.end(), [&](VersionIndex version) {
      return demand.allowed.has(version);
    });
    if (!served) left.push_back(&demand);
  }
  const std::vector<VersionIndex> others = serving(package, left);
  if (others.empty() && !left.empty()) return {};
  chosen.insert(chosen.end(), others.begin(), others.end());
  std::sort(chosen.rbegin(), chosen.rend());
  return chosen;
}

void Improver::find_proposals() {
  proposals_.clear();
  mark_several();
  if (std::find(several_.begin(), several_.end(), 2) == several_.end()) return;
  std::map<std::string_view, std::pair<PackageId, std::vector<Demand>>> demands;
  for (const ScopeId id : search_.reachable()) collect(id, demands);
  for (const auto& [name, entry] : demands) {
    const auto& [package, list] = entry;
    std::vector<VersionIndex> now;
    for (const Demand& demand : list) now.push_back(demand.chosen);
    std::sort(now.rbegin(), now.rend());
    now.erase(std::unique(now.begin(), now.end()), now.end());
    std::vector<VersionIndex> versions = cover(package, list);
    if (versions.empty() || versions.size() >= now.size()) continue;
    if (versions == knowledge_.universe[package].preferred) continue;
    proposals_[name] = {package, std::move(versions)};
  }
}

void Improver::apply(const Preferences& preferences) {
  before_.clear();
  std::vector<PackageId> changed;
  for (const auto& [name, entry] : preferences) {
    const auto& [package, versions] = entry;
    before_[name] = {package, knowledge_.universe[package].preferred};
    knowledge_.universe[package].preferred = versions;
    changed.push_back(package);
  }
  search_.reconsider(changed);
}

void Improver::take_back() {
  const Preferences before = std::move(before_);
  apply(before);
  before_.clear();
}

Search::Outcome Improver::try_next() {
  if (proposals_.empty()) {
    stage_ = knowledge_.prefer_everywhere ? Stage::exact : Stage::done;
    return Search::Outcome::solved;
  }
  if (stage_ == Stage::together) {
    apply(proposals_);
  } else {
    Preferences one;
    one.insert(proposals_.extract(proposals_.begin()));
    apply(one);
  }
  trying_ = true;
  return Search::Outcome::solved;
}

Search::Outcome Improver::judge() {
  const Search::Outcome outcome = search_.settle();
  if (outcome == Search::Outcome::exhausted || outcome == Search::Outcome::impossible) {
    return outcome;
  }
  if (outcome == Search::Outcome::waiting && stage_ == Stage::together) return outcome;
  trying_ = false;
  ++rounds_;
  const std::size_t count = outcome == Search::Outcome::solved ? search_.package_count() : best_;
  if (count < best_) {
    best_ = count;
    if (stage_ == Stage::together) find_proposals();
  } else {
    take_back();
    const Search::Outcome settled = search_.settle();
    if (settled != Search::Outcome::solved) return settled;
    if (stage_ == Stage::together) {
      stage_ = Stage::one_by_one;
      rounds_ = 0;
      find_proposals();
    }
  }
  if (rounds_ >= (stage_ == Stage::together ? kRounds : kOneByOne)) proposals_.clear();
  return Search::Outcome::solved;
}

Search::Outcome Improver::advance() {
  while (stage_ != Stage::done) {
    if (stage_ == Stage::exact) {
      if (!fewest_) fewest_ = std::make_unique<Fewest>(knowledge_, search_);
      const Search::Outcome outcome = fewest_->advance();
      if (outcome == Search::Outcome::solved) stage_ = Stage::done;
      return outcome;
    }
    const Search::Outcome outcome = trying_ ? judge() : try_next();
    if (outcome != Search::Outcome::solved) return outcome;
  }
  return Search::Outcome::solved;
}

}  // namespace hod::resolver
