// SPDX-License-Identifier: MIT
// Ctrl-C while no event loop turns (linking): noted, and asked for by whoever works. Main thread
// makes and destroys it, one at a time; stopped() may be asked from any thread. Outside of its life
// SIGINT and SIGTERM mean what they meant before.
#pragma once

#include <signal.h>

namespace hod::cli {

class InterruptWatch {
 public:
  InterruptWatch();
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  bool stopped() const;

 private:
  struct sigaction interrupt_before_ {};
  struct sigaction terminate_before_ {};
};

}  // namespace hod::cli
