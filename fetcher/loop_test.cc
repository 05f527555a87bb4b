#include "fetcher/loop.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <unistd.h>

using namespace hod::fetcher;
using namespace std::chrono_literals;

TEST_CASE("a loop with nothing to wait for ends") {
  Loop loop;
  int turns = 0;
  loop.run_until([&] {
    ++turns;
    return false;
  });
  CHECK(turns == 1);
}

TEST_CASE("timers fire once, in the order of their time") {
  Loop loop;
  std::vector<int> fired;
  loop.after(4ms, [&] { fired.push_back(2); });
  loop.after(0ms, [&] {
    fired.push_back(1);
    loop.after(0ms, [&] { fired.push_back(10); });
  });
  Loop::TimerId never = loop.after(2ms, [&] { fired.push_back(99); });
  loop.cancel(never);
  loop.cancel(never);
  loop.run_until([] { return false; });
  CHECK(fired == std::vector<int>{1, 10, 2});
}

TEST_CASE("a repeating timer keeps no loop alive and may cancel itself") {
  Loop loop;
  int ticks = 0;
  Loop::TimerId id = 0;
  id = loop.every(1ms, [&] {
    if (++ticks == 3) loop.cancel(id);
  });
  loop.run_until([] { return false; });  // nothing but the ticker: ends at once
  CHECK(ticks <= 1);
  loop.after(20ms, [] {});
  loop.run_until([] { return false; });
  CHECK(ticks == 3);
}

TEST_CASE("what a timer finished ends the run at once, though more is to come") {
  Loop loop;
  bool done = false;
  loop.after(0ms, [&] { done = true; });
  loop.after(60s, [] {});
  auto start = loop.now();
  loop.run_until([&] { return done; });
  CHECK(loop.now() - start < 30s);
}

TEST_CASE("between two turns that something asks for, sockets are looked at") {
  Loop loop;
  int pipe_ends[2];
  REQUIRE(::pipe(pipe_ends) == 0);
  CHECK(::write(pipe_ends[1], "x", 1) == 1);
  std::vector<std::string> seen;
  std::function<void()> again = [&] {
    seen.emplace_back("turn");
    if (seen.size() < 9) loop.next_turn(again);
  };
  loop.next_turn(again);
  Loop::TimerId never = loop.next_turn([&] { seen.emplace_back("cancelled"); });
  loop.cancel(never);
  loop.watch(pipe_ends[0], {true, false}, [&](Loop::Interest) {
    seen.emplace_back("ready");
    loop.unwatch(pipe_ends[0]);
  });
  loop.run_until([] { return false; });
  CHECK(std::count(seen.begin(), seen.end(), "ready") == 1);
  CHECK(seen.back() == "turn");
  CHECK(std::count(seen.begin(), seen.end(), "cancelled") == 0);
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
}

TEST_CASE("a worker wakes the loop") {
  Loop loop;
  int jobs = 1;  // as with a pool: done with once its result is home
  bool woken = false;
  loop.set_on_wake(
      [&] {
        woken = true;
        jobs = 0;
      },
      [&] { return jobs > 0; });
  std::thread worker([&] { loop.wake(); });
  loop.run_until([&] { return woken; });
  worker.join();
  CHECK(woken);
  loop.run_until([] { return false; });  // no wake-ups awaited: ends
}

TEST_CASE("a watched descriptor reports what it is ready for, until it is unwatched") {
  Loop loop;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  int reads = 0;
  loop.watch(ends[0], {true, false}, [&](Loop::Interest ready) {
    CHECK(ready.read);
    CHECK_FALSE(ready.write);
    char byte = 0;
    CHECK(::read(ends[0], &byte, 1) == 1);
    if (++reads == 2) loop.unwatch(ends[0]);
  });
  CHECK(::write(ends[1], "ab", 2) == 2);
  loop.run_until([] { return false; });
  CHECK(reads == 2);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("SIGINT calls the loop's handler instead of ending the process") {
  Loop loop;
  int caught = 0;
  loop.on_signals([&](int number) { caught = number; });
  loop.after(0ms, [] { ::raise(SIGINT); });
  loop.after(5000ms, [] {});
  loop.run_until([&] { return caught != 0; });
  CHECK(caught == SIGINT);
}
