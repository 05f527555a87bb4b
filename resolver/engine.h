// SPDX-License-Identifier: MIT
// One solving from beginning to end: the pieces of the solver put together, asking for metadata and
// taking it. The Solver has one for the project, and small ones besides, to find out which
// requirements a conflict really needs and which repairs really help.
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "resolver/knowledge.h"
#include "resolver/locked.h"
#include "resolver/prefetch.h"
#include "resolver/search.h"
#include "resolver/solver.h"

namespace hod::resolver {

class Improver;

class Engine {
 public:
  struct Setup {
    Requirements requirements;
    Policy policy;
    const ResolutionGraph* locked = nullptr;  // read during construction only
    std::optional<std::set<Entry>> only;      // see Book
    bool improve = true;                      // false: any solution will do
  };
  explicit Engine(Setup setup);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  enum class Outcome : std::uint8_t { solved, waiting, impossible, exhausted };
  // Goes on until it is done or has to wait for answers; while it waits it is cheap to call.
  Outcome advance();
  // Keys asked for since the last call. All of them must be answered before the search goes on.
  std::vector<PackageId> take_asked();
  std::size_t outstanding() const { return outstanding_; }
  // Asked for and not answered yet.
  std::vector<PackageId> unanswered() const;
  // Asks for something that the search itself does not need. False: it is known or cannot be asked
  // for.
  bool want(const MetadataKey& key);
  MetadataKey key_of(PackageId package) const;

  // False: it was not asked for, or is known already.
  bool provide(const MetadataKey& key, PackageMetadata metadata, PackageSource source);
  bool provide_missing(const MetadataKey& key, Error why);

  const Requirements& requirements() const { return setup_.requirements; }
  const Policy& policy() const { return setup_.policy; }
  Universe& universe() { return universe_; }
  Knowledge& knowledge() { return knowledge_; }
  Search& search() { return search_; }
  ProofId refutation() const { return search_.refutation(); }

 private:
  void ask(PackageId package);
  void arrived(PackageId package);
  bool keeps_peers(PackageId package) const;
  bool waive_peers();

  Setup setup_;
  LockIndex locked_;
  Universe universe_;
  Knowledge knowledge_;
  Search search_;
  Prefetch prefetch_;
  std::unique_ptr<Improver> improver_;
  std::vector<PackageId> asked_;       // since take_asked()
  std::vector<PackageId> unanswered_;  // may hold answered ones
  std::size_t outstanding_ = 0;
  bool followed_ = false;
};

}  // namespace hod::resolver
