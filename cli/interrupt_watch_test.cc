// SPDX-License-Identifier: MIT
#include "cli/interrupt_watch.h"

#include <doctest/doctest.h>

using namespace hod::cli;

TEST_CASE("Ctrl-C is noted while somebody watches, and means what it meant afterwards") {
  struct sigaction before {
  }, after{};
  sigaction(SIGINT, nullptr, &before);
  {
    InterruptWatch watch;
    CHECK_FALSE(watch.stopped());
    raise(SIGINT);
    CHECK(watch.stopped());
  }
  {
    InterruptWatch again;
    CHECK_FALSE(again.stopped());
    raise(SIGTERM);
    CHECK(again.stopped());
  }
  sigaction(SIGINT, nullptr, &after);
  CHECK((before.sa_handler == after.sa_handler));
}
