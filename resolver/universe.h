// SPDX-License-Identifier: MIT
// Everything the solver knows of the world outside the project, as numbers: names, specifiers,
// packages and, for each pair of package and range, the set of versions that answers it.
//
// Each text is parsed once and each range is evaluated at most once against each package; most
// pairs never need more than a look at the version tagged `latest`. Metadata is only held, never
// changed; a record's texts stay valid as long as the universe does, so names and specifiers point
// into the records.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/model/package_metadata.h"
#include "core/model/specifier.h"
#include "resolver/bits.h"
#include "resolver/ids.h"
#include "resolver/solver.h"
#include "resolver/text_table.h"

namespace hod::resolver {

// A specifier's meaning, independent of who wrote it.
struct Spec {
  enum class Kind : std::uint8_t { any, range, tag, source, workspace, catalog, refused };
  Kind kind = Kind::refused;
  std::string_view text;            // as written
  std::optional<Range> range;       // kind range; also behind `npm:`
  std::string tag;                  // kind tag; also behind `npm:`
  NameId alias = kNoName;           // the real name behind `npm:`
  std::optional<Specifier> parsed;  // kinds source, workspace and catalog
  std::string problem;              // kind refused: why, one clause
};

struct Package {
  enum class Kind : std::uint8_t { registry, source, importer };
  enum class State : std::uint8_t { idle, asked, loaded, missing };
  Kind kind = Kind::registry;
  State state = State::idle;
  NameId name = kNoName;
  PackageSource source;  // final once loaded
  PackageSource asked_source;
  std::uint32_t importer = kNone;  // kind importer: its index
  PackageMetadata metadata;        // once loaded
  bool from_lock = false;          // it knows the locked versions only; see lock_facts.h
  bool lacking = false;            // something was asked for that those do not answer
  std::optional<Error> missing;
  std::uint32_t versions = 0;
  std::uint32_t words = 1;  // of a set of its versions; bit `versions` is "none"
  VersionIndex latest = kNoVersion;
  Bits allowed;                      // what policy lets through; null: everything
  std::vector<VersionIndex> locked;  // what the lockfile has, newest first
  std::vector<VersionIndex>
      preferred;                     // what to take where it fits, to have fewer versions; in order
  bool shared_by_importers = false;  // `preferred` counts for direct dependencies, too

  struct Answer {
    SpecId spec = kNoSpec;
    VersionIndex best = kNoVersion;
    bool has_best = false;
    Bits satisfying;  // null until needed
    Bits candidates;  // satisfying and allowed
  };
  std::vector<Answer> answers;
  std::vector<std::pair<std::uint64_t, NodeId>> nodes;  // (override state, version) → node
  std::vector<NodeId> plain_nodes;  // by version, without overrides; once there are many

  bool known() const { return state == State::loaded || state == State::missing; }
};

// Versions the lockfile has of a name; see locked.h.
using LockedVersions = std::map<std::string, std::vector<std::string>, std::less<>>;

class Universe {
 public:
  Universe(const Policy& policy, const std::vector<Importer>& importers,
           const LockedVersions& locked);

  NameId name(std::string_view text);  // the text's bytes must outlive the universe
  NameId own_name(std::string text) { return name(keep(std::move(text))); }
  std::string_view text(NameId id) const { return names_.text(static_cast<std::uint32_t>(id)); }
  SpecId spec(std::string_view text);  // likewise
  SpecId own_spec(std::string text) { return spec(keep(std::move(text))); }
  const Spec& operator[](SpecId id) const { return specs_[id]; }

  PackageId registry_package(NameId name);
  PackageId source_package(const PackageSource& source, NameId slot);
  PackageId importer_package(std::size_t importer) const { return importers_[importer]; }
  // The workspace member of that name, or kNoPackageId.
  PackageId member(NameId name) const;
  Package& operator[](PackageId id) { return packages_[id]; }
  const Package& operator[](PackageId id) const { return packages_[id]; }
  std::size_t package_count() const { return packages_.size(); }

  // Facts arrive. False: the key was never asked for or is answered already.
  PackageId find(const MetadataKey& key) const;
  void load(PackageId id, PackageMetadata metadata, PackageSource source, bool from_lock = false);
  void set_missing(PackageId id, Error why);
  // Packages of which the lockfile does not know enough, each told once.
  std::vector<PackageId> take_lacking() { return std::exchange(lacking_, {}); }
  bool lacks() const { return !lacking_.empty(); }
  void mark_lacking(PackageId id);

  std::string_view version_text(PackageId id, VersionIndex version) const;
  bool satisfies(SpecId spec, PackageId id, VersionIndex version);
  Bits satisfying(SpecId spec, PackageId id);
  Bits candidates(SpecId spec, PackageId id);
  // What an install without history takes: the version tagged `latest` if it fits, else the
  // highest; deprecated ones last. kNoVersion: nothing fits.
  VersionIndex best(SpecId spec, PackageId id);
  // The same among a set (the bit for "none" does not count). `releases_first`: prereleases only
  // when nothing else is there.
  VersionIndex best_of(PackageId id, Bits set, bool releases_first) const;
  bool releases_first(SpecId spec) const { return specs_[spec].kind == Spec::Kind::any; }
  bool is_allowed(const Package& package, VersionIndex version) const {
    return package.allowed.null() || package.allowed.has(version);
  }
  // Is `version` younger than the policy lets through?
  bool is_held_back(const Package& package, VersionIndex version) const;
  const Policy& policy() const { return policy_; }
  BitArena& arena() { return arena_; }

 private:
  std::string_view keep(std::string text) { return kept_.emplace_back(std::move(text)); }
  Spec parse_spec(std::string_view text);
  Package::Answer& answer(SpecId spec, PackageId id);
  Bits evaluate(const Spec& spec, const Package& package);
  void add_set(const std::vector<Comparator>& set, const Package& package, Bits into) const;
  void apply_policy(Package& package);
  bool engine_allows(const Package& package, VersionIndex version);
  bool contains(const Spec& spec, const Package& package, VersionIndex version) const;

  const Policy& policy_;
  const LockedVersions& locked_versions_;
  std::deque<std::string> kept_;
  TextTable names_;
  TextTable spec_texts_;
  IdTable<SpecId, Spec> specs_;
  IdTable<PackageId, Package> packages_;
  std::vector<PackageId> by_name_;  // NameId → registry package
  std::map<PackageSource, PackageId> by_source_;
  std::vector<PackageId> importers_;
  std::vector<PackageId> lacking_;
  std::unordered_map<std::uint32_t, PackageId> members_;  // NameId → importer's package
  std::unordered_map<std::string, bool> engines_;         // range text → does node_version fit?
  BitArena arena_;
};

}  // namespace hod::resolver
