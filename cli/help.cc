// SPDX-License-Identifier: MIT
#include "cli/help.h"

#include <algorithm>
#include <vector>

#include <fmt/core.h>

#include "cli/option_table.h"

namespace hod::cli {

namespace {

std::string left_column(const OptionRow& row) {
  std::string out = row.letter != 0 ? fmt::format("-{}, ", row.letter) : "    ";
  out += fmt::format("--{}{}", row.shown_negated ? "no-" : "", row.name);
  if (row.takes == Takes::optional) return out + fmt::format("[={}]", row.placeholder);
  if (!row.placeholder.empty()) out += fmt::format(" {}", row.placeholder);
  return out;
}

struct Line {
  std::string left;
  std::string_view right;
};

void append_table(std::string& out, const std::vector<Line>& lines) {
  constexpr std::size_t kWidest = 34;  // longer left columns get a line of their own
  std::size_t width = 0;
  for (const Line& line : lines) {
    if (line.left.size() <= kWidest) width = std::max(width, line.left.size());
  }
  for (const Line& line : lines) {
    if (line.left.size() <= kWidest) {
      out += fmt::format("  {:<{}}  {}\n", line.left, width, line.right);
    } else {
      out += fmt::format("  {}\n  {:<{}}  {}\n", line.left, "", width, line.right);
    }
  }
}

// Options that every command has, and those that only some have.
bool is_general(const OptionRow& row) {
  return row.commands.contains(CommandId::help) && row.commands.contains(CommandId::install);
}

void append_options(std::string& out, std::string_view title, CommandId command, bool general) {
  std::vector<Line> lines;
  for (const OptionRow& row : option_table()) {
    bool wanted = row.commands.contains(command) && !row.help.empty() && is_general(row) == general;
    if (wanted) lines.push_back({left_column(row), row.help});
  }
  if (lines.empty()) return;
  out += fmt::format("\n{}\n", title);
  append_table(out, lines);
}

}  // namespace

std::string_view program_version() { return HOD_VERSION; }

std::string general_help() {
  std::string out =
      fmt::format("hod {}: a package manager for Node.js\n\nusage: hod <command> [options]\n\n",
                  program_version());
  std::vector<Line> lines;
  for (const CommandRow& row : command_table()) {
    std::string names(row.name);
    for (std::string_view alias : row.aliases) {
      if (!alias.empty()) names += fmt::format(", {}", alias);
    }
    lines.push_back({names, row.summary});
  }
  out += "commands\n";
  append_table(out, lines);
  append_options(out, "options of every command", CommandId::help, true);
  out += "\n`hod <script>` runs a script of package.json. `hod <command> --help` tells more.\n";
  return out;
}

std::string command_help(CommandId command) {
  const CommandRow& row = command_row(command);
  std::string out = fmt::format("hod {}: {}\n\nusage: hod {} [options]{}{}\n", row.name,
                                row.summary, row.name, row.words.empty() ? "" : " ", row.words);
  std::string aliases;
  for (std::string_view alias : row.aliases) {
    if (!alias.empty()) aliases += fmt::format("{}hod {}", aliases.empty() ? "" : ", ", alias);
  }
  if (!aliases.empty()) out += fmt::format("also:  {}\n", aliases);
  if (!row.description.empty()) out += fmt::format("\n{}\n", row.description);
  append_options(out, "options", command, false);
  append_options(out, "options of every command", command, true);
  out += "\nexamples\n";
  for (std::string_view example : row.examples) {
    if (!example.empty()) out += fmt::format("  {}\n", example);
  }
  return out;
}

}  // namespace hod::cli
