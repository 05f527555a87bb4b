// SPDX-License-Identifier: MIT
// Something was added to a project whose lockfile answers everything else: only what is new is
// solved, with what the lockfile has of it, and put beside the rest. The work is that of the
// addition, not of the project.
//
// What must stay true: the outcome is the one that solving everything would have. So it is given up
// (and everything is solved) wherever what is new could matter to what is there, or the other way
// round: peers, overrides, a version that another could stand for, members that could share one.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "resolver/engine.h"
#include "resolver/solver.h"

namespace hod::resolver {

class Addition {
 public:
  using Answers = std::map<MetadataKey, Engine::Answer>;

  // Null: the change is of another kind. `locked` has to stay while the addition does.
  static std::unique_ptr<Addition> of(const Requirements& requirements,
                                      const ResolutionGraph* locked, const Policy& policy);

  enum class Outcome : std::uint8_t { waiting, solved, given_up };
  Outcome advance();
  // Asked for since the last call.
  std::vector<MetadataKey> take_needed();
  std::vector<ExpectedRelease> take_expected();
  void provide(const MetadataKey& key, Engine::Answer answer);

  // After `solved`.
  ResolutionGraph take_graph();
  std::vector<Warning> warnings() const { return warnings_; }
  const Budget& budget() const;
  std::size_t packages_loaded() const;
  // Whatever came of it.
  Answers take_answers() { return std::move(answers_); }

 private:
  Addition(Requirements added, const ResolutionGraph& locked, Policy policy);

  void begin();
  bool is_locked(const std::string& name) const { return by_name_.contains(name); }
  bool include(const std::string& name);
  bool answer_open();
  std::optional<std::vector<PackageIndex>> places(const ResolutionGraph& made) const;
  bool merge(const ResolutionGraph& made);
  std::optional<PackageIndex> known_as(const ResolutionGraph& made, const GraphPackage& package,
                                       bool& clashes) const;
  bool is_needless(const ResolutionGraph& made, const GraphEdge& edge) const;
  bool same_edges(const ResolutionGraph& made, const GraphPackage& a, const GraphPackage& b) const;

  Requirements added_;
  const ResolutionGraph& locked_;
  Policy policy_;
  std::unordered_map<std::string_view, std::vector<PackageIndex>> by_name_;
  std::set<std::string, std::less<>> included_;  // names whose locked versions the engine knows
  std::unique_ptr<Engine> engine_;
  bool begun_again_ = false;
  Answers answers_;
  std::set<MetadataKey> asked_;
  std::vector<MetadataKey> open_;    // the engine waits for these
  std::vector<MetadataKey> needed_;  // not yet told
  std::optional<ResolutionGraph> graph_;
  std::vector<Warning> warnings_;
};

}  // namespace hod::resolver
