// SPDX-License-Identifier: MIT
// The names of dependency kinds, as lockfiles, `--json` output and messages spell them.
#include "core/model/dependency.h"

#include "core/base/assert.h"

namespace hod {

std::string_view dependency_kind_name(DependencyKind kind) {
  switch (kind) {
    case DependencyKind::production:
      return "prod";
    case DependencyKind::development:
      return "dev";
    case DependencyKind::optional:
      return "optional";
    case DependencyKind::peer:
      return "peer";
    case DependencyKind::optional_peer:
      return "peerOptional";
  }
  HOD_ASSERT(false);  // a kind without a name
  return {};
}

}  // namespace hod
