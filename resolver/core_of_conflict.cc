// SPDX-License-Identifier: MIT
// See core_of_conflict.h.
//
// Dropping one requirement and solving what is left tells whether it is needed, at the price of a
// solution each. Two things keep that affordable for long chains of requirements:
//  (1) A trial that fails has a proof of its own; what that does not mention is dropped with it.
//  (2) A trial that succeeds proves more than one requirement needed: if the project can be solved
//      without "P needs Q", nothing else asks for Q, and "Q needs R" is all that one of Q's
//      versions asks for, it can be solved without "Q needs R" too (the same solution, and Q with
//      nothing below it), and the other way round. So needs are handed along chains without more
//      trials.
// What is left when the work allowed is used up is told as it is.
#include "resolver/core_of_conflict.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

namespace hod::resolver {

namespace {

constexpr std::uint64_t kTrialWork = 20'000'000;
constexpr std::uint64_t kTotalWork = 60'000'000;
constexpr std::uint64_t kWorkOfEntry = 100;
constexpr std::size_t kVersions = 40;  // of one sentence, tried one by one
constexpr std::size_t kTrials = 4'000;

std::uint64_t pair_of(PackageId package, std::uint32_t other) {
  return (std::uint64_t{static_cast<std::uint32_t>(package)} << 32) | other;
}

// Every requirement that the refutation mentions, in the order in which it mentions them.
std::vector<Requirement> mentioned(Engine& engine) {
  std::vector<Requirement> found;
  for (const Fact& fact : facts_behind(engine.knowledge().proofs, engine.refutation())) {
    const std::uint32_t versions = engine.universe()[fact.package].versions;
    for (std::uint32_t i = 0; i < versions; ++i) {
      if (fact.versions.has(i)) found.push_back({fact.package, i, fact.alias, fact.peer});
    }
  }
  std::unordered_set<std::uint64_t> known;
  std::erase_if(found, [&known](const Requirement& one) {
    std::uint64_t key = (at(one.owner) << 40) ^ (std::uint64_t{one.version} << 20);
    key = key * 31 + at(one.alias) * 2 + (one.peer ? 1 : 0);
    return !known.insert(key * 0x9E3779B97F4A7C15).second;
  });
  return found;
}

Entry entry_of(Engine& engine, const Requirement& requirement) {
  Universe& universe = engine.universe();
  const Package& owner = universe[requirement.owner];
  Entry entry;
  entry.alias = universe.text(requirement.alias);
  entry.peer = requirement.peer;
  if (owner.kind == Package::Kind::importer) {
    entry.owner = engine.requirements().importers[owner.importer].path;
  } else {
    entry.owner = universe.text(owner.name);
    entry.owner.append("@").append(universe.version_text(requirement.owner, requirement.version));
  }
  return entry;
}

// The project with these requirements alone.
std::unique_ptr<Engine> trial_with(Engine& engine, const std::vector<Requirement>& requirements) {
  Engine::Setup setup{engine.requirements(), engine.policy(), nullptr, std::set<Entry>{}, false};
  for (const Requirement& one : requirements) setup.only->insert(entry_of(engine, one));
  setup.policy.max_work = kTrialWork;
  setup.wrong_peers = engine.wrong_peers();
  return std::make_unique<Engine>(std::move(setup));
}

class Minimizer {
 public:
  Minimizer(Engine& engine, std::vector<Requirement> core)
      : engine_(engine), book_(engine.knowledge().book), core_(std::move(core)) {}

  std::vector<Requirement> run();

 private:
  bool can_go_on() const { return trials_ < kTrials && work_ < kTotalWork; }
  std::optional<bool> holds_without(std::size_t from, std::size_t to);
  void keep_mentioned(Engine& trial, std::vector<Requirement> rest);
  SpecId written(const Requirement& one) const;
  void group_words();
  std::size_t words_end(std::size_t from) const;
  std::size_t stretch_end(std::size_t from, std::size_t sentences) const;
  void drop_sentences();
  void drop_versions();
  void mark_needed(std::size_t from, std::size_t to);
  void index_chains();
  PackageId target_of(const Requirement& one) const;
  // The requirements that are needed because this one is.
  std::vector<std::size_t> needed_with(std::size_t index);

  static std::uint64_t key(const Requirement& one) {
    return pair_of(one.owner, one.version) * 0x9E3779B97F4A7C15 + at(one.alias) * 2 +
           (one.peer ? 1 : 0);
  }
  bool is_needed(std::size_t index) const { return needed_.contains(key(core_[index])); }

