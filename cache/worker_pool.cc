// SPDX-License-Identifier: MIT
// The worker pool: one queue of jobs, one list of finished ones, threads that start when there is
// work for them.
//
// Why our own and not libuv's: that one is small, shared with name resolution, and cannot help a
// caller that wants to work along (for_each).
//
// What must stay true:
//  (1) A job's continuation runs on the owner's thread only, inside drain() or run_all().
//
//  (2) After set_wake() has returned, the old wake function is not running and never runs again:
//      the owner may close what it refers to.
//
//  (3) for_each() returns only when no worker is inside `body` any more: it lives on the caller's
//      stack.
//
//  (4) Threads are only started by submit() and for_each(); the pool of a command that has nothing
//      to do costs nothing.
#include "cache/worker_pool.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace hod::cache {

namespace {

constexpr unsigned kFewestThreads = 2;
constexpr unsigned kMostThreads =
    8;  // links and unpacking gain nothing beyond (docs/performance.md)

unsigned default_threads() {
  return std::clamp(std::thread::hardware_concurrency(), kFewestThreads, kMostThreads);
}

// One for_each() call, shared by the caller and the workers that come to help.
class SharedLoop {
 public:
  SharedLoop(std::size_t count, std::size_t chunk, const std::function<void(std::size_t)>& body)
      : count_(count), chunk_(chunk), body_(body) {}

  // A worker that comes when the loop is over must not touch body_ (3).
  void help() {
    {
      std::lock_guard lock(mutex_);
      if (closed_) return;
      ++helpers_;
    }
    work();
    std::lock_guard lock(mutex_);
    if (--helpers_ == 0) idle_.notify_all();
  }

  void work() {
    for (;;) {
      std::size_t begin = next_.fetch_add(chunk_, std::memory_order_relaxed);
      if (begin >= count_) return;
      std::size_t end = std::min(begin + chunk_, count_);
      for (std::size_t i = begin; i < end; ++i) body_(i);
    }
  }

  void close() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    idle_.wait(lock, [this] { return helpers_ == 0; });
  }

 private:
  const std::size_t count_;
  const std::size_t chunk_;
  const std::function<void(std::size_t)>& body_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
  std::condition_variable idle_;
  std::size_t helpers_ = 0;
  bool closed_ = false;
};

}  // namespace

struct WorkerPool::State {
  explicit State(unsigned limit_) : limit(limit_) {}

  const unsigned limit;
  std::mutex mutex;
  std::condition_variable work_there;
  std::condition_variable result_there;
  std::deque<std::function<Continuation()>> jobs;
  std::deque<std::function<Continuation()>> next_jobs;  // before the others
  std::deque<std::shared_ptr<SharedLoop>> loops;        // before the jobs: their caller waits
  std::vector<Continuation> finished;
  std::vector<std::thread> running;
  unsigned idle = 0;
  bool stopping = false;
  std::atomic<std::size_t> pending{0};

  std::mutex wake_mutex;  // held while `wake` runs (2)
  std::function<void()> wake;

  // With `mutex` held, after something was queued.
  void call_a_worker() {
    if (idle > 0) {
      work_there.notify_one();
    } else if (running.size() < limit) {
      running.emplace_back([this] { run(); });
    }
  }

  bool any_work() const { return !jobs.empty() || !next_jobs.empty() || !loops.empty(); }

  void announce() {
    std::lock_guard lock(wake_mutex);
    if (wake) wake();
  }

  void finish(Continuation continuation) {
    bool first = false;
    {
      std::lock_guard lock(mutex);
      first = finished.empty();
      finished.push_back(std::move(continuation));
      result_there.notify_all();
    }
    if (first) announce();
  }

  void run() {
    std::unique_lock lock(mutex);
    for (;;) {
      ++idle;
      work_there.wait(lock, [this] { return stopping || any_work(); });
      --idle;
      if (stopping) return;
      if (!loops.empty()) {
        std::shared_ptr<SharedLoop> loop = std::move(loops.front());
        loops.pop_front();
        lock.unlock();
        loop->help();
      } else {
        auto& from = next_jobs.empty() ? jobs : next_jobs;
        std::function<Continuation()> job = std::move(from.front());
        from.pop_front();
        lock.unlock();
        finish(job());
      }
      lock.lock();
    }
  }
};

WorkerPool::WorkerPool(unsigned threads)
    : state_(std::make_shared<State>(threads == 0 ? default_threads() : threads)) {}

WorkerPool::~WorkerPool() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    state_->jobs.clear();
    state_->next_jobs.clear();
  }
  state_->work_there.notify_all();
  for (std::thread& thread : state_->running) thread.join();
}

void WorkerPool::set_wake(std::function<void()> wake) {
  std::lock_guard lock(state_->wake_mutex);
  state_->wake = std::move(wake);
}

void WorkerPool::submit(std::function<Continuation()> job, Order order) {
  state_->pending.fetch_add(1, std::memory_order_relaxed);
  std::lock_guard lock(state_->mutex);
  (order == Order::next ? state_->next_jobs : state_->jobs).push_back(std::move(job));
  state_->call_a_worker();
}

std::size_t WorkerPool::drain() {
  std::vector<Continuation> batch;
  {
    std::lock_guard lock(state_->mutex);
    batch.swap(state_->finished);
  }
  for (Continuation& continuation : batch) {
    state_->pending.fetch_sub(1, std::memory_order_relaxed);
    if (continuation) continuation();
    continuation = nullptr;  // what it captured goes before the next one runs
  }
  return batch.size();
}

void WorkerPool::run_all() {
  while (pending() > 0) {
    {
      std::unique_lock lock(state_->mutex);
      state_->result_there.wait(lock, [this] { return !state_->finished.empty(); });
    }
    drain();
  }
}

void WorkerPool::for_each(std::size_t count, const std::function<void(std::size_t)>& body) {
  if (count == 0) return;
  std::size_t helpers = std::min<std::size_t>(state_->limit - 1, count - 1);
  // Small chunks, since the cost of elements differs a lot (a package has 1 file or 2,000); one at
  // a time is cheap beside a system call.
  std::size_t chunk = std::clamp<std::size_t>(count / (std::size_t{64} * state_->limit), 1, 64);
  auto loop = std::make_shared<SharedLoop>(count, chunk, body);
  if (helpers > 0) {
    std::lock_guard lock(state_->mutex);
    for (std::size_t i = 0; i < helpers; ++i) {
      state_->loops.push_back(loop);
      state_->call_a_worker();
    }
  }
  loop->work();
  loop->close();
}

std::size_t WorkerPool::pending() const { return state_->pending.load(std::memory_order_relaxed); }

unsigned WorkerPool::threads() const { return state_->limit; }

}  // namespace hod::cache
