// SPDX-License-Identifier: MIT
// What enters the lockfile is held against the registry's signatures (T-NET-16). A lockfile's own
// entries were, when they entered it; an install of them asks nothing.
//
// docs/decisions/0008-signatures.md says which packages are checked when, and what it costs.
#pragma once

#include <functional>
#include <string>

#include "cache/signature.h"
#include "cache/worker_pool.h"
#include "cli/settings.h"
#include "cli/stage.h"
#include "core/model/package_metadata.h"
#include "core/model/resolution_graph.h"

namespace hod::cli {

// `metadata`: what was read of a name in this run, or null. Errors: signature_wrong,
// signature_missing, config_invalid, and those of reading the file of keys.
StageResult<void> check_signatures(
    const ResolutionGraph& graph, const ResolutionGraph* locked, const SignaturePolicy& policy,
    const std::function<const PackageMetadata*(const std::string& name)>& metadata,
    const std::function<cache::WorkerPool&()>& pool);

}  // namespace hod::cli
