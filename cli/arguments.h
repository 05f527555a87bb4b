// SPDX-License-Identifier: MIT
// The command line as a value: which command, its words, its options. Parsed by the tables of
// command_table.h and option_table.h; nothing here knows what an option does. Pure.
//
// Why no library: docs/decisions/0004-arguments.md.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command_table.h"
#include "cli/option_table.h"
#include "core/base/result.h"

namespace hod::cli {

class Arguments {
 public:
  // `words`: argv without the program's name. A first word that is no command stands for `run
  // <word>` (bare() is then true: the caller decides whether such a script exists). Error: usage,
  // with the nearest names.
  static Result<Arguments> parse(std::span<const std::string> words);

  CommandId command() const { return command_; }
  bool bare() const { return bare_; }
  // What is neither option nor value: packages, the script's name, a key.
  const std::vector<std::string>& words() const { return words_; }
  // Of run and exec: what goes to the program.
  const std::vector<std::string>& passed_on() const { return passed_on_; }

  // A switch: nothing when not given; the last one counts.
  std::optional<bool> given(Option option) const;
  bool is_on(Option option) const { return given(option).value_or(false); }
  // The value, the last one given; "" for Takes::optional without one.
  std::optional<std::string> value(Option option) const;
  std::vector<std::string> values(Option option) const;

  // The options that stand for settings: key and value as a configuration file would have them, in
  // the order given.
  std::vector<std::pair<std::string, std::string>> settings() const;

 private:
  friend class ArgumentParser;
  struct Given {
    const OptionRow* row;
    bool on;            // false: --no-<name>
    std::string value;  // of options that take one
    bool has_value;
  };
  CommandId command_ = CommandId::help;
  bool bare_ = false;
  std::vector<std::string> words_;
  std::vector<std::string> passed_on_;
  std::vector<Given> given_;
};

}  // namespace hod::cli
