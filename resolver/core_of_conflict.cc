// SPDX-License-Identifier: MIT
// See core_of_conflict.h.
#include "resolver/core_of_conflict.h"

#include <algorithm>
#include <unordered_set>

namespace hod::resolver {

namespace {

constexpr std::uint64_t kTrialWork = 20'000'000;
constexpr std::size_t kTrials = 4'000;

// Every requirement that the refutation mentions, in the order in which it mentions them.
std::vector<Requirement> mentioned(Engine& engine) {
  std::vector<Requirement> found;
  std::unordered_set<std::uint32_t> seen;
  std::vector<ProofId> waiting{engine.refutation()};
  while (!waiting.empty()) {
    const ProofId id = waiting.back();
    waiting.pop_back();
    if (!seen.insert(static_cast<std::uint32_t>(id)).second) continue;
    const Proof& proof = engine.knowledge().proofs[id];
    waiting.insert(waiting.end(), proof.from.rbegin(), proof.from.rend());
    if (!proof.fact) continue;
    const std::uint32_t versions = engine.universe()[proof.fact->package].versions;
    for (std::uint32_t i = 0; i < versions; ++i) {
      if (!proof.fact->versions.has(i)) continue;
      found.push_back({proof.fact->package, i, proof.fact->alias, proof.fact->peer});
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

}  // namespace

Engine::Outcome run_offline(Engine& engine, Engine& trial) {
  for (;;) {
    const Engine::Outcome outcome = trial.advance();
    if (outcome != Engine::Outcome::waiting) return outcome;
    trial.take_asked();
    bool answered = false;
    for (const PackageId asked : trial.unanswered()) {
      const MetadataKey key = trial.key_of(asked);
      const PackageId known = engine.universe().find(key);
      if (known == kNoPackageId || !engine.universe()[known].known()) continue;
      const Package& package = engine.universe()[known];
      if (package.state == Package::State::missing) {
        trial.provide_missing(key, package.missing->clone());
      } else {
        trial.provide(key, package.metadata, package.source);
      }
      answered = true;
    }
    if (!answered) return Engine::Outcome::waiting;
  }
}

std::optional<bool> solvable_with(Engine& engine, const std::vector<Requirement>& requirements) {
  Engine::Setup setup{engine.requirements(), engine.policy(), nullptr, std::set<Entry>{}, false};
  for (const Requirement& one : requirements) setup.only->insert(entry_of(engine, one));
  setup.policy.max_work = kTrialWork;
  Engine trial(std::move(setup));
  switch (run_offline(engine, trial)) {
    case Engine::Outcome::solved:
      return true;
    case Engine::Outcome::impossible:
      return false;
    case Engine::Outcome::waiting:
    case Engine::Outcome::exhausted:
      return std::nullopt;
  }
  return std::nullopt;
}

std::vector<Requirement> core_of_conflict(Engine& engine) {
  std::vector<Requirement> core = mentioned(engine);
  if (solvable_with(engine, core) != false) return core;
  std::size_t trials = 0;
  for (std::size_t chunk = std::max<std::size_t>(core.size() / 2, 1);;) {
    bool dropped = false;
    for (std::size_t from = 0; from < core.size() && trials < kTrials;) {
      const std::size_t to = std::min(from + chunk, core.size());
      std::vector<Requirement> rest(core.begin(), core.begin() + static_cast<std::ptrdiff_t>(from));
      rest.insert(rest.end(), core.begin() + static_cast<std::ptrdiff_t>(to), core.end());
      ++trials;
      if (solvable_with(engine, rest) == false) {
        core = std::move(rest);
        dropped = true;
      } else {
        from = to;
      }
    }
    if (chunk == 1 && (!dropped || trials >= kTrials)) return core;
    if (chunk > 1) chunk /= 2;
  }
}

}  // namespace hod::resolver
