// SPDX-License-Identifier: MIT
// Facts about packages that no registry knows: folders and archives on this disk.
#pragma once

#include <string>

#include "cache/store.h"
#include "core/base/result.h"
#include "resolver/solver.h"

namespace hod::cli {

// A manifest's facts as a record with one version ("0.0.0" when it names none).
PackageMetadata metadata_of_manifest(const Manifest& manifest, std::string_view fallback_name,
                                     std::string_view integrity);

// A stored package (git, address or archive) as the solver's answer.
Result<resolver::ProvidedSource> provided_by_store(const cache::StoredPackage& package,
                                                   PackageSource source,
                                                   std::string_view fallback_name);

// directory and link sources: `source.location` is relative to the project's root. Errors:
// manifest_missing, json_invalid, manifest_invalid.
Result<resolver::ProvidedSource> provided_by_folder(const std::string& project_root,
                                                    const PackageSource& source,
                                                    std::string_view fallback_name);

// tarball_file: put into the store, whatever its digest is. Errors: file_missing, archive_*.
Result<resolver::ProvidedSource> provided_by_archive(const std::string& project_root,
                                                     const PackageSource& source,
                                                     std::string_view fallback_name,
                                                     cache::Store& store);

// location as an absolute path.
std::string absolute_location(const std::string& project_root, const std::string& location);

}  // namespace hod::cli
