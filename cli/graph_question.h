// SPDX-License-Identifier: MIT
// What the commands that ask about the graph (list, outdated, why, why-not) look at: project and
// lockfile, and the registry's documents of some packages.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/install_options.h"
#include "cli/project.h"
#include "cli/services.h"
#include "cli/session.h"
#include "cli/stage.h"
#include "core/model/range.h"
#include "core/model/resolution_graph.h"

namespace hod::cli {

struct LockedProject {
  Project project;
  ResolutionGraph graph;
};
// Errors: those of open_project and of reading hod.lock; lockfile_missing.
Result<LockedProject> open_locked_project(const Session& session);

const GraphImporter* importer_at(const ResolutionGraph& graph, const std::string& path);
// "your package.json", "web"
std::string importer_label(const GraphImporter& importer);

struct Documents {
  std::map<std::string, PackageMetadata> found;
  Errors errors;  // why others are not there
};
// All at once. With publish times where they can be had; offline, without will do.
// Error: interrupted, and what keeps the registry from being asked at all.
Result<Documents> ask_documents(Services& services, const std::set<std::string>& names,
                                fetcher::Freshness freshness);

// The publish-time limit as these commands need it.
struct AgeGate {
  std::int64_t before = 0;
  std::set<std::string> exempt;
  std::int64_t now = 0;
  static AgeGate of(const InstallOptions& options);

  bool holds_back(const PackageMetadata& metadata, std::uint32_t version) const;
  // "18 h": until it may be taken, rounded up; "" without a publish time.
  std::string wait(const PackageMetadata& metadata, std::uint32_t version) const;
};

// What an install would take of these versions: the tag `latest` where it fits, else the highest,
// releases and what is not deprecated first. Nothing: none fits.
std::optional<std::uint32_t> pick(const PackageMetadata& metadata, const Range& range,
                                  const AgeGate* gate);

// "12 min", "6 h", "4 d", "3 y"
std::string readable_age(std::int64_t seconds);

}  // namespace hod::cli
