// SPDX-License-Identifier: MIT
// Which requirements a refutation needs. A proof may go a longer way than necessary; what counts is
// found by solving the project with nothing but a set of requirements, and dropping from the set
// whatever can be dropped.
#pragma once

#include <vector>

#include "resolver/engine.h"

namespace hod::resolver {

// One line of one manifest.
struct Requirement {
  PackageId owner = kNoPackageId;  // an importer or a package
  VersionIndex version = 0;
  NameId alias = kNoName;
  bool peer = false;
  friend bool operator==(const Requirement&, const Requirement&) = default;
};

// A set that cannot hold together and of which nothing can be left out. (Where the rules are not
// monotonous, that is, where leaving out a requirement makes another one harder, the set may be
// larger than needed.)
std::vector<Requirement> core_of_conflict(Engine& engine);

// Lets `trial` run on the metadata that `engine` has. Outcome::waiting: it needs more.
Engine::Outcome run_offline(Engine& engine, Engine& trial);

}  // namespace hod::resolver
