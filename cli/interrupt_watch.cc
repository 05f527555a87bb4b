// SPDX-License-Identifier: MIT
#include "cli/interrupt_watch.h"

#include <atomic>

namespace hod::cli {

namespace {

std::atomic<bool> g_stopped{false};  // lock-free: the handler may store to it
static_assert(std::atomic<bool>::is_always_lock_free);

void note(int) { g_stopped.store(true, std::memory_order_relaxed); }

}  // namespace

InterruptWatch::InterruptWatch() {
  g_stopped.store(false, std::memory_order_relaxed);
  struct sigaction action {};
  action.sa_handler = note;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, &interrupt_before_);
  sigaction(SIGTERM, &action, &terminate_before_);
}

InterruptWatch::~InterruptWatch() {
  sigaction(SIGINT, &interrupt_before_, nullptr);
  sigaction(SIGTERM, &terminate_before_, nullptr);
}

bool InterruptWatch::stopped() const { return g_stopped.load(std::memory_order_relaxed); }

}  // namespace hod::cli
