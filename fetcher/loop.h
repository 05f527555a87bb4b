// The event loop: libuv behind one class. Timers, wake-ups from workers, signals. Loop thread only, but for wake().
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

  // Runs until `finished()` is true (looked at after each turn) or nothing is left to wait for.
  void run_until(const std::function<bool()>& finished);

  // From any thread: `on_wake` (set once) is called on the loop thread soon.
  void set_on_wake(std::function<void()> on_wake);
  void wake();

  using TimerId = std::uint64_t;
  TimerId after(std::chrono::milliseconds delay, std::function<void()> fire);  // once
  TimerId every(std::chrono::milliseconds period, std::function<void()> fire); // does not keep run_until alive
  void cancel(TimerId id);  // unknown ids are fine

  // SIGINT/SIGTERM call `on_signal(number)` on the loop thread instead of ending the process.
  void on_signals(std::function<void(int)> on_signal);

  std::chrono::steady_clock::time_point now() const;
  uv_loop_s* raw() const;  // for curl.cc and process.cc only

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hod::fetcher
