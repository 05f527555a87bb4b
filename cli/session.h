// SPDX-License-Identifier: MIT
// One run of the program, as its commands see it. Everything a command may look at is here; nothing
// reads the process's environment or folder behind its back.
#pragma once

#include <optional>
#include <string>

#include "cache/handover.h"
#include "cache/spare.h"
#include "cli/arguments.h"
#include "cli/project.h"
#include "cli/reporter.h"
#include "cli/script_environment.h"
#include "cli/settings.h"
#include "cli/stage.h"
#include "cli/timing.h"
#include "core/base/environment.h"

namespace hod::cli {

struct Session {
  const Arguments& arguments;
  const Environment& environment;
  std::string folder;                 // absolute: where the command works (-C applied)
  std::optional<ProjectPlace> place;  // none: no package.json here or above
  Settings settings;
  Reporter& reporter;
  Timing& timing;
  // The tree that may be made once more when the command is over (link_ahead.h).
  std::optional<cache::SpareOrder> spare = std::nullopt;
  // What the cache still has to get from the tree then (link_later.h).
  std::optional<cache::KeepOrder> keep = std::nullopt;

  // The project's place. Error: manifest_missing.
  Result<ProjectPlace> project_place() const;
  // "add express@5": for people, without secrets.
  std::string command_line() const;
  // What scripts started by this command find. `command`: npm's word for it ("run-script").
  ScriptScene script_scene(std::string command) const;
};

// Tells all of them, those of one cause together; the exit code of the first.
int report(Reporter& reporter, const Errors& errors);

// The commands: the process's exit code, or the one error that ended them.
Result<int> install_command(Session& session);  // also ci
Result<int> add_command(Session& session);
Result<int> remove_command(Session& session);
Result<int> run_command(Session& session);
Result<int> exec_command(Session& session);
Result<int> list_command(Session& session);
Result<int> clean_command(Session& session);  // also purge
Result<int> prune_command(Session& session);
Result<int> update_command(Session& session);
Result<int> outdated_command(Session& session);
Result<int> import_command(Session& session);
Result<int> why_command(Session& session);
Result<int> why_not_command(Session& session);
Result<int> dedupe_command(Session& session);
Result<int> rollback_command(Session& session);
Result<int> history_command(Session& session);
Result<int> cache_command(Session& session);  // also store
Result<int> config_command(Session& session);
Result<int> pkg_command(Session& session);

}  // namespace hod::cli
