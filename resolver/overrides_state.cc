// SPDX-License-Identifier: MIT
// See overrides_state.h.
#include "resolver/overrides_state.h"

#include <algorithm>

namespace hod::resolver {

namespace {

bool step_matches(const OverrideStep& step, std::string_view name, const VersionView& version) {
  if (step.name != name) return false;
  return step.selector.empty() || (step.range && step.range->contains(version));
}

}  // namespace

OverrideStates::OverrideStates(const Overrides& overrides, Universe& universe)
    : overrides_(overrides), universe_(universe) {
  for (const Override& rule : overrides.rules) {
    targets_.push_back(universe.own_name(rule.target.name));
    nested_ |= !rule.parents.empty();
  }
  Progress start;
  start.met.resize(overrides.rules.size());
  start.direct.resize(overrides.rules.size());
  states_.push_back(start);
  known_.emplace(std::move(start), kNoOverrides);
}

OverrideState OverrideStates::enter(OverrideState from, std::string_view name,
                                    const VersionView& version) {
  if (!nested_) return kNoOverrides;
  Progress next = states_[at(from)];
  for (std::size_t i = 0; i < overrides_.rules.size(); ++i) {
    const Override& rule = overrides_.rules[i];
    const std::size_t parents = rule.parents.size();
    if (parents == 0) continue;
    // The direct parent is not remembered: it must be the very package that asks.
    const std::size_t remembered = rule.direct_parent ? parents - 1 : parents;
    next.direct[i] = rule.direct_parent && next.met[i] == remembered &&
                     step_matches(rule.parents.back(), name, version);
    if (next.met[i] < remembered && step_matches(rule.parents[next.met[i]], name, version)) {
      ++next.met[i];
    }
  }
  const auto [known, is_new] = known_.try_emplace(next, static_cast<OverrideState>(states_.size()));
  if (is_new) states_.push_back(std::move(next));
  return known->second;
}

bool OverrideStates::holds(const Override& rule, std::size_t index, OverrideState state) const {
  if (rule.parents.empty()) return true;
  const Progress& progress = states_[at(state)];
  return rule.direct_parent ? progress.direct[index] : progress.met[index] == rule.parents.size();
}

const Override* OverrideStates::match(OverrideState state, NameId alias, SpecId spec) const {
  for (std::size_t i = 0; i < overrides_.rules.size(); ++i) {
    if (targets_[i] != alias) continue;
    const Override& rule = overrides_.rules[i];
    if (!holds(rule, i, state)) continue;
    const Spec& asked = universe_[spec];
    if (rule.target.selector.empty() || rule.target.selector == asked.text) return &rule;
    if (rule.target.range && asked.range && ranges_intersect(*asked.range, *rule.target.range)) {
      return &rule;
    }
  }
  return nullptr;
}

std::string OverrideStates::describe(OverrideState state) const {
  std::string text;
  const Progress& progress = states_[at(state)];
  for (std::size_t i = 0; i < overrides_.rules.size(); ++i) {
    if (progress.met[i] == 0 && !progress.direct[i]) continue;
    if (!text.empty()) text += ",";
    text += overrides_.rules[i].origin;
    if (!overrides_.rules[i].direct_parent &&
        progress.met[i] == overrides_.rules[i].parents.size()) {
      continue;
    }
    text += "/" + std::to_string(progress.met[i]) + (progress.direct[i] ? "!" : "");
  }
  return text;
}

}  // namespace hod::resolver
