// SPDX-License-Identifier: MIT
#include "cli/afterwards.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/test_folder.h"
#include "core/base/file.h"

using namespace hod;
using namespace hod::cli;

TEST_CASE("work for afterwards is done by nobody's child, which keeps the locks it was given") {
  TestFolder folder;
  const std::string lock_path = folder / "lock";
  const std::string result = folder / "result";
  Fd lock(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  const Fd other(::open(lock_path.c_str(), O_RDWR | O_CLOEXEC));
  REQUIRE(::flock(lock.get(), LOCK_EX) == 0);
  const Fd stray(::open(folder.path().c_str(), O_RDONLY | O_CLOEXEC));
  int gate[2] = {-1, -1};
  REQUIRE(::pipe(gate) == 0);
  const pid_t session = ::getsid(0);
  REQUIRE(run_afterwards(Urgency::nice, {lock.get(), gate[0]}, [&] {
    char byte = 0;
    if (::read(gate[0], &byte, 1) != 1) return false;
    const bool alone = ::fcntl(stray.get(), F_GETFD) < 0 && ::getsid(0) != session;
    return write_file_atomic(result, alone ? "alone" : "not alone", Durable::no, 0600).has_value();
  }));
  CHECK(::waitpid(-1, nullptr, WNOHANG) < 0);
  lock.reset();
  CHECK(::flock(other.get(), LOCK_EX | LOCK_NB) != 0);
  REQUIRE(::write(gate[1], "x", 1) == 1);
  REQUIRE(::flock(other.get(), LOCK_EX) == 0);  // waits for its end
  CHECK(must(read_file(result)) == "alone");
  ::close(gate[0]);
  ::close(gate[1]);
}
