// SPDX-License-Identifier: MIT
// What all parts of one search share: the world, the manifests, what was proved so far, and how to
// choose.
//
// A lemma is an infeasible package: "these versions of P cannot be installed where their peers are
// provided like this". Nothing in it depends on who installs P, so it is learned once and holds
// everywhere.
#pragma once

#include <map>
#include <unordered_map>
#include <vector>

#include "resolver/proof.h"
#include "resolver/slots.h"
#include "resolver/universe.h"

namespace hod::resolver {

struct Lemma {
  OverrideState state = kNoOverrides;
  Bits versions;
  // All must hold: the provider of `peer` is a version of `provider` in `set`, or nobody if the bit
  // for "none" is in it.
  struct Condition {
    NameId peer = kNoName;
    PackageId provider = kNoPackageId;  // kNoPackageId: `set` is only {none}, at bit 0
    Bits set;
    bool accepts_none = false;
  };
  std::vector<Condition> when;
  ProofId proof = kNoProof;
};

// How far the policy lets a peer be wrong: not at all; where somebody provides the name in another
// version; or, when even that does not help, nobody has to provide it either.
enum class Leniency : std::uint8_t { none, wrong_version, absent };

struct PeerKey {
  PackageId package = kNoPackageId;
  VersionIndex version = 0;
  NameId peer = kNoName;
  friend auto operator<=>(const PeerKey&, const PeerKey&) = default;
};

struct Budget {
  std::uint64_t decisions = 0;
  std::uint64_t conflicts = 0;
  std::uint64_t work = 0;
  std::uint64_t scopes = 0;
  bool exhausted = false;
};

struct Knowledge {
  Knowledge(const Requirements& requirements, const Policy& the_policy, const LockIndex& locked,
            Universe& the_universe, const std::set<Entry>* only)
      : policy(the_policy), universe(the_universe), book(requirements, locked, the_universe, only) {
    if (policy.peers == Peers::strict && !policy.keep_locked_peers) return;
    if (requirements.importers.empty()) return;
    for (const Importer& importer : requirements.importers) {
      for (const Dependency& dependency : importer.dependencies) {
        const NameId name = universe.name(dependency.alias);
        of_importers.insert(name);
        if (&importer == &requirements.importers.front()) of_project.insert(name);
      }
    }
  }

  const Policy& policy;
  Universe& universe;
  Book book;
  Proofs proofs;
  std::unordered_map<std::uint32_t, std::vector<Lemma>> lemmas;  // by package
  std::map<PeerKey, Leniency> waived;
  Budget budget;
  // The project's own dependencies. Once peers had to be let go, a package deep in the tree that
  // nobody in between provides with one of these uses the project's, as other managers do, instead
  // of getting a second one beside it; where that does not fit, a warning says so.
  std::set<NameId> of_project;
  std::set<NameId> of_importers;  // the same of all workspace members
  bool lenient = false;
  bool prefer_everywhere = false;  // Package::preferred also moves direct dependencies

  const std::vector<Lemma>* lemmas_of(PackageId package) const {
    const auto found = lemmas.find(static_cast<std::uint32_t>(package));
    return found == lemmas.end() ? nullptr : &found->second;
  }
  Leniency leniency(PackageId package, VersionIndex version, NameId peer) const {
    if (waived.empty()) return Leniency::none;
    const auto known = waived.find({package, version, peer});
    return known == waived.end() ? Leniency::none : known->second;
  }

  bool left_to_project(NameId peer) const { return lenient && of_project.contains(peer); }

  // The version to try first. `set`: what is left (null: all candidates of the slot). kNoVersion:
  // nothing is.
  VersionIndex choose(NodeId owner, const Slot& slot, Bits set);
  VersionIndex choose_implicit(PackageId package, Bits set);
  bool spend(std::uint64_t work);  // false: the budget is used up
};

}  // namespace hod::resolver
