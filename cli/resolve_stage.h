// SPDX-License-Identifier: MIT
// Drives the solver: its questions go to registry, disk and cache at once, its next step begins
// with the first answers.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/early_fetch.h"
#include "cli/reporter.h"
#include "cli/services.h"
#include "cli/settings.h"
#include "cli/stage.h"
#include "cli/timing.h"
#include "core/model/requirements.h"
#include "core/model/resolution_graph.h"
#include "resolver/solver.h"

namespace hod::cli {

struct ResolveInput {
  std::string project_root;
  Requirements requirements;
  const ResolutionGraph* locked = nullptr;  // none: no lockfile
  resolver::Policy policy;
  bool offline = false;  // nobody can be asked for what the cache does not know
  // For questions of the "what if" kind: of this package the registry has no other versions.
  struct Only {
    std::string name;
    std::set<std::string> versions;
  };
  std::optional<Only> only;
  SignaturePolicy signatures{VerifySignatures::never, {}};
  EarlyFetch* early = nullptr;  // none: no archives are fetched before the graph is known
  std::function<void(const resolver::Conflict&)> on_conflict;  // may be empty; before the error
};

struct Resolved {
  ResolutionGraph graph;  // canonical; tarball addresses as the lockfile has them
  std::vector<resolver::Warning> warnings;
};

// Errors: the solver's; or everything that kept metadata from being had (a missing package is the
// solver's business).
StageResult<Resolved> resolve(ResolveInput input, Services& services, Reporter& reporter,
                              Timing& timing);

}  // namespace hod::cli
