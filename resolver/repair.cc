// SPDX-License-Identifier: MIT
// See repair.h.
#include "resolver/repair.h"

#include <algorithm>
#include <utility>
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

const char* add_flag(DependencyKind kind) {
  switch (kind) {
    case DependencyKind::development:
      return " -D";
    case DependencyKind::optional:
      return " -O";
    case DependencyKind::peer:
    case DependencyKind::optional_peer:
      return " --save-peer";
    case DependencyKind::production:
      return "";
  }
  return "";
}

// `text` as one word of a shell command.
std::string shell_word(const std::string& text) {
  constexpr std::string_view kPlain = "@%+=:,./-_^~";
  const bool plain = std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kPlain.find(c) != std::string_view::npos;
  });
  return plain ? text : "\"" + text + "\"";
}

// One step of a path for `pkg set`: names with dots have to stand in brackets.
std::string path_step(const std::string& name) {
  return name.find('.') == std::string::npos ? "." + name : "[" + name + "]";
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
  if (change.specifier != before) changes_.push_back(std::move(change));
}

// The peer is made to accept what the project has of that name.
void Repairs::propose_override(const Requirement& requirement) {
  Universe& universe = engine_.universe();
  for (std::uint32_t i = 0; i < engine_.requirements().importers.size(); ++i) {
    Change change{Change::Kind::peer_override, i, std::string(universe.text(requirement.alias)),
                  std::string(universe.text(universe[requirement.owner].name)), ""};
    change.specifier = direct_specifier(i, change.alias);
    if (change.specifier.empty()) continue;
    changes_.push_back(std::move(change));
    return;
  }
}

// Smallest first: another version of what depends, another version of what it depends on, an
// override.
void Repairs::propose(const std::vector<Requirement>& core) {
  for (const bool dependents : {true, false}) {
    for (const Requirement& one : core) {
      const bool direct = engine_.universe()[one.owner].kind == Package::Kind::importer;
      if (direct && is_dependent(one, core) == dependents) propose_range(one);
    }
  }
  for (const Requirement& one : core) {
    if (one.peer) propose_override(one);
  }
  if (changes_.size() > kChanges) changes_.resize(kChanges);
}

std::unique_ptr<Engine> Repairs::make_trial(const Change& change) const {
  Engine::Setup setup{engine_.requirements(), engine_.policy(), nullptr, std::nullopt, false};
  setup.policy.max_work = kTrialWork;
  setup.policy.peers = Peers::strict;
  if (change.kind == Change::Kind::peer_override) {
    Override rule;
    rule.parents.push_back({change.owner, std::nullopt, ""});
    rule.direct_parent = true;
    rule.target.name = change.alias;
    rule.specifier = change.specifier;
    rule.origin = "overrides." + change.owner + "." + change.alias;
    auto& rules = setup.requirements.overrides.rules;
    rules.insert(rules.begin(), std::move(rule));
  } else {
    for (Dependency& dependency : setup.requirements.importers[change.importer].dependencies) {
      if (dependency.alias == change.alias) dependency.specifier = change.specifier;
    }
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

void Repairs::add_range_repair(const Change& change, const std::string& version) {
  const Importer& importer = engine_.requirements().importers[change.importer];
  std::string flag;
  for (const Dependency& dependency : importer.dependencies) {
    if (dependency.alias == change.alias) flag = add_flag(dependency.kind);
  }
  Repair repair;
  repair.command = importer.path == "." ? "hod add" : "hod -C " + importer.path + " add";
  repair.command += flag + " " + shell_word(change.alias + "@" + change.specifier);
  repair.explanation = "takes " + change.alias + " " + version + " instead of " +
                       direct_specifier(change.importer, change.alias);
  found_.push_back(std::move(repair));
}

void Repairs::add_override_repair(const Change& change) {
  Repair repair;
  repair.command = "hod pkg set overrides" + path_step(change.owner) + path_step(change.alias) +
                   "=" + shell_word(change.specifier);
  repair.explanation = "lets " + change.owner + " run with " + change.alias + " " +
                       change.specifier + ", which it does not promise to support";
  found_.push_back(std::move(repair));
}

// A range is tried wide open; if that helps, what it found is what is proposed, in the words people
// type if those lead to a solution too.
void Repairs::judge(Engine::Outcome outcome) {
  Change change = changes_[next_++];
  if (outcome != Engine::Outcome::solved) return;
  if (change.kind == Change::Kind::peer_override) return add_override_repair(change);
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
