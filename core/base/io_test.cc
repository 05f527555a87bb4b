#include "core/base/io.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <doctest/doctest.h>
#include <sys/wait.h>

#include "core/base/file.h"

TEST_CASE("a copied file has the bytes of the first one") {
  char from_name[] = "/tmp/hod-io-XXXXXX";
  char to_name[] = "/tmp/hod-io-XXXXXX";
  hod::Fd from(::mkstemp(from_name));
  hod::Fd to(::mkstemp(to_name));
  CHECK(::write(from.get(), "hello", 5) == 5);
  ::lseek(from.get(), 0, SEEK_SET);
  CHECK(hod::io::copy(from.get(), to.get()) == 0);
  CHECK(hod::must(hod::read_file(to_name)) == "hello");
  ::unlink(from_name);
  ::unlink(to_name);
}

#ifdef HOD_FAULTS
#ifdef HOD_FAULTS

namespace {

// Runs `body` in a child under a fault plan and gives wait()'s
// status.
template <class Body>
int in_child(const char* fault, Body body) {
  pid_t child = ::fork();
  if (child == 0) {
    hod::io::set_fault_plan(fault);
    ::_exit(body());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("the n-th call fails as $HOD_FAULT says") {
  int status = in_child("n=2:enospc", [] {
    int first = hod::io::open("/dev/null", O_RDONLY);
    int second = hod::io::open("/dev/null", O_RDONLY);
    int error = errno;
    int third = hod::io::open("/dev/null", O_RDONLY);
    return first >= 0 && second < 0 && error == ENOSPC && third >= 0 ? 0 : 1;
  });
  CHECK(status == 0);
}

TEST_CASE("only calls of the named operation and path are hit") {
  int status = in_child("op=mkdir+rename,path~target,n=1:kill", [] {
    hod::io::open("/dev/null", O_RDONLY);
    hod::io::rename("/nonexistent/a", "/nonexistent/other");
    hod::io::rename("/nonexistent/a", "/nonexistent/target");
    return 0;
  });
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGKILL);
}
#endif

#endif
