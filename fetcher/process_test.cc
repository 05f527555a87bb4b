#include "fetcher/process.h"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"

using namespace hod;
using namespace hod::fetcher;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

ProcessRequest shell(std::string script) {
  ProcessRequest request;
  request.program = "/bin/sh";
  request.arguments = {"-c", std::move(script)};
  request.environment.set("PATH", "/usr/bin:/bin");
  request.output = request.errors = ProcessOutput::capture;
  return request;
}

Result<ProcessOutcome> run(ProcessRequest request) {
  Loop loop;
  std::optional<Result<ProcessOutcome>> result;
  Process process(loop, std::move(request), [&](auto got) { result = std::move(got); });
  CHECK_FALSE(result);
  loop.run_until([&] { return result.has_value(); });
  REQUIRE(result);
  return std::move(*result);
}

struct Folder {
  std::string path = (fs::temp_directory_path() / "process-XXXXXX").string();
  Folder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
  ~Folder() { fs::remove_all(path); }
};

}  // namespace

TEST_CASE("a program's output, errors and exit code come home") {
  ProcessRequest request = shell("echo out; echo err >&2; exit 7");
  std::string pieces;
  request.on_output = [&](std::string_view piece) { pieces += piece; };
  ProcessOutcome outcome = must(run(request));
  CHECK(outcome.output == "out\n");
  CHECK(outcome.errors == "err\n");
  CHECK(outcome.exit_code == 7);
  CHECK(outcome.signal == 0);
  CHECK_FALSE(outcome.succeeded());
  CHECK(pieces.size() == 8);
}

TEST_CASE("environment and folder are those given, nothing else") {
  ::setenv("HOD_SECRET_TOKEN", "x", 1);
  Folder folder;
  ProcessRequest request = shell("pwd; env");
  request.environment.set("A", "b c");
  request.folder = folder.path;
  ProcessOutcome outcome = must(run(request));
  ::unsetenv("HOD_SECRET_TOKEN");
  CHECK(outcome.output.rfind(folder.path, 0) == 0);
  CHECK(outcome.output.find("A=b c\n") != std::string::npos);
  CHECK(outcome.output.find("HOD_SECRET_TOKEN") == std::string::npos);
}

TEST_CASE("what is beyond the capture limit is dropped, the program still ends") {
  ProcessRequest request =
      shell("i=0; while [ $i -lt 2000 ]; do echo 0123456789; i=$((i+1)); done");
  request.capture_limit = 100;
  ProcessOutcome outcome = must(run(request));
  CHECK(outcome.output.size() == 100);
  CHECK(outcome.truncated);
  CHECK(outcome.succeeded());
}

TEST_CASE("standard output can go to a file") {
  Folder folder;
  std::string path = folder.path + "/out";
  Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  ProcessRequest request = shell("echo into the file");
  request.output_file = file.get();
  CHECK(must(run(request)).succeeded());
  CHECK(must(read_file(path)) == "into the file\n");
}

TEST_CASE("a program that takes too long is killed, with all it started in its session") {
  ProcessRequest request = shell("sleep 60 & sleep 60; echo never");
  request.timeout = 50ms;
  request.own_session = true;
  ProcessOutcome outcome = must(run(request));
  CHECK(outcome.timed_out);
  CHECK(outcome.signal == SIGKILL);
  CHECK(outcome.output.empty());
}

TEST_CASE("signals are passed on") {
  Loop loop;
  std::optional<Result<ProcessOutcome>> result;
  ProcessRequest request = shell("echo ready; exec sleep 60");
  bool ready = false;
  request.on_output = [&](std::string_view) { ready = true; };
  Process process(loop, std::move(request), [&](auto got) { result = std::move(got); });
  loop.run_until([&] { return ready; });
  process.kill(SIGTERM);
  loop.run_until([&] { return result.has_value(); });
  CHECK(must(std::move(*result)).signal == SIGTERM);
}

TEST_CASE("a program that cannot be started is an error, later") {
  ProcessRequest request = shell("");
  request.program = "/nonexistent/program";
  auto result = run(request);
  REQUIRE_FALSE(result);
  CHECK(result.error().code() == ErrorCode::command_missing);
  CHECK(result.error().text().find("/nonexistent/program") != std::string::npos);
}

TEST_CASE("a grandchild that keeps the pipe open does not keep us waiting") {
  ProcessRequest request = shell("sleep 5 & echo done");
  request.own_session = true;
  ProcessOutcome outcome = must(run(request));
  CHECK(outcome.output == "done\n");
  CHECK(outcome.succeeded());
}

TEST_CASE("a dropped process is killed and tells nobody") {
  Loop loop;
  {
    Process process(loop, shell("sleep 60"), [](auto) { FAIL("told"); });
  }
  loop.run_until([] { return false; });
}
