// SPDX-License-Identifier: MIT
// The commands of hod, one row each. The same rows drive parsing, `--help`, suggestions,
// completions and man pages, so nothing can be documented that is not parsed, or the other way
// round. Pure data.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace hod::cli {

enum class CommandId : std::uint8_t {
  install,
  ci,
  add,
  remove,
  run,
  exec,
  list,
  clean,
  purge,
  prune,
  update,
  outdated,
  why,
  why_not,
  dedupe,
  rollback,
  history,
  cache,
  config,
  pkg,
  import,
  help,
  version,
};

// A set of commands, for the rows of options.
class CommandSet {
 public:
  constexpr CommandSet() = default;
  constexpr CommandSet(std::initializer_list<CommandId> commands) {
    for (CommandId command : commands) bits_ |= bit(command);
  }
  constexpr bool contains(CommandId command) const { return (bits_ & bit(command)) != 0; }
  static constexpr CommandSet all() {
    CommandSet set;
    set.bits_ = ~std::uint32_t{0};
    return set;
  }

 private:
  static constexpr std::uint32_t bit(CommandId command) {
    return std::uint32_t{1} << static_cast<unsigned>(command);
  }
  std::uint32_t bits_ = 0;
};

struct CommandRow {
  CommandId id;
  std::string_view name;
  std::array<std::string_view, 4> aliases;  // "" = none
  std::string_view words;                   // what may follow, for the usage line
  std::string_view summary;                 // one line, lower case, no full stop
  std::string_view description;             // paragraphs for `--help`
  std::array<std::string_view, 4> examples;
  // What stands behind the first word belongs to the program that is started, not to hod.
  bool passes_on = false;
};

std::span<const CommandRow> command_table();
const CommandRow& command_row(CommandId id);
// By name or alias; null when there is none.
const CommandRow* find_command(std::string_view word);

}  // namespace hod::cli
