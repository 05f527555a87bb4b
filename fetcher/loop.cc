// SPDX-License-Identifier: MIT
// libuv, and the only file besides process.cc that sees it.
//
// What must stay true:
//  (1) A uv handle lives until its close callback ran, which is after our object is gone: each one
//      is freed there and nowhere else. Timer handles are kept for the next timer instead, since
//      a download starts and stops several.
//  (2) A callback may cancel its own timer, unwatch its own socket, or add new ones: the entry is
//      looked up or moved out before the callback runs.
//  (3) The loop thread owns everything here; wake() touches the async handle alone.
#include "fetcher/loop.h"

#include <csignal>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include <uv.h>

#include "core/base/assert.h"

namespace hod::fetcher {

namespace {

template <class Handle>
uv_handle_t* as_handle(Handle* handle) {
  return reinterpret_cast<uv_handle_t*>(handle);
}

// Frees the handle once libuv has let go of it.
template <class Handle>
void close_and_free(Handle* handle) {
  uv_close(as_handle(handle),
           [](uv_handle_t* closed) { delete reinterpret_cast<Handle*>(closed); });
}

struct Timer {
  uv_timer_t* handle = nullptr;
  bool once = true;
  std::function<void()> fire;
};

struct Watch {
  uv_poll_t* handle = nullptr;
  std::function<void(Loop::Interest)> ready;
};

}  // namespace

struct Loop::State {
  uv_loop_t loop;
  uv_prepare_t* prepare = nullptr;
  uv_async_t* async = nullptr;
  const std::function<bool()>* finished = nullptr;  // of the run_until() that is running
  std::vector<uv_signal_t*> signals;
  std::function<void()> on_wake;
  std::function<bool()> awaited;
  std::function<void(int)> on_signal;

  TimerId next_timer = 1;
  std::unordered_map<TimerId, Timer> timers;
  std::vector<uv_timer_t*> idle_timers;
  std::unordered_map<int, Watch> watches;
  uv_idle_t* idle = nullptr;  // runs while there is something in:
  std::map<TimerId, std::function<void()>> next_turn;

