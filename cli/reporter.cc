// SPDX-License-Identifier: MIT
// People's lines: one class for terminal and plain output, since they differ in the live part only.
//
// What must stay true:
//  (1) The live lines are erased before anything else is printed, and never more than two of them
//  stand. (2) Without a terminal nothing is printed that moves a cursor.
#include "cli/reporter.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

#include "cli/reporter_json.h"
#include "core/base/printable.h"

namespace hod::cli {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kRedrawEvery = milliseconds{100};
constexpr auto kPlainLineEvery = seconds{10};
constexpr std::size_t kBarWidth = 20;

int output_error_number = 0;

// 0, or why the rest could not be written.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {  // somebody made our stream one that does not wait
      pollfd ready{fd, POLLOUT, 0};
      ::poll(&ready, 1, -1);
      continue;
    }
    if (written <= 0) return written < 0 ? errno : EIO;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

void write_output(std::string_view text) {
  const int error = write_all(STDOUT_FILENO, text);
  // A reader that has gone, or never was, wants nothing more.
  if (error != 0 && error != EPIPE && error != EBADF) output_error_number = error;
}

std::string bar(const Progress& progress) {
  std::size_t filled = progress.total == 0
                           ? 0
                           : kBarWidth * std::min(progress.done, progress.total) / progress.total;
  return "[" + std::string(filled, '#') + std::string(kBarWidth - filled, '.') + "]";
}

std::string counts(const Progress& progress) {
  if (progress.total == 0) return fmt::format("{}", progress.done);
  return fmt::format("{}/{}", progress.done, progress.total);
}

// Bytes and bytes a second since the phase began: "38.2 MB  61.0 MB/s".
std::string amounts(const Progress& progress, Clock::duration running) {
  if (progress.bytes == 0) return "";
  std::string out = "  " + readable_bytes(progress.bytes);
  double elapsed = std::chrono::duration<double>(running).count();
  if (elapsed < 0.5) return out;
  return out + fmt::format("  {}/s", readable_bytes(static_cast<std::uint64_t>(
                                         static_cast<double>(progress.bytes) / elapsed)));
}

// Only with a known total, some of it done and a while measured.
std::string remaining(const Progress& progress, Clock::duration running) {
  double elapsed = std::chrono::duration<double>(running).count();
  if (progress.total == 0 || progress.done == 0 || progress.done >= progress.total || elapsed < 1)
    return "";
  double left = elapsed / static_cast<double>(progress.done) *
                static_cast<double>(progress.total - progress.done);
  return fmt::format("  eta {:.0f} s", std::max(1.0, left));
}

class PeopleReporter : public Reporter {
 public:
  PeopleReporter(ReporterOptions options, ReporterStreams streams)
      : options_(std::move(options)), streams_(std::move(streams)) {}

  void progress(Phase phase, const Progress& progress) override {
    if (options_.level < LogLevel::info) return;
    Clock::time_point now = streams_.now();
    Running& running = phases_[static_cast<std::size_t>(phase)];
    if (!running.started) running.started = running.shown = now;
    running.last = progress;
    if (!options_.progress) return;
    if (options_.kind == ReporterOptions::Kind::terminal) {
      if (live_drawn_ && now - *live_drawn_ < kRedrawEvery) return;
      live_drawn_ = now;
      draw(now);
    } else if (now - running.shown >= kPlainLineEvery) {
      running.shown = now;
      err(fmt::format("  {:<8} {}{}{}\n", phase_name(phase), counts(progress),
                      amounts(progress, now - *running.started), waiting_for(progress)));
    }
  }

  void phase_done(Phase phase) override {
    Running& running = phases_[static_cast<std::size_t>(phase)];
    if (!running.started) return;
    Clock::duration took = streams_.now() - *running.started;
    std::string text =
        fmt::format("  {:<8} {}{}  {}\n", phase_name(phase), counts(running.last),
                    running.last.bytes == 0 ? "" : "  " + readable_bytes(running.last.bytes),
                    readable_duration(took));
    running = {};
    clear_live();
    if (options_.kind == ReporterOptions::Kind::plain && options_.level >= LogLevel::info)
      err(text);
  }

