// SPDX-License-Identifier: MIT
#include "core/base/assert.h"

#include <string>

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

// Runs the check in a process of its own: how that ended, and what it wrote.
struct Ended {
  int status = 0;
  std::string text;
};

Ended run(bool holds) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDERR_FILENO);
    ::signal(SIGABRT, SIG_DFL);  // not the test program's report of a crash
    HOD_ASSERT(holds);
    ::_exit(0);
  }
  ::close(ends[1]);
  Ended ended;
  char piece[256];
  for (ssize_t got = 0; (got = ::read(ends[0], piece, sizeof piece)) > 0;) {
    ended.text.append(piece, static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  REQUIRE(::waitpid(child, &ended.status, 0) == child);
  return ended;
}

}  // namespace

TEST_CASE("a promise that is kept costs nothing and says nothing") {
  const Ended ended = run(true);
  CHECK(WIFEXITED(ended.status));
  CHECK(WEXITSTATUS(ended.status) == 0);
  CHECK(ended.text.empty());
}

TEST_CASE("a broken promise is told with its place, and the program aborts") {
  const Ended ended = run(false);
  REQUIRE(WIFSIGNALED(ended.status));
  CHECK(WTERMSIG(ended.status) == SIGABRT);
  CHECK(ended.text.find("a fault in hod itself: `holds` does not hold at ") != std::string::npos);
  CHECK(ended.text.find("assert_test.cc:") != std::string::npos);
}
