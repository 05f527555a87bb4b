// SPDX-License-Identifier: MIT
// What a foreign lockfile does not record (ForeignLock::unknown), taken from the registry's
// documents for exactly the versions that it has. No version is chosen here, so none can move.
// Pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "core/model/package_metadata.h"
#include "lockfile/foreign_lock.h"

namespace hod::lockfile {

// Whose documents complete_facts() needs; empty when the lockfile records everything.
std::set<std::string> names_with_unknown_facts(const ForeignLock& lock);

// `documents` by name; what has none keeps the facts that it has. Peers that are unknown are those
// that the package finds beside it in the tree: in an importer, else at whoever asks for it.
// Error: version_not_found at `origin`, for a version that the registry has no more.
Result<void> complete_facts(ForeignLock& lock,
                            const std::map<std::string, PackageMetadata>& documents,
                            std::string_view origin);

// That `after` has each version and each edge of `before`, and no other version. Error: internal,
// naming what differs.
Result<void> check_nothing_moved(const ResolutionGraph& before, const ResolutionGraph& after);

}  // namespace hod::lockfile