  Engine& engine_;
  Book& book_;
  std::vector<Requirement> core_;
  std::unordered_set<std::uint64_t> needed_;
  std::size_t trials_ = 0;
  std::uint64_t work_ = 0;
  // Of the present core: who asks for a package, and what a package's versions ask for.
  bool indexed_ = false;
  std::unordered_map<std::uint32_t, std::vector<std::size_t>> asking_;
  std::unordered_map<std::uint32_t, std::vector<std::size_t>> asked_;
  std::unordered_map<std::uint64_t, std::size_t> asked_by_version_;
  std::unordered_set<std::uint32_t> peers_;  // names
};

SpecId Minimizer::written(const Requirement& one) const {
  const NodeId node = book_.child(kNoOverrides, one.owner, one.version);
  const std::uint32_t index =
      one.peer ? book_.find_peer(node, one.alias) : book_.find_slot(node, one.alias);
  if (index == kNone) return kNoSpec;
  return one.peer ? book_.peers(node)[index].written : book_.slots(node)[index].written;
}

PackageId Minimizer::target_of(const Requirement& one) const {
  const NodeId node = book_.child(kNoOverrides, one.owner, one.version);
  const std::uint32_t index =
      one.peer ? book_.find_peer(node, one.alias) : book_.find_slot(node, one.alias);
  if (index == kNone) return kNoPackageId;
  return one.peer ? book_.peers(node)[index].target : book_.slots(node)[index].target;
}

void Minimizer::index_chains() {
  indexed_ = true;
  asking_.clear();
  asked_.clear();
  asked_by_version_.clear();
  peers_.clear();
  for (std::size_t i = 0; i < core_.size(); ++i) {
    const Requirement& one = core_[i];
    asked_[static_cast<std::uint32_t>(one.owner)].push_back(i);
    ++asked_by_version_[pair_of(one.owner, one.version)];
    if (one.peer) peers_.insert(static_cast<std::uint32_t>(one.alias));
    const PackageId target = target_of(one);
    if (target != kNoPackageId) asking_[static_cast<std::uint32_t>(target)].push_back(i);
  }
}

std::vector<std::size_t> Minimizer::needed_with(std::size_t index) {
  const Requirement one = core_[index];
  // Peers look beside themselves, so they are no chain.
  const auto is_chained = [this](const Requirement& link) {
    return !link.peer && !peers_.contains(static_cast<std::uint32_t>(link.alias));
  };
  std::vector<std::size_t> found;
  if (!is_chained(one)) return found;
  const auto asking = asking_.find(static_cast<std::uint32_t>(one.owner));
  if (asking != asking_.end() && asking->second.size() == 1 &&
      is_chained(core_[asking->second.front()])) {
    found.push_back(asking->second.front());
  }
  const PackageId target = target_of(one);
  if (target == kNoPackageId || asking_[static_cast<std::uint32_t>(target)].size() != 1 ||
      engine_.universe()[target].state != Package::State::loaded) {
    return found;
  }
  const NodeId node = book_.child(kNoOverrides, one.owner, one.version);
  const Slot slot = book_.slots(node)[book_.find_slot(node, one.alias)];
  const Bits candidates = engine_.universe().candidates(slot.spec, target);
  for (const std::size_t next : asked_[static_cast<std::uint32_t>(target)]) {
    const Requirement& below = core_[next];
    if (is_chained(below) && candidates.has(below.version) &&
        asked_by_version_[pair_of(target, below.version)] == 1) {
      found.push_back(next);
    }
  }
  return found;
}

void Minimizer::mark_needed(std::size_t from, std::size_t to) {
  if (!indexed_) index_chains();
  const bool overridden = book_.rewrites(kNoName);
  std::vector<std::size_t> waiting;
  for (std::size_t i = from; i < to; ++i) waiting.push_back(i);
  while (!waiting.empty()) {
    const std::size_t next = waiting.back();
    waiting.pop_back();
    if (!needed_.insert(key(core_[next])).second || overridden || to - from > 1) continue;
    for (const std::size_t other : needed_with(next)) waiting.push_back(other);
  }
}

void Minimizer::keep_mentioned(Engine& trial, std::vector<Requirement> rest) {
  std::set<Entry> kept;
  for (const Requirement& one : mentioned(trial)) kept.insert(entry_of(trial, one));
  std::erase_if(rest,
                [&](const Requirement& one) { return !kept.contains(entry_of(engine_, one)); });
  core_ = std::move(rest);
  indexed_ = false;
}

// Does the conflict hold without these? If so they are gone. Nothing: too much work to find out.
std::optional<bool> Minimizer::holds_without(std::size_t from, std::size_t to) {
  std::vector<Requirement> rest(core_.begin(), core_.begin() + static_cast<std::ptrdiff_t>(from));
  rest.insert(rest.end(), core_.begin() + static_cast<std::ptrdiff_t>(to), core_.end());
  const std::unique_ptr<Engine> trial = trial_with(engine_, rest);
  const Engine::Outcome outcome = run_offline(engine_, *trial);
  ++trials_;
  work_ += trial->knowledge().budget.work + kWorkOfEntry * rest.size();
  if (outcome == Engine::Outcome::impossible) {
    keep_mentioned(*trial, std::move(rest));
    return true;
  }
  if (outcome == Engine::Outcome::solved) return false;
  return std::nullopt;
}

// Those that say the same stand together from here on, in the order in which the first of them was
// mentioned: they are told in one sentence, and tried together first.
void Minimizer::group_words() {
  std::map<std::tuple<PackageId, NameId, bool, SpecId>, std::size_t> groups;
  std::vector<std::vector<Requirement>> members;
  for (const Requirement& one : core_) {
    const auto [known, is_new] =
        groups.try_emplace({one.owner, one.alias, one.peer, written(one)}, members.size());
    if (is_new) members.emplace_back();
    members[known->second].push_back(one);
  }
  core_.clear();
  for (const std::vector<Requirement>& group : members) {
    core_.insert(core_.end(), group.begin(), group.end());
  }
}

// The end of the requirements that are in the same words as this one.
std::size_t Minimizer::words_end(std::size_t from) const {
  const SpecId spec = written(core_[from]);
  std::size_t to = from + 1;
  while (to < core_.size() && core_[to].owner == core_[from].owner &&
         core_[to].alias == core_[from].alias && core_[to].peer == core_[from].peer &&
         written(core_[to]) == spec) {
    ++to;
  }
  return to;
}

// The end of a stretch of so many sentences none of which is known to be needed.
std::size_t Minimizer::stretch_end(std::size_t from, std::size_t sentences) const {
  std::size_t to = from;
  for (std::size_t i = 0; i < sentences && to < core_.size() && !is_needed(to); ++i) {
    to = words_end(to);
  }
  return to;
}

// Longer and longer stretches as long as that goes well, single sentences otherwise.
void Minimizer::drop_sentences() {
  std::size_t sentences = 1;
  for (std::size_t from = 0; from < core_.size() && can_go_on();) {
    const std::size_t to = stretch_end(from, sentences);
    if (to == from) {
      from = words_end(from);
      continue;
    }
    const std::optional<bool> holds = holds_without(from, to);
    if (holds == true) {
      sentences *= 2;
    } else if (sentences > 1) {
      sentences = 1;
    } else {
      if (holds == false) mark_needed(from, to);
      from = to;
    }
  }
}

// The same for single versions, where a sentence speaks of several, but not of very many.
void Minimizer::drop_versions() {
  for (std::size_t from = 0; from < core_.size() && can_go_on();) {
    const std::size_t to = words_end(from);
    const bool several = to - from > 1 || (from > 0 && words_end(from - 1) > from);
    if (to - from > kVersions) {
      from = to;
    } else if (!several || holds_without(from, from + 1) != true) {
      ++from;
    }
  }
}

std::vector<Requirement> Minimizer::run() {
  // Where the rules are not monotonous, even the proof's own requirements may hold together.
  if (holds_without(core_.size(), core_.size()) != true) return core_;
  group_words();
  drop_sentences();
  drop_versions();
  return core_;
}

}  // namespace

Engine::Outcome run_offline(Engine& engine, Engine& trial) {
  for (;;) {
    const Engine::Outcome outcome = trial.advance();
    if (outcome != Engine::Outcome::waiting) return outcome;
    trial.take_asked();
    bool answered = false;
    for (const PackageId asked : trial.unanswered()) {
      const MetadataKey key = trial.key_of(asked);
      std::optional<Engine::Answer> known = engine.answer(key);
      if (!known) continue;
      if (known->missing) {
        trial.provide_missing(key, std::move(*known->missing));
      } else {
        trial.provide(key, std::move(*known->metadata), std::move(known->source));
      }
      answered = true;
    }
    if (!answered) return Engine::Outcome::waiting;
  }
}

std::vector<Requirement> core_of_conflict(Engine& engine) {
  return Minimizer(engine, mentioned(engine)).run();
}

}  // namespace hod::resolver
