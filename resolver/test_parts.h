// SPDX-License-Identifier: MIT
// A test_world.h scene taken apart: universe, knowledge and search over metadata that is all there,
// for tests of single parts of the solver.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "resolver/search.h"
#include "resolver/test_world.h"

namespace hod::resolver {

// The default policy but for one field.
template <class T>
Policy policy_with(T Policy::*field, std::type_identity_t<T> value) {
  Policy policy;
  policy.*field = std::move(value);
  return policy;
}

class Parts {
 public:
  explicit Parts(std::string_view text, Policy with = {})
      : world(text),
        policy(std::move(with)),
        locked(world.locked ? &*world.locked : nullptr, policy),
        universe(policy, world.requirements.importers, locked.versions()),
        knowledge(world.requirements, policy, locked, universe, nullptr) {}

  // The registry's package, without metadata where the scene has none of that name.
  PackageId package(const std::string& name) {
    const PackageId id = universe.registry_package(universe.own_name(name));
    const auto known = world.registry.find(name);
    if (!universe[id].known() && known != world.registry.end()) {
      universe.load(id, known->second, {});
    }
    return id;
  }
  void load_all() {
    for (const auto& entry : world.registry) package(entry.first);
  }
  SpecId spec(std::string text) { return universe.own_spec(std::move(text)); }
  VersionIndex version(PackageId id, const std::string& text) {
    return universe[id].metadata.find(text).value_or(kNoVersion);
  }
  // The node of the project, or of one version of a package.
  NodeId project() { return knowledge.book.child(kNoOverrides, universe.importer_package(0), 0); }
  NodeId node(const std::string& name, const std::string& of) {
    const PackageId id = package(name);
    return knowledge.book.child(kNoOverrides, id, version(id, of));
  }
  // "1.0.0 2.0.0": a set in words; "none" is the bit behind the last version.
  std::string text(PackageId id, Bits set) {
    std::string words;
    for (VersionIndex i = 0; i <= universe[id].versions; ++i) {
      if (!set.has(i)) continue;
      words += words.empty() ? "" : " ";
      words += i == universe[id].versions ? "none" : universe.version_text(id, i);
    }
    return words;
  }
  std::string text(PackageId id, VersionIndex one) {
    return one == kNoVersion ? "nothing" : std::string(universe.version_text(id, one));
  }

  World world;
  Policy policy;
  LockIndex locked;
  Universe universe;
  Knowledge knowledge;
};

}  // namespace hod::resolver
