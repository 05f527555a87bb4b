// SPDX-License-Identifier: MIT
#include "cli/child_process.h"

#include <filesystem>

#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include "cli/test_folder.h"

using namespace hod;
using namespace hod::cli;

namespace {

ChildRequest shell(const std::string& script) {
  ChildRequest request;
  request.program = "/bin/sh";
  request.arguments = {"-c", script};
  request.folder = "/";
  request.output = ChildOutput::capture;
  return request;
}

}  // namespace

TEST_CASE("a child's exit code, output, folder and environment are what was asked for") {
  TestFolder folder;
  ChildRequest request = shell("echo \"$GREETING from $(pwd -P)\"; exit 3");
  request.environment.set("GREETING", "hello");
  request.folder = folder.path();
  ChildOutcome outcome = must(run_child(request));
  CHECK(outcome.exit_code == 3);
  CHECK(outcome.signal == 0);
  CHECK(outcome.output.find("hello from ") == 0);
  CHECK(outcome.output.find(folder.path().substr(folder.path().rfind('/'))) != std::string::npos);
}

TEST_CASE("a child ended by a signal gives 128 and the signal") {
  ChildOutcome outcome = must(run_child(shell("kill -INT $$")));
  CHECK(outcome.signal == SIGINT);
  CHECK(outcome.exit_code == 128 + SIGINT);
}

TEST_CASE("much output is read to the end and kept in part") {
  ChildOutcome outcome = must(run_child(shell("head -c 1000000 /dev/zero | tr '\\0' x")));
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.output.size() == 64 * 1024);
}

TEST_CASE("a program that is not there is command_missing") {
  ChildRequest request = shell("");
  request.program = "/does/not/exist";
  CHECK(run_child(request).error().code() == ErrorCode::command_missing);
}

TEST_CASE("our own signal actions are back after a child") {
  struct sigaction before {
  }, after{};
  sigaction(SIGINT, nullptr, &before);
  must(run_child(shell("true")));
  sigaction(SIGINT, nullptr, &after);
  CHECK((before.sa_handler == after.sa_handler));
}

TEST_CASE("a child answers while hod does something else, and is waited for in any case") {
  ChildRequest request = shell("echo answer; exit 3");
  request.output = ChildOutput::capture;
  BackgroundChild asked = must(BackgroundChild::start(request));
  BackgroundChild moved = std::move(asked);
  ChildOutcome outcome = moved.wait();
  CHECK(outcome.exit_code == 3);
  CHECK(outcome.output == "answer\n");
  BackgroundChild forgotten = must(BackgroundChild::start(request));
  request.program = "/nonexistent/program";
  CHECK(BackgroundChild::start(request).error().code() == ErrorCode::command_missing);
}
