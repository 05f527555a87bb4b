// SPDX-License-Identifier: MIT
// See knowledge.h. The order of choice here is the order of the objectives in docs/solver.md.
#include "resolver/knowledge.h"

namespace hod::resolver {

VersionIndex Knowledge::choose(NodeId owner, const Slot& slot, Bits set) {
  Package& package = universe[slot.target];
  const VersionIndex locked = book.locked_version(slot, set);
  if (locked != kNoVersion) return locked;
  const auto fits = [&](VersionIndex version) {
    return set.null() ? universe.is_allowed(package, version) &&
                            universe.satisfies(slot.spec, slot.target, version)
                      : set.has(version);
  };
  for (const VersionIndex version : package.locked) {
    if (fits(version)) return version;
  }
  const bool direct = universe[book[owner].package].kind == Package::Kind::importer;
  if (!direct || prefer_everywhere || package.shared_by_importers) {
    for (const VersionIndex version : package.preferred) {
      if (fits(version)) return version;
    }
  }
  if (set.null()) return universe.best(slot.spec, slot.target);
  return universe.best_of(slot.target, set, universe.releases_first(slot.spec));
}

VersionIndex Knowledge::choose_implicit(PackageId id, Bits set) {
  const Package& package = universe[id];
  for (const VersionIndex version : package.locked) {
    if (set.has(version)) return version;
  }
  for (const VersionIndex version : package.preferred) {
    if (set.has(version)) return version;
  }
  return universe.best_of(id, set, true);
}

bool Knowledge::spend(std::uint64_t work) {
  budget.work += work;
  if (budget.work > policy.max_work || budget.decisions > policy.max_decisions ||
      budget.scopes > policy.max_scopes) {
    budget.exhausted = true;
  }
  return !budget.exhausted;
}

}  // namespace hod::resolver
