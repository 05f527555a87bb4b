// SPDX-License-Identifier: MIT
// From a graph to stored packages: what the store has is found, the rest is fetched, verified and
// unpacked. All failures are collected.
#pragma once

#include <string>
#include <vector>

#include "cache/store.h"
#include "cli/early_fetch.h"
#include "cli/reporter.h"
#include "cli/services.h"
#include "cli/stage.h"
#include "cli/timing.h"
#include "core/model/resolution_graph.h"

namespace hod::cli {

struct Fetched {
  std::vector<cache::StoredPackagePtr>
      contents;  // by PackageIndex; null where not asked for, or without an archive
  std::size_t downloaded = 0;
};

// `early` (may be null): what it has or waits for is not fetched again.
// `wanted`: which packages; those of folders and links are passed over. The archive must be of the
// package it is said to be (T-LINK-05, T-RES-01). Errors: integrity_*, archive_*, network_*,
// unauthorized, forbidden, package_not_found …
StageResult<Fetched> fetch(const ResolutionGraph& graph, const std::vector<PackageIndex>& wanted,
                           const std::string& project_root, Services& services, Reporter& reporter,
                           Timing& timing, EarlyFetch* early = nullptr);

// Digests weaker than SHA-512 replaced by that of the bytes that were fetched (T-LOCK-03).
void upgrade_integrity(ResolutionGraph& graph,
                       const std::vector<cache::StoredPackagePtr>& contents);

// Packages whose integrity is weaker than SHA-512.
std::vector<PackageIndex> weakly_proved(const ResolutionGraph& graph);

}  // namespace hod::cli
