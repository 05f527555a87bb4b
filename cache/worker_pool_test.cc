// SPDX-License-Identifier: MIT
#include "cache/worker_pool.h"

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <numeric>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using hod::cache::WorkerPool;

TEST_CASE("continuations run on the owner's thread, once for every job") {
  WorkerPool pool(3);
  std::vector<int> seen(500, 0);
  std::thread::id owner = std::this_thread::get_id();
  bool elsewhere = false;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    pool.submit([&, i]() -> WorkerPool::Continuation {
      std::thread::id worker = std::this_thread::get_id();
      return [&, i, worker] {
        elsewhere = elsewhere || std::this_thread::get_id() != owner || worker == owner;
        ++seen[i];
      };
    });
  }
  pool.run_all();
  CHECK(pool.pending() == 0);
  CHECK_FALSE(elsewhere);
  CHECK(std::accumulate(seen.begin(), seen.end(), 0) == 500);
}

TEST_CASE("run_all also waits for jobs that continuations submit") {
  WorkerPool pool(2);
  int rounds = 0;
  std::function<void()> again = [&] {
    pool.submit([&]() -> WorkerPool::Continuation {
      return [&] {
        if (++rounds < 100) again();
      };
    });
  };
  again();
  pool.run_all();
  CHECK(rounds == 100);
}

TEST_CASE("the wake function is called when results become available") {
  WorkerPool pool(2);
  std::mutex mutex;
  std::condition_variable woken;
  bool awake = false;
  pool.set_wake([&] {
    std::lock_guard lock(mutex);
    awake = true;
    woken.notify_one();
  });
  int done = 0;
  for (int i = 0; i < 50; ++i) {
    pool.submit([&]() -> WorkerPool::Continuation { return [&] { ++done; }; });
  }
  while (pool.pending() > 0) {
    {
      std::unique_lock lock(mutex);
      woken.wait(lock, [&] { return awake; });
      awake = false;
    }
    pool.drain();
  }
  CHECK(done == 50);
  pool.set_wake({});
}

TEST_CASE("for_each visits every index once, on several threads or one") {
  for (unsigned threads : {1U, 2U, 8U}) {
    CAPTURE(threads);
    WorkerPool pool(threads);
    CHECK(pool.threads() == threads);
    for (std::size_t count :
         {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{10'000}}) {
      std::vector<std::atomic<int>> seen(count);
      pool.for_each(count, [&](std::size_t i) { seen[i].fetch_add(1); });
      bool once = true;
      for (const std::atomic<int>& n : seen) once = once && n == 1;
      CHECK(once);
    }
  }
}

TEST_CASE("for_each works while the pool is busy, and from inside a job") {
  WorkerPool pool(2);
  std::mutex gate;
  gate.lock();
  for (int i = 0; i < 2; ++i) {
    pool.submit([&]() -> WorkerPool::Continuation {
      std::lock_guard wait(gate);
      return {};
    });
  }
  std::atomic<int> sum{0};
  pool.for_each(100, [&](std::size_t i) { sum += static_cast<int>(i); });  // nobody is free to help
  CHECK(sum == 4950);
  gate.unlock();
  pool.run_all();

  pool.submit([&]() -> WorkerPool::Continuation {
    pool.for_each(100, [&](std::size_t) { ++sum; });
    return {};
  });
  pool.run_all();
  CHECK(sum == 5050);
}

TEST_CASE("a pool that goes away drops its queue and waits for what runs") {
  std::atomic<int> ran{0};
  {
    WorkerPool pool(1);
    for (int i = 0; i < 1000; ++i) {
      pool.submit([&]() -> WorkerPool::Continuation {
        ++ran;
        return {};
      });
    }
  }
  int after = ran;
  CHECK(after <= 1000);
  CHECK(ran == after);
}

TEST_CASE("a pool without a job has no thread and the default size is between 2 and 8") {
  WorkerPool pool;
  CHECK(pool.threads() >= 2);
  CHECK(pool.threads() <= 8);
  CHECK(pool.pending() == 0);
  CHECK(pool.drain() == 0);
  pool.run_all();
}

TEST_CASE("a job that is to be next goes before those that wait in turn") {
  WorkerPool pool(1);
  std::promise<void> gate;
  std::shared_future<void> open = gate.get_future().share();
  std::vector<int> order;
  const auto job = [&](int number) {
    return [&order, number]() -> WorkerPool::Continuation {
      return [&order, number] { order.push_back(number); };
    };
  };
  std::promise<void> busy;
  pool.submit([&busy, open]() -> WorkerPool::Continuation {
    busy.set_value();
    open.wait();
    return {};
  });
  busy.get_future().wait();  // the only worker waits at the gate
  pool.submit(job(1));
  pool.submit(job(2), WorkerPool::Order::next);
  pool.submit(job(3), WorkerPool::Order::next);
  gate.set_value();
  pool.run_all();
  CHECK(order == std::vector<int>{2, 3, 1});
}
