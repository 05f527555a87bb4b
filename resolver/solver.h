// The solver: requirements + metadata → graph, or a proof that there is none. Pure: no disk,
// network, clock, environment.
//
// It asks, it does not fetch. A Solver is a value that is advanced until it needs facts or is done:
//
//   Solver solver(requirements, locked, policy);
//   for (;;) {
//     Solver::Step step = solver.advance();
//     if (step.done) break;
//     for (const MetadataKey& key : step.needed) solver.provide(key, metadata_for(key));   // in
//     any order
//   }
//
// advance() may be called after each answer (it is cheap while answers are outstanding, and tells
// at once what else is worth fetching) or when all have come.
//   Result<ResolutionGraph> graph = solver.take_result();
//
// The outcome does not depend on the order in which metadata arrives, nor on threads or time.
// Objectives in order: hard constraints; keep what the lockfile has unless asked to move it; direct
// dependencies newest; no peer broken; one version where one satisfies all ranges, then fewest
// versions among otherwise equal answers; newest. Threads: one at a time. No recursion whose depth
// the input controls; a budget bounds time and memory (T-RES-04).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/model/package_metadata.h"
#include "core/model/requirements.h"
#include "core/model/resolution_graph.h"
#include "resolver/command_scene.h"

namespace hod::resolver {

// Whose metadata: a name in the registry, or one thing behind a git, tarball, folder or link
// specifier.
struct MetadataKey {
  std::string name;      // for non-registry sources: the slot's name, "" if unknown
  PackageSource source;  // kind registry: location "" ; else as resolved so far (git: may still be
                         // a branch or tag)
  friend auto operator<=>(const MetadataKey&, const MetadataKey&) = default;
};

// Answer for a non-registry key: the record holds one version; `source` is final (git: with the
// full commit).
struct ProvidedSource {
  PackageMetadata metadata;
  PackageSource source;
};

enum class Resolution : std::uint8_t { newest, fewest };

// Which peers may be let go, each with a warning, when no set of versions has all of them right.
enum class Peers : std::uint8_t {
  strict,     // none
  of_others,  // those of packages that the project does not ask for itself, as npm does
  forgiving,  // any, and as few as can be (legacy-peer-deps)
};

struct Policy {
  Resolution resolution = Resolution::newest;
  bool flat = false;  // one version of each package
  bool engine_strict =
      false;                 // versions whose engines.node refuses `node_version` are no candidates
  std::string node_version;  // "" = unknown: engines are not looked at
  Peers peers = Peers::strict;
  // Publish-time limit, seconds since the epoch: versions published later are held back; 0 = none.
  // Metadata without times: the fetcher sees to it that a full document was asked for where
  // `modified` is younger than this.
  std::int64_t before = 0;
  std::set<std::string> before_exempt;  // names the limit does not hold for, and "@scope/*"
  // What may move although the lockfile has it: names; "*" = everything.
  std::set<std::string> update;
  // The lockfile is complete (one of our own): nothing is asked about packages that stay as they
  // are in it.
  bool trust_locked = false;
  // A peer that is wrong in the lockfile already is no reason to move anything, nor to refuse.
  bool keep_locked_peers = false;
  bool allow_exotic_subdependencies =
      false;  // git/URL/file sources of packages that are not direct (T-RES-08)
  // When set, versions that do not run there are no candidates. Usually empty: the graph serves all
  // platforms.
  std::optional<Platform> platform;
  CommandScene command;  // for the words of repairs
  // The budget (T-RES-04). Work is counted, not timed, so that the same input always has the same
  // outcome; a unit is some 10 ns, the default some 60 s.
  std::uint64_t max_decisions = 5'000'000;
  std::uint64_t max_work = 6'000'000'000;
  // How many times packages may be met with different peers; bounds memory, some 3 KB each.
  std::uint64_t max_scopes = 150'000;
};

bool is_exempt(const std::set<std::string>& exempt, std::string_view name);

// One reason in a derivation: what somebody requires, or that something does not exist.
struct Cause {
  enum class Kind : std::uint8_t {
    requirement,
    no_version,
    no_package,
    peer,
    engine,
    excluded,
    derived
  };
  Kind kind = Kind::requirement;
  std::string who;         // "your package.json", "plug@2.0.0"
  std::string dependency;  // slot or package name
  std::string range;       // what is asked for
  std::string note;        // "the only version in \"2\"", …
};
struct Repair {
  std::string command;      // "hod add host@2"
  std::string explanation;  // what it changes
};
// Why there is no solution: data first, sentences second.
struct Conflict {
  std::vector<Cause> causes;  // in the order of the printed numbers
  std::vector<std::string> sentences;
  std::vector<Repair> repairs;  // smallest first, each verified by solving it
};

// A release in the registry.
struct ExpectedRelease {
  std::string name, version;
  friend auto operator<=>(const ExpectedRelease&, const ExpectedRelease&) = default;
};

struct Warning {
  enum class Kind : std::uint8_t {
    deprecated,
    peer_by_override,
    held_back,
    optional_dropped,
    peer_unmet
  };
  Kind kind = Kind::deprecated;
  std::string package;            // "name@version"
  std::string text;               // one sentence
  std::vector<std::string> path;  // who leads to it, from the root
};

class Solver {
 public:
  // `locked`: null = no lockfile. It has to stay as it is until the solver is done; the other
  // arguments are copied or moved.
  Solver(Requirements requirements, const ResolutionGraph* locked, Policy policy);
  Solver(Solver&&) noexcept;
  ~Solver();

  struct Step {
    bool done = false;
    std::vector<MetadataKey> needed;  // must have before advance() can go on
    std::vector<MetadataKey> likely;  // worth fetching early; never asked for twice
    // Likely to be in the graph, so that their archives may be fetched by whoever has time for it.
    // Some will not be; some are told again.
    std::vector<ExpectedRelease> expected;
  };
  Step advance();

  // A failure (404, unsupported source) is a fact too: `missing` says why in one clause.
  void provide(const MetadataKey& key, PackageMetadata metadata);
  void provide_source(const MetadataKey& key, ProvidedSource provided);
  void provide_missing(const MetadataKey& key, Error missing);

  // After done. Error: resolution_impossible (details = sentences, hints = repairs),
  // package_not_found, version_not_found, resolution_budget, source_refused. conflict() has the
  // data.
  Result<ResolutionGraph> take_result();
  const Conflict* conflict() const;
  const std::vector<Warning>& warnings() const;

  struct Statistics {
    std::uint64_t decisions = 0, conflicts = 0, packages_loaded = 0;
  };
  Statistics statistics() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hod::resolver
