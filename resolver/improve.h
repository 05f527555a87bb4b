// SPDX-License-Identifier: MIT
// Fewer versions. The search takes the newest of everything; here slots of one package that hold
// different versions are brought together where one version satisfies them all, or as few as
// possible where none does. Only preferences change (Package::preferred), the search stays the
// judge of what is valid, and a change that does not lead to fewer packages is taken back.
//
// What may not move: what the lockfile has, and, unless "fewest" comes first, direct dependencies;
// but where several importers ask for a package directly and fewer versions serve them all, they
// share those, whatever others below them ask for.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "resolver/fewest.h"
#include "resolver/knowledge.h"
#include "resolver/search.h"

namespace hod::resolver {

class Improver {
 public:
  Improver(Knowledge& knowledge, Search& search) : knowledge_(knowledge), search_(search) {}

  // The search is settled: begins.
  void start();
  bool active() const { return active_; }
  // `solved`: done. `waiting`: the search needs facts.
  Search::Outcome advance();

 private:
  enum class Stage : std::uint8_t { together, one_by_one, exact, done };
  // One slot's wish: versions that would do, and the one it has.
  struct Demand {
    Bits allowed;
    VersionIndex chosen = kNoVersion;
    bool fixed = false;
    bool direct = false;  // of an importer, and newest comes first
  };
  using Preferences = std::map<std::string_view, std::pair<PackageId, std::vector<VersionIndex>>>;

  void find_proposals();
  void mark_several();
  void collect(ScopeId id,
               std::map<std::string_view, std::pair<PackageId, std::vector<Demand>>>& demands);
  Bits implicit_choices(const Scope& scope, NameId name, PackageId package);
  std::vector<VersionIndex> cover(PackageId package, const std::vector<Demand>& demands) const;
  bool add_direct(PackageId package, const std::vector<Demand>& demands,
                  std::vector<VersionIndex>& chosen) const;
  std::vector<VersionIndex> serving(PackageId package, std::vector<const Demand*> left) const;
  void apply(const Preferences& preferences);
  Search::Outcome try_next();
  Search::Outcome judge();
  void take_back();

  Knowledge& knowledge_;
  Search& search_;
  bool active_ = false;
  Stage stage_ = Stage::together;
  bool trying_ = false;
  std::size_t best_ = 0;
  std::size_t rounds_ = 0;
  std::vector<char> several_;  // by package: 0 not seen, 1 one version, 2 more
  std::vector<VersionIndex> first_;
  Preferences proposals_;
  Preferences before_;              // what the trial replaced
  std::unique_ptr<Fewest> fewest_;  // only where "fewest" comes first
};

}  // namespace hod::resolver
