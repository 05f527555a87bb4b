// SPDX-License-Identifier: MIT
#include "cli/reporter.h"

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::cli;
using std::chrono::milliseconds;

namespace {

// A reporter whose text and clock a test holds in its hands.
struct Scene {
  std::string out, err;
  std::chrono::steady_clock::time_point now{};
  std::unique_ptr<Reporter> reporter;

  explicit Scene(ReporterOptions options) {
    reporter = make_reporter(std::move(options), {[this](std::string_view text) { out += text; },
                                                  [this](std::string_view text) { err += text; },
                                                  [this] { return now; }});
  }
};

ReporterOptions terminal() {
  ReporterOptions options;
  options.kind = ReporterOptions::Kind::terminal;
  return options;
}

}  // namespace

TEST_CASE("on a terminal there are two live lines at most, drawn ten times a second at most") {
  Scene scene(terminal());
  scene.reporter->progress(Phase::resolve, {1, 4, 0, ""});
  scene.now += milliseconds{5};
  scene.reporter->progress(Phase::resolve, {2, 4, 0, ""});
  CHECK(scene.err == "  resolve  [#####...............] 1/4");
  scene.now += milliseconds{100};
  scene.reporter->progress(Phase::fetch, {0, 3, 0, "typescript 5.9.2"});
  scene.err.clear();
  scene.now += milliseconds{100};
  scene.reporter->progress(Phase::link, {0, 3, 0, ""});
  CHECK(scene.err.find("resolve") == std::string::npos);
  CHECK(scene.err.find("fetch") != std::string::npos);
  CHECK(scene.err.find("link") != std::string::npos);
  CHECK(scene.err.find("slowest: typescript 5.9.2") != std::string::npos);
}

TEST_CASE("live lines are erased before anything else is printed") {
  Scene scene(terminal());
  scene.reporter->progress(Phase::resolve, {1, 4, 0, ""});
  scene.err.clear();
  scene.reporter->line("done");
  CHECK(scene.err == "\r\x1b[Kdone\n");
}

TEST_CASE("a live line is never wider than the terminal") {
  ReporterOptions options = terminal();
  options.width = 30;
  Scene scene(std::move(options));
  scene.reporter->progress(Phase::fetch, {1, 4, 0, "a-package-with-a-very-long-name 1.0.0"});
  CHECK(scene.err.size() == 29);
}

TEST_CASE("without a terminal: one line a phase, one each ten seconds, no cursor movements") {
  Scene scene({});
  scene.reporter->progress(Phase::fetch, {0, 10, 0, ""});
  scene.now += std::chrono::seconds{11};
  scene.reporter->progress(Phase::fetch, {4, 10, 22'000'000, "big 1.0.0"});
  CHECK(scene.err == "  fetch    4/10  22.0 MB  2.0 MB/s  slowest: big 1.0.0\n");
  scene.err.clear();
  scene.now += std::chrono::seconds{1};
  scene.reporter->progress(Phase::fetch, {10, 10, 30'000'000, ""});
  scene.reporter->phase_done(Phase::fetch);
  CHECK(scene.err == "  fetch    10/10  30.0 MB  12.0 s\n");
}

TEST_CASE("T-CLI-01 text from outside cannot steer the terminal") {
  Scene scene({});
  scene.reporter->warning("deprecated: \x1b[2Jgone");
  CHECK(scene.err.find('\x1b') == std::string::npos);
}

TEST_CASE("levels hide what is below them, errors never") {
  ReporterOptions options;
  options.level = LogLevel::silent;
  Scene scene(std::move(options));
  scene.reporter->line("a");
  scene.reporter->warning("b");
  scene.reporter->progress(Phase::link, {0, 1, 0, ""});
  CHECK(scene.err.empty());
  scene.reporter->error(Error(ErrorCode::usage, "c"));
  CHECK(scene.err == "error: c [USAGE]\n");
  scene.reporter->result("output\n", Json());
  CHECK(scene.out == "output\n");
}

TEST_CASE("colours only when asked for") {
  ReporterOptions options;
  options.color = true;
  Scene scene(std::move(options));
  scene.reporter->error(Error(ErrorCode::usage, "c"));
  CHECK(scene.err == "\x1b[31merror:\x1b[0m c [USAGE]\n");
}

TEST_CASE("amounts are readable") {
  CHECK(readable_bytes(912) == "912 B");
  CHECK(readable_bytes(38'200'000) == "38.2 MB");
  CHECK(readable_bytes(999'990) == "1.0 MB");
  CHECK(readable_duration(milliseconds{4}) == "4 ms");
  CHECK(readable_duration(milliseconds{310}) == "0.31 s");
  CHECK(readable_duration(std::chrono::seconds{12}) == "12.0 s");
  CHECK(counted(1, "package") == "1 package");
  CHECK(counted(2, "package") == "2 packages");
}
