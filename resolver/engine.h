// SPDX-License-Identifier: MIT
// One solving from beginning to end: the pieces of the solver put together, asking for metadata and
// taking it. The Solver has one for the project, and small ones besides, to find out which
// requirements a conflict really needs and which repairs really help.
//
// What the lockfile says of a package may be enough (lock_facts.h). Where it turns out not to be,
// the real metadata is asked for, and when everything asked for is there, the solving begins again
// from the start: numbers of versions are others then, and everything is made of those.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "resolver/improve.h"
#include "resolver/knowledge.h"
#include "resolver/lock_facts.h"
#include "resolver/locked.h"
#include "resolver/prefetch.h"
#include "resolver/search.h"
#include "resolver/solver.h"

namespace hod::resolver {

class Engine {
 public:
  struct Setup {
    Requirements requirements;
    Policy policy;
    const ResolutionGraph* locked = nullptr;  // read during construction only
    std::optional<std::set<Entry>> only;      // see Book
    bool improve = true;                      // false: any solution will do
    LockFacts::WrongPeers wrong_peers = {};   // to be kept; for trials, in the place of `locked`
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
  const LockFacts::WrongPeers& wrong_peers() const { return facts_.wrong_peers; }
  // Releases that the outcome is likely to have, since the last call.
  std::vector<ExpectedRelease> take_expected();

  // Until the next advance(): afterwards they may be others.
  Universe& universe();
  Knowledge& knowledge();
  Search& search();
  ProofId refutation();

  struct Answer {
    std::optional<PackageMetadata> metadata;
    PackageSource source;
    std::optional<Error> missing;
    Answer clone() const;
  };
  // What was answered for a key, whatever the lockfile says.
  std::optional<Answer> answer(const MetadataKey& key) const;

 private:
  // What is made of metadata, and made again when the lockfile's turns out not to be enough.
  struct Parts;

  void ask(PackageId package);
  void ask_outside(PackageId package);
  bool settle(const MetadataKey& key, Answer answer);
  bool take_from_lock(PackageId package);
  void take(PackageId package, Answer answer);
  void waive_wrong_peers(PackageId package);
  void start_again();
  void distrust(PackageId package);
  bool distrust_involved();
  PackageId target_of(const Fact& fact);
  bool keeps_peers(PackageId package) const;
  bool waive_peers();

  Setup setup_;
  LockIndex locked_;
  LockFacts facts_;
  std::unique_ptr<Parts> parts_;
  std::map<MetadataKey, Answer> answers_;  // only if it may have to start again
  bool keeps_answers_ = false;
  std::vector<PackageId> asked_;       // since take_asked()
  std::vector<PackageId> unanswered_;  // may hold answered ones
  std::size_t outstanding_ = 0;
  bool again_ = false;  // when nothing is outstanding
};

struct Engine::Parts {
  Parts(const Setup& setup, const LockIndex& locked);

  Universe universe;
  Knowledge knowledge;
  Search search;
  Prefetch prefetch;
  std::unique_ptr<Improver> improver;
  bool followed = false;
};

inline Universe& Engine::universe() { return parts_->universe; }
inline Knowledge& Engine::knowledge() { return parts_->knowledge; }
inline Search& Engine::search() { return parts_->search; }
inline ProofId Engine::refutation() { return parts_->search.refutation(); }

}  // namespace hod::resolver
