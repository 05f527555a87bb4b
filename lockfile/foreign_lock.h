// SPDX-License-Identifier: MIT
// Lockfiles of other package managers: text in, graph out. Nothing moves: the graph holds exactly
// the versions that the file holds, and each edge leads to the version it leads to there
// (docs/guide on migration: `hod import`).
//
// What a format does not record (`unknown`) is to be asked of the registry, for exactly these
// versions, never to choose others. Addresses of registries in these files are not believed: a
// package that a range or tag asks for is asked of the registry configured for its name, and the
// integrity decides (T-LOCK-01). Pure. Threads: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/model/requirements.h"
#include "core/model/resolution_graph.h"

namespace hod::lockfile {

struct ForeignLock {
  ResolutionGraph graph;  // canonical

  // Facts of packages that the format has no place for.
  struct Unknown {
    bool integrity = false;  // there are checksums, but not of the registry's tarballs
    bool ranges = false;     // edges of packages have versions for specifiers
    bool peers = false;      // no edges to peers
    bool platforms = false;  // os, cpu, libc
    bool bins = false;
    bool engines = false;
    bool scripts = false;  // whether there is an install script
    friend bool operator==(const Unknown&, const Unknown&) = default;
  };
  Unknown unknown;
  bool knows_patches = false;  // the format records them: graph.patches is what the file has

  std::vector<std::string> warnings;  // for people, one line each
};

enum class ForeignFormat : std::uint8_t { npm, pnpm, yarn, bun };

// One row a file name that such a lockfile may have, the most telling first.
struct ForeignFile {
  std::string_view name;  // "package-lock.json"
  ForeignFormat format;
};
const std::vector<ForeignFile>& foreign_files();

// `requirements` are those of the project's manifests today: some formats do not record what
// importers ask for. Errors: lockfile_invalid, integrity_missing; both at `origin`.
Result<ForeignLock> read_foreign_lock(ForeignFormat format, std::string_view text,
                                      std::string_view origin, const Requirements& requirements);

}  // namespace hod::lockfile
