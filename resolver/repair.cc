// SPDX-License-Identifier: MIT
// See repair.h.
#include "resolver/repair.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "resolver/repair_command.h"

namespace hod::resolver {

namespace {

constexpr std::uint64_t kTrialWork = 50'000'000;
constexpr std::size_t kRounds = 12;   // of fetching metadata for one trial
constexpr std::size_t kRepairs = 4;   // more are not read
constexpr std::size_t kChanges = 12;  // tried at most

// "2" for 2.3.4, "0.3" for 0.3.4: what people type.
std::string short_range(std::string_view version) {
  const Result<Version> parsed = Version::parse(version, Loose::yes);
  if (!parsed || !parsed->prerelease().empty()) return std::string(version);
  if (parsed->major() > 0) return std::to_string(parsed->major());
  return "0." + std::to_string(parsed->minor());
}

}  // namespace

Repairs::Repairs(Engine& engine, std::vector<Requirement> core) : engine_(engine) { propose(core); }
Repairs::~Repairs() = default;

std::string Repairs::direct_specifier(std::uint32_t importer, const std::string& alias) const {
  for (const Dependency& dependency : engine_.requirements().importers[importer].dependencies) {
    if (dependency.alias == alias) return dependency.specifier;
  }
  return "";
}

// Does the package that this asks for take part in the conflict itself?
bool Repairs::is_dependent(const Requirement& requirement,
                           const std::vector<Requirement>& core) const {
  Universe& universe = engine_.universe();
  return std::any_of(core.begin(), core.end(), [&](const Requirement& other) {
    return universe[other.owner].kind != Package::Kind::importer &&
           universe[other.owner].name == requirement.alias;
  });
}

bool Repairs::is_importer(const Requirement& requirement) const {
  return engine_.universe()[requirement.owner].kind == Package::Kind::importer;
}

// What the requirement's manifest says; "" when it no longer says anything.
std::string Repairs::written_by(const Requirement& requirement) const {
  Book& book = engine_.knowledge().book;
  const NodeId node = book.child(kNoOverrides, requirement.owner, requirement.version);
  const std::uint32_t index = requirement.peer ? book.find_peer(node, requirement.alias)
                                               : book.find_slot(node, requirement.alias);
  if (index == kNone) return "";
  const SpecId spec =
      requirement.peer ? book.peers(node)[index].written : book.slots(node)[index].written;
  return std::string(engine_.universe()[spec].text);
}

void Repairs::add_change(Change change) {
  const auto same = [&change](const Change& other) {
    return std::tie(change.kind, change.importer, change.alias, change.owner, change.specifier,
                    change.rule) == std::tie(other.kind, other.importer, other.alias, other.owner,
                                             other.specifier, other.rule);
  };
  if (std::none_of(changes_.begin(), changes_.end(), same)) changes_.push_back(std::move(change));
}

void Repairs::propose_range(const Requirement& requirement) {
  Universe& universe = engine_.universe();
  Change change;
  change.importer = universe[requirement.owner].importer;
  change.alias = universe.text(requirement.alias);
  const std::string before = direct_specifier(change.importer, change.alias);
  const Result<Specifier> parsed = Specifier::parse(before);
  if (!parsed || !parsed->from_registry()) return;
  const AliasSpecifier* real = parsed->as<AliasSpecifier>();
  change.specifier = real ? "npm:" + real->name.str() + "@*" : "*";
  if (change.specifier != before) add_change(std::move(change));
}

// What a package asks for is made to be what the project has of that name, or what others of the
// conflict ask for.
void Repairs::propose_overrides(const Requirement& requirement, const ByAlias& by_alias) {
  Universe& universe = engine_.universe();
  Change change;
  change.kind = Change::Kind::override_edge;
  change.alias = universe.text(requirement.alias);
  change.owner = universe.text(universe[requirement.owner].name);
  change.peer = requirement.peer;
  const std::string own = written_by(requirement);
  const auto add_with = [&](std::string specifier) {
    change.specifier = std::move(specifier);
    if (!change.specifier.empty() && change.specifier != own) add_change(change);
  };
  for (std::uint32_t i = 0; i < engine_.requirements().importers.size(); ++i) {
    if (requirement.peer) add_with(direct_specifier(i, change.alias));
  }
  const auto others = by_alias.find(requirement.alias);
  if (others == by_alias.end()) return;
  for (const std::string& written : others->second) add_with(written);
}

// Overrides that say what is asked for.
void Repairs::propose_drops(const Requirement& requirement) {
  const std::string alias(engine_.universe().text(requirement.alias));
  const std::vector<Override>& rules = engine_.requirements().overrides.rules;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].target.name != alias) continue;
    if (!drop_command(engine_.policy().command, rules[i])) continue;
    Change change;
    change.kind = Change::Kind::drop_override;
    change.alias = alias;
    change.rule = i;
    add_change(std::move(change));
  }
}

// Smallest first: another version of what depends, another version of what it depends on, an
// override less, an override more.
void Repairs::propose(const std::vector<Requirement>& core) {
  for (const bool dependents : {true, false}) {
    for (const Requirement& one : core) {
      if (is_importer(one) && is_dependent(one, core) == dependents) propose_range(one);
    }
  }
  for (const Requirement& one : core) propose_drops(one);
  ByAlias by_alias;
  std::set<std::tuple<PackageId, NameId, bool, std::string>> told;  // versions mostly say the same
  std::vector<const Requirement*> distinct;
  for (const Requirement& one : core) {
    if (is_importer(one)) continue;
    std::string written = written_by(one);
    if (!told.emplace(one.owner, one.alias, one.peer, written).second) continue;
    distinct.push_back(&one);
    std::vector<std::string>& all = by_alias[one.alias];
    if (std::find(all.begin(), all.end(), written) == all.end()) all.push_back(std::move(written));
  }
  for (const bool peers : {true, false}) {
    for (const Requirement* one : distinct) {
      if (one->peer == peers) propose_overrides(*one, by_alias);
    }
  }
  if (changes_.size() > kChanges) changes_.resize(kChanges);
}