  void line(std::string_view text) override {
    if (options_.level < LogLevel::info) return;
    say(printable_lines(text) + "\n");
  }
  void notice(std::string_view text) override {
    if (options_.level < LogLevel::info) return;
    say(colored("36", "! ") + printable_lines(text) + "\n");
  }
  void warning(std::string_view text) override {
    if (options_.level < LogLevel::warn) return;
    say(colored("33", "warning: ") + printable_lines(text) + "\n");
  }
  void error(const Error& error) override {
    std::string text = error.text();
    constexpr std::string_view kWord = "error:";
    if (text.substr(0, kWord.size()) == kWord)
      text = colored("31", kWord) + text.substr(kWord.size());
    say(text);
  }
  void result(std::string_view text, Json) override {
    if (text.empty()) return;
    clear_live();
    streams_.out(text);
  }

  void clear_live() override {
    if (live_lines_ == 0) return;
    std::string text = "\r\x1b[K";
    for (std::size_t i = 1; i < live_lines_; ++i) text += "\x1b[1A\r\x1b[K";
    live_lines_ = 0;
    live_drawn_.reset();
    err(text);
  }

  void finish(int) override { clear_live(); }

 private:
  struct Running {
    std::optional<Clock::time_point> started;
    Clock::time_point shown;
    Progress last;
  };

  void err(std::string_view text) { streams_.err(text); }
  void say(std::string_view text) {
    clear_live();
    err(text);
  }
  std::string colored(std::string_view code, std::string_view text) const {
    if (!options_.color) return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
  }
  static std::string waiting_for(const Progress& progress) {
    return progress.slowest.empty() ? "" : "  slowest: " + printable(progress.slowest);
  }

  // The phases that run, the latest two.
  void draw(Clock::time_point now) {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < kPhaseCount; ++i) {
      const Running& running = phases_[i];
      if (!running.started) continue;
      Clock::duration since = now - *running.started;
      std::string text =
          fmt::format("  {:<8} {} {}{}{}{}", phase_name(static_cast<Phase>(i)), bar(running.last),
                      counts(running.last), amounts(running.last, since),
                      remaining(running.last, since), waiting_for(running.last));
      lines.push_back(text.substr(0, options_.width > 1 ? options_.width - 1 : 1));
    }
    if (lines.size() > 2) lines.erase(lines.begin(), lines.end() - 2);
    Clock::time_point drawn = now;
    clear_live();
    std::string text;
    for (std::size_t i = 0; i < lines.size(); ++i) text += (i == 0 ? "" : "\n") + lines[i];
    err(text);
    live_lines_ = lines.size();
    live_drawn_ = drawn;
  }

  ReporterOptions options_;
  ReporterStreams streams_;
  std::array<Running, kPhaseCount> phases_;
  std::size_t live_lines_ = 0;
  std::optional<Clock::time_point> live_drawn_;
};

}  // namespace

std::string_view phase_name(Phase phase) {
  constexpr std::string_view kNames[] = {"read", "resolve", "fetch", "link", "scripts"};
  return kNames[static_cast<std::size_t>(phase)];
}

int output_error() { return output_error_number; }

ReporterStreams ReporterStreams::of_process() {
  return {write_output, [](std::string_view text) { write_all(STDERR_FILENO, text); },
          [] { return Clock::now(); }};
}

std::unique_ptr<Reporter> make_reporter(ReporterOptions options, ReporterStreams streams) {
  if (options.kind == ReporterOptions::Kind::json)
    return make_json_reporter(std::move(options), std::move(streams));
  return std::make_unique<PeopleReporter>(std::move(options), std::move(streams));
}

std::string readable_bytes(std::uint64_t bytes) {
  constexpr std::string_view kUnits[] = {"kB", "MB", "GB", "TB"};
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (value /= 1000; value >= 999.95 && unit + 1 < std::size(kUnits); value /= 1000) ++unit;
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string readable_duration(std::chrono::nanoseconds duration) {
  double in_seconds = std::chrono::duration<double>(duration).count();
  if (in_seconds < 0.1) return fmt::format("{:.0f} ms", in_seconds * 1000);
  if (in_seconds < 10) return fmt::format("{:.2f} s", in_seconds);
  return fmt::format("{:.1f} s", in_seconds);
}

std::string counted(std::uint64_t count, std::string_view singular) {
  return fmt::format("{} {}{}", count, singular, count == 1 ? "" : "s");
}

}  // namespace hod::cli
