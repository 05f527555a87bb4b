// SPDX-License-Identifier: MIT
// Which overrides hold below a package depends on what was passed on the way to it (`a > b`, npm's
// nested objects). A state is how far each rule's list of parents has been met; entering a package
// makes the next state. Packages that no rule names leave the state as it is, so almost everything
// is in state 0.
#pragma once

#include <map>
#include <vector>

#include "core/model/overrides.h"
#include "resolver/ids.h"
#include "resolver/universe.h"

namespace hod::resolver {

inline constexpr auto kNoOverrides = static_cast<OverrideState>(0);

class OverrideStates {
 public:
  OverrideStates(const Overrides& overrides, Universe& universe);

  // The state of what `name`@`version` asks for, when it was reached in `from`.
  OverrideState enter(OverrideState from, std::string_view name, const VersionView& version);
  // The rule for a dependency of a package in `state`, or null.
  const Override* match(OverrideState state, NameId alias, SpecId spec) const;
  bool any() const { return !overrides_.rules.empty(); }
  // "a > b": what has been passed, for telling instances apart; "" for state 0.
  std::string describe(OverrideState state) const;

 private:
  // How many parents of each rule were met, and whether the direct one is the package just entered.
  struct Progress {
    std::vector<std::uint8_t> met;
    std::vector<bool> direct;
    friend auto operator<=>(const Progress&, const Progress&) = default;
  };

  bool holds(const Override& rule, std::size_t index, OverrideState state) const;

  const Overrides& overrides_;
  Universe& universe_;
  bool nested_ = false;          // does any rule have parents?
  std::vector<NameId> targets_;  // of the rules
  std::vector<Progress> states_;
  std::map<Progress, OverrideState> known_;
};

}  // namespace hod::resolver
