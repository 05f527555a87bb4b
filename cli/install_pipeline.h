// SPDX-License-Identifier: MIT
// hod install from beginning to end: the chain of architecture.md §3, each stage a function on
// values.
//
//   project ─▶ requirements ─┬─▶ graph ─▶ shape ─▶ packages in the store ─▶ hod.lock
//   hod.lock ────────────────┘                          ─▶ package.json ─▶ node_modules ─▶ scripts
//
// What must stay true:
//  (1) Nothing of the project is written before everything needed is in the store and verified.
//  (2) The lockfile is written before the manifest (P1): stopped between them, a rerun of `hod
//  install` completes it. (3) Scripts start only when all files are in place (T-SCR-06); but for
//  the project's own `preinstall`. (4) The tree's state says "complete" only after the scripts went
//  well.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cache/linker.h"
#include "cli/install_options.h"
#include "cli/manifest_changes.h"
#include "cli/session.h"
#include "cli/stage.h"
#include "cli/store_care.h"
#include "resolver/solver.h"

namespace hod::cli {

struct InstallRequest {
  ProjectPlace place;
  InstallOptions options;
  // Which members an add or remove is about, and what an update may move, is known only when the
  // project and its lockfile (null: none) are read.
  std::function<Result<ChangeRequest>(const Project&, const ResolutionGraph* locked)> changes;
  bool dedupe = false;         // packages of several versions may move where that leaves fewer
  bool save = true;            // --no-save: neither manifest nor lockfile is written
  bool make_manifest = false;  // hod add in an empty folder
  bool repair = false;         // something is missing in node_modules
  bool imports = false;        // hod import: hod.lock is made of another manager's lockfile
  bool run_scripts = true;     // the project's own lifecycle scripts
  std::optional<unsigned> put_back;  // hod rollback: to that state; 0: to the one before this
};

// One package that the lockfile has now and had not, or the other way round.
struct GraphChange {
  std::string name;
  std::string before, after;  // versions; "" = not there
};

struct DeprecatedPackage {
  std::string package;  // "old-thing 1.0.0"
  std::string message;
  bool direct = false;
};

struct InstallOutcome {
  cache::LinkReport links;
  std::size_t packages = 0;  // in the tree
  std::size_t downloaded = 0;
  std::size_t members = 0;
  cache::Layout layout = cache::Layout::isolated;
  bool lockfile_written = false;
  std::string imported_from;  // "package-lock.json"
  std::size_t versions = 0;   // different name@version of the graph
  std::vector<GraphChange> changes;
  std::vector<ManifestChange> manifest_changes;  // hod update --latest
  bool moves = false;              // hod update, hod dedupe: the changes are what it was run for
  std::vector<std::string> added;  // "express 5.1.0"
  std::vector<std::string> skipped_scripts;  // "esbuild 0.28.1"
  std::vector<HealedPackage> healed;         // packages that were damaged in the store
  std::vector<std::string> unfit_engines;    // "a 1.0.0 (>=20)"
  std::vector<std::string> notices;          // bins in conflict …
  std::vector<resolver::Warning> warnings;
  std::vector<DeprecatedPackage> deprecated;  // those that this install brought
  std::string node_version;
  std::optional<unsigned> put_back;  // the state that stands now
  bool can_go_back = false;          // what was there before is kept
};

StageResult<InstallOutcome> run_install(Session& session, InstallRequest request);

}  // namespace hod::cli
