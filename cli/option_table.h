// SPDX-License-Identifier: MIT
// The options of hod, one row each: see command_table.h for what the rows drive. Pure data.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "cli/command_table.h"

namespace hod::cli {

enum class Option : std::uint8_t {
  // What to save.
  save_dev,
  save_optional,
  save_peer,
  save_prod,
  save_exact,
  save,
  // What to install, and how.
  prod,
  omit,
  optional,
  frozen_lockfile,
  lockfile_only,
  dry_run,
  ignore_scripts,
  layout,
  global_virtual_store,
  engine_strict,
  legacy_peer_deps,
  strict_peer_deps,
  before,
  minimum_release_age,
  resolution,
  prefer_dedupe,
  flat,
  audit,
  fund,
  // What may move, and what is asked about it.
  latest,
  check,
  exit_code,
  // Which projects of a workspace.
  workspace_root,
  recursive,
  filter,
  workspace,
  // Running.
  if_present,
  // Showing.
  depth,
  // The cache.
  repair,
  max_age,
  trust_cache_owner,
  verify_store,
  dev,
  all,
  parseable,
  // Removing.
  lockfile,
  // The network.
  registry,
  offline,
  prefer_offline,
  // Everywhere.
  directory,
  json,
  silent,
  loglevel,
  timing,
  progress,
  color,
  yes,
  help,
  version,
};

enum class Takes : std::uint8_t {
  nothing,   // a switch: --name, --no-name, --name=true|false
  value,     // --name=value or --name value; the last one counts
  values,    // the same, every one counts; commas separate too
  optional,  // --name or --name=value, never --name value
};

struct OptionRow {
  Option id;
  std::string_view name;
  std::array<std::string_view, 2> other_names;  // "" = none
  char letter;                                  // 0 = none
  Takes takes;
  std::string_view placeholder;  // of the value: "<folder>"
  CommandSet commands;
  std::string_view
      setting;            // the setting of this key is meant; "" = the command itself looks at it
  bool shown_negated;     // `--help` lists --no-<name>
  bool anywhere;          // of run and exec: also hod's own when it stands behind the script's name
  std::string_view help;  // "" = accepted, not listed
};

std::span<const OptionRow> option_table();

// The row that `name` (without dashes) or `letter` means for this command; null when there is none.
// `of_any` finds rows of other commands too.
const OptionRow* find_option(CommandId command, std::string_view name);
const OptionRow* find_letter(CommandId command, char letter);
const OptionRow* find_option_of_any(std::string_view name);
const OptionRow* find_letter_of_any(char letter);

}  // namespace hod::cli
