// The event loop: libuv behind one class. Timers, sockets, wake-ups from workers, signals.
//
// Loop thread only, but for wake(). Callbacks run from inside run_until(), never from inside the
// call that asked for them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

struct uv_loop_s;

namespace hod::fetcher {

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs until `finished()` is true (looked at before each turn) or nothing is left to wait for.
  void run_until(const std::function<bool()>& finished);

  // From any thread: `on_wake` (set once) is called on the loop thread soon. `awaited` says whether
  // wake-ups are still to come, so that the loop waits for them; without it, it always does.
  void set_on_wake(std::function<void()> on_wake, std::function<bool()> awaited = {});
  void wake();

  using TimerId = std::uint64_t;
  TimerId after(std::chrono::milliseconds delay, std::function<void()> fire);  // once
  TimerId every(std::chrono::milliseconds period,
                std::function<void()> fire);  // keeps nothing alive
  // Once, after sockets have been looked at; after(0) may come before that, again and again.
  TimerId next_turn(std::function<void()> call);
  void cancel(TimerId id);  // unknown ids are fine

  // Calls `ready` while `fd` can be read or written as asked (a broken socket counts as both).
  // Watching the same fd again changes what is asked. unwatch() before closing it.
  struct Interest {
    bool read = false;
    bool write = false;
  };
  void watch(int fd, Interest interest, std::function<void(Interest)> ready);
  void unwatch(int fd);

  // SIGINT/SIGTERM call `on_signal(number)` on the loop thread instead of ending the process.
  void on_signals(std::function<void(int)> on_signal);

  std::chrono::steady_clock::time_point now() const;
  uv_loop_s* raw() const;  // for process.cc only

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hod::fetcher
