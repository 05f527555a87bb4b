// SPDX-License-Identifier: MIT
// Reads the command line, finds the project, reads the settings, makes the reporter, runs the
// command.
//
// What must stay true:
//  (1) Whatever happens, --json prints exactly one document on stdout.
//  (2) Nothing is started here that `hod install` with nothing to do would pay for: no thread, no
//  library.
#include "cli/program.h"

#include <algorithm>
#include <filesystem>

#include <fmt/core.h>

#include "cli/afterwards.h"
#include "cli/help.h"
#include "cli/link_ahead.h"
#include "cli/link_later.h"
#include "cli/session.h"
#include "core/base/file.h"

namespace hod::cli {

namespace {

// Before the arguments are understood: is an error to be told as a document?
bool asks_for_json(const std::vector<std::string>& words) {
  auto end = std::find(words.begin(), words.end(), "--");
  return std::find(words.begin(), end, "--json") != end;
}

bool use_color(const ProgramInput& input, ColorMode mode) {
  switch (mode) {
    case ColorMode::always:
      return true;
    case ColorMode::never:
      return false;
    case ColorMode::automatic:
      break;
  }
  if (!input.environment.get("NO_COLOR").value_or("").empty()) return false;
  std::string force = input.environment.get("FORCE_COLOR").value_or("0");
  if (force != "0" && force != "false") return true;
  return input.stderr_is_terminal && input.environment.get("TERM").value_or("") != "dumb";
}

ReporterOptions reporter_options(const ProgramInput& input, const Arguments& arguments,
                                 const Settings& settings) {
  ReporterOptions options;
  options.command = std::string(command_row(arguments.command()).name);
  options.level = settings.loglevel.value;
  options.color = use_color(input, settings.color.value);
  options.width = input.terminal_width;
  bool live = input.stderr_is_terminal && !settings.ci.value;
  options.progress = settings.progress.value.value_or(true);
  if (arguments.is_on(Option::json)) {
    options.kind = ReporterOptions::Kind::json;
  } else if (live && options.progress) {
    options.kind = ReporterOptions::Kind::terminal;
  }
  return options;
}

// An error before there are settings.
int fail_early(const ProgramInput& input, ReporterStreams streams, const Error& error,
               std::string_view command) {
  ReporterOptions options;
  options.kind =
      asks_for_json(input.words) ? ReporterOptions::Kind::json : ReporterOptions::Kind::plain;
  options.command = std::string(command);
  options.color = use_color(input, ColorMode::automatic);
  std::unique_ptr<Reporter> reporter = make_reporter(std::move(options), std::move(streams));
  int code = exit_code(error.code());
  reporter->error(error);
  reporter->finish(code);
  return code;
}

// --help, --version, and the commands of those names.
std::optional<std::string> plain_answer(const Arguments& arguments) {
  if (arguments.is_on(Option::version) || arguments.command() == CommandId::version) {
    return fmt::format("{}\n", program_version());
  }
  if (arguments.command() == CommandId::help) {
    const CommandRow* topic =
        arguments.words().empty() ? nullptr : find_command(arguments.words().front());
    return topic != nullptr && topic->id != CommandId::help ? command_help(topic->id)
                                                            : general_help();
  }
  if (arguments.is_on(Option::help))
    return arguments.bare() ? general_help() : command_help(arguments.command());
  return std::nullopt;
}

Result<std::string> working_folder(const ProgramInput& input, const Arguments& arguments) {
  std::optional<std::string> given = arguments.value(Option::directory);
  if (!given) return input.folder;
  std::filesystem::path path = std::filesystem::path(input.folder) / *given;
  std::error_code failed;
  std::string folder = std::filesystem::canonical(path, failed).string();
  if (failed || !directory_exists(folder)) {
    return failure(
        Error(ErrorCode::usage, "there is no folder `" + *given + "`").at(path.string()));
  }
  return folder;
}

// Where there is no project yet, its folder's .npmrc counts already: `hod add` makes one.
Result<Settings> settings_for(const ProgramInput& input, const Arguments& arguments,
                              const std::optional<ProjectPlace>& place, const std::string& folder) {
  SettingsInput wanted;
  wanted.environment = input.environment;
  wanted.project_root = place ? place->root : folder;
  wanted.flags = arguments.settings();
  if (arguments.is_on(Option::silent)) wanted.flags.emplace_back("loglevel", "silent");
  return read_settings(wanted);
}

Result<int> dispatch(Session& session) {
  switch (session.arguments.command()) {
    case CommandId::install:
    case CommandId::ci:
      return install_command(session);
    case CommandId::add:
      return add_command(session);
    case CommandId::remove:
      return remove_command(session);
    case CommandId::run:
      return run_command(session);
    case CommandId::exec:
      return exec_command(session);
    case CommandId::list:
      return list_command(session);
    case CommandId::clean:
    case CommandId::purge:
      return clean_command(session);
    case CommandId::prune:
      return prune_command(session);
    case CommandId::update:
      return update_command(session);
    case CommandId::outdated:
      return outdated_command(session);
    case CommandId::why:
      return why_command(session);
    case CommandId::why_not:
      return why_not_command(session);
    case CommandId::dedupe:
      return dedupe_command(session);
    case CommandId::rollback:
      return rollback_command(session);
    case CommandId::history:
      return history_command(session);
    case CommandId::cache:
      return cache_command(session);
    case CommandId::config:
      return config_command(session);
    case CommandId::pkg:
      return pkg_command(session);
    case CommandId::import:
      return import_command(session);
    case CommandId::help:
    case CommandId::version:
      break;
  }
  return 0;
}

void report_timing(const Session& session, const ReporterStreams& streams) {
  if (!session.arguments.given(Option::timing)) return;
  bool as_json = session.arguments.value(Option::timing) == "json";
  session.reporter.clear_live();
  const std::string& cache_root = session.settings.cache_dir.value;
  if (!as_json) return streams.err(session.timing.text() + afterwards_text(cache_root));
  Json document = session.timing.document();
  add_afterwards(document, cache_root);
  streams.err(document.dump() + "\n");
}

}  // namespace

int run_program(const ProgramInput& input, ReporterStreams streams) {
  Timing timing;
  auto arguments = Arguments::parse(input.words);
  if (!arguments) return fail_early(input, std::move(streams), arguments.error(), "");
  std::string_view command = command_row(arguments->command()).name;
  if (std::optional<std::string> answer = plain_answer(*arguments)) {
    streams.out(*answer);
    return 0;
  }
  auto folder = working_folder(input, *arguments);
  if (!folder) return fail_early(input, std::move(streams), folder.error(), command);
  std::optional<ProjectPlace> place;
  if (auto found = find_project(*folder)) place = std::move(*found);
  auto settings = settings_for(input, *arguments, place, *folder);
  if (!settings) return fail_early(input, std::move(streams), settings.error(), command);

  std::unique_ptr<Reporter> reporter =
      make_reporter(reporter_options(input, *arguments, *settings), streams);
  for (const std::string& warning : settings->warnings) reporter->warning(warning);
  Session session{*arguments,
                  input.environment,
                  std::move(*folder),
                  std::move(place),
                  std::move(*settings),
                  *reporter,
                  timing};
  Result<int> outcome = dispatch(session);
  if (!outcome) reporter->error(outcome.error());
  int code = outcome ? *outcome : exit_code(outcome.error().code());
  report_timing(session, streams);
  reporter->finish(code);
  if (session.keep) link_later(*session.keep);
  if (session.spare) link_ahead(std::move(*session.spare));
  return code;
}

}  // namespace hod::cli
