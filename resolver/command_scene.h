// SPDX-License-Identifier: MIT
// Where a command was typed and what it was about to add: repairs are told as commands that go on
// from there. Pure data.
#pragma once

#include <string>
#include <vector>

#include "core/model/dependency.h"

namespace hod::resolver {

struct CommandScene {
  std::string importer = ".";  // whose folder the user is in
  // What `hod add` was about to add; the manifests on disk do not have it.
  struct Pending {
    std::string importer;
    std::string alias;
    std::string specifier;
    DependencyKind kind = DependencyKind::production;
  };
  std::vector<Pending> pending;
};

}  // namespace hod::resolver