  TimerId start_timer(std::chrono::milliseconds delay, std::uint64_t repeat,
                      std::function<void()> fire);
  void stop_timer(Timer& timer);
  void on_timer(TimerId id);
  void on_turn();
  void on_ready(int fd, Interest interest);
  void keep_alive_for_wakes();
};

Loop::TimerId Loop::State::start_timer(std::chrono::milliseconds delay, std::uint64_t repeat,
                                       std::function<void()> fire) {
  TimerId id = next_timer++;
  Timer timer;
  timer.fire = std::move(fire);
  timer.once = repeat == 0;
  if (idle_timers.empty()) {
    timer.handle = new uv_timer_t;
    uv_timer_init(&loop, timer.handle);
  } else {
    timer.handle = idle_timers.back();
    idle_timers.pop_back();
  }
  // The handle's own pointer carries "which loop", its id in `timers` sits in the low-cost map.
  timer.handle->data = reinterpret_cast<void*>(id);
  auto count = delay.count() < 0 ? 0 : static_cast<std::uint64_t>(delay.count());
  uv_update_time(&loop);  // long work since the last turn must not shorten the delay
  uv_timer_start(
      timer.handle,
      [](uv_timer_t* handle) {
        static_cast<State*>(handle->loop->data)->on_timer(reinterpret_cast<TimerId>(handle->data));
      },
      count, repeat);
  if (timer.once) {
    uv_ref(as_handle(timer.handle));
  } else {
    uv_unref(as_handle(timer.handle));
  }
  timers.emplace(id, std::move(timer));
  return id;
}

void Loop::State::stop_timer(Timer& timer) {
  uv_timer_stop(timer.handle);
  idle_timers.push_back(timer.handle);
}

void Loop::State::on_timer(TimerId id) {
  auto found = timers.find(id);
  HOD_ASSERT(found != timers.end());
  if (!found->second.once) {
    auto fire = found->second.fire;  // a copy: the callback may cancel its own timer
    fire();
    return;
  }
  Timer timer = std::move(found->second);
  timers.erase(found);
  stop_timer(timer);
  timer.fire();
}

// Not what is added meanwhile: that is for the turn after this one.
void Loop::State::on_turn() {
  const TimerId last = next_timer;
  while (!next_turn.empty() && next_turn.begin()->first < last) {
    auto call = std::move(next_turn.begin()->second);
    next_turn.erase(next_turn.begin());
    call();
  }
  if (next_turn.empty()) uv_idle_stop(idle);
}

void Loop::State::on_ready(int fd, Interest interest) {
  auto found = watches.find(fd);
  if (found == watches.end()) return;
  auto ready = found->second.ready;  // a copy: the callback may unwatch
  ready(interest);
}

void Loop::State::keep_alive_for_wakes() {
  if (async == nullptr) return;
  if (awaited && !awaited()) {
    uv_unref(as_handle(async));
  } else {
    uv_ref(as_handle(async));
  }
}

Loop::Loop() : state_(std::make_unique<State>()) {
  int failed = uv_loop_init(&state_->loop);
  HOD_ASSERT(failed == 0);
  state_->loop.data = state_.get();
  // Timers run before the loop sleeps: what they finished must be seen there, or it oversleeps.
  state_->prepare = new uv_prepare_t;
  uv_prepare_init(&state_->loop, state_->prepare);
  uv_prepare_start(state_->prepare, [](uv_prepare_t* handle) {
    auto* state = static_cast<State*>(handle->loop->data);
    state->keep_alive_for_wakes();
    if ((*state->finished)()) uv_stop(handle->loop);
  });
  uv_unref(as_handle(state_->prepare));
  state_->idle = new uv_idle_t;
  uv_idle_init(&state_->loop, state_->idle);
}

Loop::~Loop() {
  for (auto& [id, timer] : state_->timers) close_and_free(timer.handle);
  for (uv_timer_t* handle : state_->idle_timers) close_and_free(handle);
  for (auto& [fd, watch] : state_->watches) close_and_free(watch.handle);
  for (uv_signal_t* handle : state_->signals) close_and_free(handle);
  if (state_->async != nullptr) close_and_free(state_->async);
  close_and_free(state_->prepare);
  close_and_free(state_->idle);
  while (uv_loop_close(&state_->loop) == UV_EBUSY) uv_run(&state_->loop, UV_RUN_ONCE);
}

void Loop::run_until(const std::function<bool()>& finished) {
  state_->finished = &finished;
  for (;;) {
    if (finished()) return;
    state_->keep_alive_for_wakes();
    if (uv_run(&state_->loop, UV_RUN_ONCE) == 0) {
      state_->keep_alive_for_wakes();
      if (uv_loop_alive(&state_->loop) == 0) return;
    }
  }
}

void Loop::set_on_wake(std::function<void()> on_wake, std::function<bool()> awaited) {
  HOD_ASSERT(state_->async == nullptr);
  state_->on_wake = std::move(on_wake);
  state_->awaited = std::move(awaited);
  state_->async = new uv_async_t;
  int failed = uv_async_init(&state_->loop, state_->async, [](uv_async_t* handle) {
    static_cast<State*>(handle->loop->data)->on_wake();
  });
  HOD_ASSERT(failed == 0);
}

void Loop::wake() {
  HOD_ASSERT(state_->async != nullptr);
  uv_async_send(state_->async);
}

Loop::TimerId Loop::after(std::chrono::milliseconds delay, std::function<void()> fire) {
  return state_->start_timer(delay, 0, std::move(fire));
}

Loop::TimerId Loop::every(std::chrono::milliseconds period, std::function<void()> fire) {
  auto repeat = static_cast<std::uint64_t>(period.count() < 1 ? 1 : period.count());
  return state_->start_timer(period, repeat, std::move(fire));
}

Loop::TimerId Loop::next_turn(std::function<void()> call) {
  const TimerId id = state_->next_timer++;
  state_->next_turn.emplace(id, std::move(call));
  uv_idle_start(state_->idle,
                [](uv_idle_t* handle) { static_cast<State*>(handle->loop->data)->on_turn(); });
  return id;
}

void Loop::cancel(TimerId id) {
  if (state_->next_turn.erase(id) > 0) {
    if (state_->next_turn.empty()) uv_idle_stop(state_->idle);
    return;
  }
  auto found = state_->timers.find(id);
  if (found == state_->timers.end()) return;
  Timer timer = std::move(found->second);
  state_->timers.erase(found);
  state_->stop_timer(timer);
}

void Loop::watch(int fd, Interest interest, std::function<void(Interest)> ready) {
  Watch& watch = state_->watches[fd];
  if (watch.handle == nullptr) {
    watch.handle = new uv_poll_t;
    int failed = uv_poll_init(&state_->loop, watch.handle, fd);
    HOD_ASSERT(failed == 0);
    watch.handle->data = reinterpret_cast<void*>(static_cast<std::intptr_t>(fd));
  }
  if (ready) watch.ready = std::move(ready);
  int events = (interest.read ? UV_READABLE : 0) | (interest.write ? UV_WRITABLE : 0);
  uv_poll_start(watch.handle, events, [](uv_poll_t* handle, int status, int happened) {
    Interest seen{status < 0 || (happened & UV_READABLE) != 0,
                  status < 0 || (happened & UV_WRITABLE) != 0};
    int ready_fd = static_cast<int>(reinterpret_cast<std::intptr_t>(handle->data));
    static_cast<State*>(handle->loop->data)->on_ready(ready_fd, seen);
  });
}

void Loop::unwatch(int fd) {
  auto found = state_->watches.find(fd);
  if (found == state_->watches.end()) return;
  uv_poll_stop(found->second.handle);
  close_and_free(found->second.handle);
  state_->watches.erase(found);
}

void Loop::on_signals(std::function<void(int)> on_signal) {
  HOD_ASSERT(state_->signals.empty());
  state_->on_signal = std::move(on_signal);
  for (int number : {SIGINT, SIGTERM}) {
    auto* handle = new uv_signal_t;
    uv_signal_init(&state_->loop, handle);
    uv_signal_start(
        handle,
        [](uv_signal_t* signal, int caught) {
          static_cast<State*>(signal->loop->data)->on_signal(caught);
        },
        number);
    uv_unref(as_handle(handle));
    state_->signals.push_back(handle);
  }
}

std::chrono::steady_clock::time_point Loop::now() const { return std::chrono::steady_clock::now(); }

uv_loop_s* Loop::raw() const { return &state_->loop; }

}  // namespace hod::fetcher
