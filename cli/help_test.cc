// SPDX-License-Identifier: MIT
#include "cli/help.h"

#include <doctest/doctest.h>

#include "cli/option_table.h"

using namespace hod::cli;

TEST_CASE("the general help names every command") {
  std::string text = general_help();
  for (const CommandRow& row : command_table()) {
    CAPTURE(row.name);
    CHECK(text.find(row.summary) != std::string::npos);
  }
}

TEST_CASE("a command's help names each of its options, and no line is wider than a terminal") {
  for (const CommandRow& command : command_table()) {
    std::string text = command_help(command.id);
    for (const OptionRow& row : option_table()) {
      if (!row.commands.contains(command.id) || row.help.empty()) continue;
      CAPTURE(row.name);
      CHECK(text.find(row.help) != std::string::npos);
    }
    for (std::size_t at = 0; at < text.size();) {
      std::size_t end = text.find('\n', at);
      CAPTURE(text.substr(at, end - at));
      CHECK(end - at <= 120);
      at = end + 1;
    }
  }
}
