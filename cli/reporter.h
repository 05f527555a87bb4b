// SPDX-License-Identifier: MIT
// What a command tells the world: lines for people on stderr and its output on stdout, or one JSON
// document on stdout. Three implementations: terminal (two live lines at most), plain (CI, pipes: a
// line a phase and one each ten seconds), JSON. All text from outside is made printable here
// (T-CLI-01). Main thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/settings.h"
#include "core/base/error.h"
#include "core/base/json.h"

namespace hod::cli {

enum class Phase : std::uint8_t { read, resolve, fetch, link, scripts };
inline constexpr std::size_t kPhaseCount = 5;
std::string_view phase_name(Phase phase);

struct Progress {
  std::uint64_t done = 0, total = 0;  // items; total 0: not known yet
  std::uint64_t bytes = 0;            // received so far
  std::string slowest;                // what is waited for
};

class Reporter {
 public:
  virtual ~Reporter() = default;
  // Cheap enough to be called for each item: draws at most ten times a second.
  virtual void progress(Phase phase, const Progress& progress) = 0;
  virtual void phase_done(Phase phase) = 0;
  virtual void line(std::string_view text) = 0;  // part of the summary, people only
  virtual void notice(
      std::string_view text) = 0;  // "2 packages want to run install scripts, not run: …"
  virtual void warning(std::string_view text) = 0;
  virtual void error(const Error& error) = 0;
  // What the command was run for, in both forms: `text` for people (may be empty), `document` for
  // --json.
  virtual void result(std::string_view text, Json document) = 0;
  // Removes the live lines, so that a child process can have the terminal; they come back with the
  // next progress().
  virtual void clear_live() = 0;
  // The last call.
  virtual void finish(int exit_code) = 0;
};

struct ReporterOptions {
  enum class Kind : std::uint8_t { terminal, plain, json };
  Kind kind = Kind::plain;
  LogLevel level = LogLevel::info;
  bool progress = true;
  bool color = false;
  unsigned width = 80;  // columns of the terminal
  std::string command;  // for the document's "command"
};

// Where the text goes and what time it is; tests bring their own.
struct ReporterStreams {
  std::function<void(std::string_view)> out;
  std::function<void(std::string_view)> err;
  std::function<std::chrono::steady_clock::time_point()> now;
  static ReporterStreams of_process();
};

// Why what of_process()'s `out` was given could not be written (a full disk): an errno, or 0. A
// reader that went away is none.
int output_error();

std::unique_ptr<Reporter> make_reporter(ReporterOptions options, ReporterStreams streams);

// "38.2 MB", "912 B"
std::string readable_bytes(std::uint64_t bytes);
// "0.31 s", "4 ms"
std::string readable_duration(std::chrono::nanoseconds duration);
// "1 package", "2 packages"
std::string counted(std::uint64_t count, std::string_view singular);

}  // namespace hod::cli