std::unique_ptr<Engine> Repairs::make_trial(const Change& change) const {
  Engine::Setup setup{engine_.requirements(), engine_.policy(), nullptr, std::nullopt, false};
  setup.policy.max_work = kTrialWork;
  setup.wrong_peers = engine_.wrong_peers();
  setup.policy.peers = Peers::strict;
  auto& rules = setup.requirements.overrides.rules;
  switch (change.kind) {
    case Change::Kind::override_edge: {
      Override rule;
      rule.parents.push_back({change.owner, std::nullopt, ""});
      rule.target.name = change.alias;
      rule.specifier = change.specifier;
      rule.origin = "overrides." + change.owner + "." + change.alias;
      rules.insert(rules.begin(), std::move(rule));
      break;
    }
    case Change::Kind::drop_override:
      rules.erase(rules.begin() + static_cast<std::ptrdiff_t>(change.rule));
      break;
    case Change::Kind::range:
      for (Dependency& dependency : setup.requirements.importers[change.importer].dependencies) {
        if (dependency.alias == change.alias) dependency.specifier = change.specifier;
      }
      break;
  }
  return std::make_unique<Engine>(std::move(setup));
}

std::string Repairs::chosen_version(Engine& trial, const Change& change) {
  Search& search = trial.search();
  const Scope& root = search[search.roots()[change.importer]];
  const std::uint32_t slot =
      trial.knowledge().book.find_slot(root.node, trial.universe().own_name(change.alias));
  if (slot == kNone || root.choices[slot].version == kNoVersion) return "";
  return std::string(
      trial.universe().version_text(root.choices[slot].package, root.choices[slot].version));
}

void Repairs::add(std::string command, std::string explanation) {
  const bool told = std::any_of(found_.begin(), found_.end(),
                                [&](const Repair& repair) { return repair.command == command; });
  if (!told) found_.push_back({std::move(command), std::move(explanation)});
}

void Repairs::add_range_repair(const Change& change, const std::string& version) {
  const Importer& importer = engine_.requirements().importers[change.importer];
  add(range_command(engine_.policy().command, importer.path, change.alias, change.specifier),
      "takes " + change.alias + " " + version + " instead of " +
          direct_specifier(change.importer, change.alias));
}

void Repairs::add_override_repair(const Change& change) {
  const std::string what = change.alias + " " + change.specifier;
  add(override_command(engine_.policy().command, change.owner, change.alias, change.specifier),
      change.peer
          ? "lets " + change.owner + " run with " + what + ", which it does not promise to support"
          : "gives " + change.owner + " " + what + ", which it did not ask for");
}

void Repairs::add_drop_repair(const Change& change) {
  const Override& rule = engine_.requirements().overrides.rules[change.rule];
  if (auto command = drop_command(engine_.policy().command, rule)) {
    add(std::move(*command), "takes away the override of " + change.alias + " by " +
                                 (rule.specifier == "-" ? "nothing" : rule.specifier));
  }
}

void Repairs::judge(Engine::Outcome outcome) {
  Change change = changes_[next_++];
  if (outcome != Engine::Outcome::solved) return;
  // Once one value helps in a place, others there are no news.
  const auto same_place = [&change](const Change& other) {
    return other.kind == Change::Kind::override_edge && other.kind == change.kind &&
           other.owner == change.owner && other.alias == change.alias;
  };
  changes_.erase(std::remove_if(changes_.begin() + static_cast<std::ptrdiff_t>(next_),
                                changes_.end(), same_place),
                 changes_.end());
  switch (change.kind) {
    case Change::Kind::range:
      return judge_range(std::move(change));
    case Change::Kind::override_edge:
      return add_override_repair(change);
    case Change::Kind::drop_override:
      return add_drop_repair(change);
  }
}

// A range was tried wide open; what that found is what is proposed, in the words people type if
// those lead to a solution too.
void Repairs::judge_range(Change change) {
  std::string version = chosen_version(*trial_, change);
  if (version.empty()) return;
  change.specifier.pop_back();  // the "*"
  Change narrower = change;
  narrower.specifier += short_range(version);
  const auto trial = make_trial(narrower);
  if (run_offline(engine_, *trial) == Engine::Outcome::solved) {
    change = std::move(narrower);
    version = chosen_version(*trial, change);
  } else {
    change.specifier += version;
  }
  add_range_repair(change, version);
}

// What the trial waits for is asked of the project's own engine. False: too much is missing.
bool Repairs::fetch_for_trial() {
  if (++rounds_ > kRounds) return false;
  bool asked = false;
  for (const PackageId package : trial_->unanswered()) {
    asked |= engine_.want(trial_->key_of(package));
  }
  return asked;
}

bool Repairs::advance() {
  while (next_ < changes_.size() && found_.size() < kRepairs) {
    if (engine_.outstanding() > 0) return false;
    if (!trial_) {
      trial_ = make_trial(changes_[next_]);
      rounds_ = 0;
    }
    const Engine::Outcome outcome = run_offline(engine_, *trial_);
    if (outcome == Engine::Outcome::waiting && fetch_for_trial()) return false;
    judge(outcome);
    trial_.reset();
  }
  return true;
}

}  // namespace hod::resolver
