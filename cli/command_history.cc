// SPDX-License-Identifier: MIT
// hod history: the states of this project that `hod rollback` can put back.
#include <algorithm>
#include <ctime>

#include <fmt/core.h>

#include "cache/history.h"
#include "cli/graph_changes.h"
#include "cli/install_options.h"
#include "cli/session.h"

namespace hod::cli {

namespace {

constexpr std::size_t kMostShown = 3;  // changes of a line

std::string time_text(std::int64_t seconds, bool local) {
  const std::time_t time = seconds;
  std::tm parts{};
  if (local ? ::localtime_r(&time, &parts) == nullptr : ::gmtime_r(&time, &parts) == nullptr)
    return "";
  char text[32];
  return {text, std::strftime(text, sizeof text, local ? "%F %H:%M" : "%FT%TZ", &parts)};
}

std::string changes_text(const cache::HistoryEntry& entry) {
  std::string out;
  for (std::size_t i = 0; i < entry.changes.size() && i < kMostShown; ++i) {
    const cache::HistoryChange& change = entry.changes[i];
    out += (i == 0 ? "" : ", ") + change_text({change.name, change.before, change.after});
  }
  if (entry.change_count > kMostShown)
    out += fmt::format(" and {} more", entry.change_count - kMostShown);
  return out;
}

std::string command_text(const cache::HistoryEntry& entry) {
  return entry.command.empty() ? "(hod.lock as it was found)" : "hod " + entry.command;
}

std::string table_of(const std::vector<cache::HistoryEntry>& entries, unsigned current) {
  std::size_t width = 0;
  for (const cache::HistoryEntry& entry : entries)
    width = std::max(width, command_text(entry).size());
  std::string out;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    out += fmt::format("{} {:>3}  {}  {:<{}}  {}\n", entry->id == current ? '*' : ' ', entry->id,
                       time_text(entry->time, true), command_text(*entry), width,
                       changes_text(*entry));
  }
  return out;
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json::string(text); }

Json document_of(const std::vector<cache::HistoryEntry>& entries, unsigned current) {
  Json states = Json::array();
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    Json changes = Json::array();
    for (const cache::HistoryChange& change : entry->changes) {
      Json row = Json::object();
      row.set("name", Json::string(change.name));
      row.set("before", text_or_null(change.before));
      row.set("after", text_or_null(change.after));
      changes.push(std::move(row));
    }
    Json state = Json::object();
    state.set("id", Json::number(entry->id));
    state.set("current", Json::boolean(entry->id == current));
    state.set("before", entry->before == 0 ? Json() : Json::number(entry->before));
    state.set("time", Json::string(time_text(entry->time, false)));
    state.set("command", text_or_null(entry->command));
    state.set("changeCount", Json::number(static_cast<std::int64_t>(entry->change_count)));
    state.set("changes", std::move(changes));
    states.push(std::move(state));
  }
  Json document = Json::object();
  document.set("states", std::move(states));
  return document;
}

}  // namespace

Result<int> history_command(Session& session) {
  if (!session.arguments.words().empty())
    return failure(Error(ErrorCode::usage, "`hod history` takes no words"));
  HOD_TRY(const ProjectPlace place, session.project_place());
  HOD_TRY(const InstallOptions options, install_options(session, place.root));
  const auto history = cache::History::open(options.cache_root, place.root);
  const unsigned current = history.current() != nullptr ? history.current()->id : 0;
  session.reporter.result(table_of(history.entries(), current),
                          document_of(history.entries(), current));
  if (history.entries().empty()) session.reporter.line("no states are kept of this project yet");
  return 0;
}

}  // namespace hod::cli
