// Threads for heavy work (inflate, hash, unpack, parse, link). A job owns its input, touches no
// shared state and returns a value; its continuation runs where the results are collected.
//
// Started lazily: a pool that never gets a job never starts a thread. Threads: submit() from any;
// results are handed over by drain() on the owner's thread (the loop's), which `wake` (called from
// workers, must be async-signal-free and thread-safe, e.g. uv_async_send) announces. Without a
// loop: run_all() blocks until everything is done.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace hod::cache {

class WorkerPool {
 public:
  explicit WorkerPool(unsigned threads = 0);  // 0: number of cores, at least 2, at most 8
  ~WorkerPool();                              // waits for running jobs; queued ones are dropped
  WorkerPool(const WorkerPool&) = delete;

  void set_wake(std::function<void()> wake);

  // `job` runs on a worker and returns the continuation to be run by drain().
  using Continuation = std::function<void()>;
  enum class Order : std::uint8_t { in_turn, next };  // next: before all that wait in turn
  void submit(std::function<Continuation()> job, Order order = Order::in_turn);

  // Owner's thread: runs the continuations of all finished jobs. Returns how many.
  std::size_t drain();
  // Owner's thread: blocks until every job, also those submitted by continuations, has finished and
  // been drained.
  void run_all();
  // Blocking helper: calls body(i) for i in [0, count) on all threads (this one too), in chunks;
  // returns when done.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& body);

  std::size_t pending() const;  // submitted, not drained
  unsigned threads() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace hod::cache
