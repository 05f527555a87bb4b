// SPDX-License-Identifier: MIT
// The fewest packages there can be, exactly: all ways to fill every scope that can be reached, then
// branch and bound over them. That is for projects small enough (limits in fewest.cc); for the
// others the Improver's answer stands.
//
// An optional slot may be empty only if no way that fills it exists, so of a scope's ways only
// those with the fewest empty slots count.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "resolver/knowledge.h"
#include "resolver/search.h"

namespace hod::resolver {

class Fewest {
 public:
  Fewest(Knowledge& knowledge, Search& search) : knowledge_(knowledge), search_(search) {}

  // `solved`: done; the search has the answer if there is a better one. `waiting`: the search needs
  // facts.
  Search::Outcome advance();

 private:
  // One way to fill a scope.
  struct Way {
    std::vector<Choice> choices;  // with their scopes
    std::vector<NameId> implicit;
    std::size_t empty = 0;
  };
  using Version = std::pair<PackageId, VersionIndex>;

  Search::Outcome explore();
  Search::Outcome find_ways(ScopeId id);
  void fill(ScopeId id, Way way, std::vector<Way>& found);
  bool fill_slot(ScopeId id, const Way& way, std::vector<Way>& found);
  bool peers_hold(ScopeId id, const Way& way, NameId& missing, PackageId& target) const;
  Search::Outcome keep_possible(ScopeId id, std::vector<Way>& ways);

  void branch();
  void pick(std::size_t depth);
  std::size_t least_more(const std::vector<ScopeId>& open) const;
  std::size_t added(const Way& way) const;
  void adopt();

  Knowledge& knowledge_;
  Search& search_;
  bool given_up_ = false;
  std::map<ScopeId, std::vector<Way>> ways_;
  std::vector<ScopeId> unexplored_;
  bool started_ = false;
  std::size_t steps_ = 0;

  std::size_t best_ = 0;
  std::map<ScopeId, std::size_t> picked_;  // scope → way
  std::map<ScopeId, std::size_t> best_picks_;
  std::map<Version, std::size_t> used_;  // how often
  std::vector<ScopeId> open_;
};

}  // namespace hod::resolver
