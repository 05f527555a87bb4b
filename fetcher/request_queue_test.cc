#include "fetcher/request_queue.h"

#include <vector>

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::fetcher;
using namespace std::chrono_literals;

namespace {
const Origin kOne{"https", "one.example", 443};
const Origin kTwo{"https", "two.example", 443};

std::vector<RequestQueue::Ticket> drained(RequestQueue& queue) {
  std::vector<RequestQueue::Ticket> tickets;
  while (auto ticket = queue.next()) tickets.push_back(*ticket);
  return tickets;
}
}  // namespace

TEST_CASE("higher priority first, then first come; removed ones never") {
  RequestQueue queue(8);
  queue.push(1, kOne, 0);
  queue.push(2, kTwo, 5);
  queue.push(3, kOne, 5);
  queue.push(4, kOne, 0);
  queue.push(5, kOne, 9);
  queue.remove(5);
  queue.remove(5);
  CHECK(drained(queue) == std::vector<RequestQueue::Ticket>{2, 3, 1, 4});
  CHECK(queue.waiting() == 0);
}

TEST_CASE("connections are limited in all and for each origin") {
  RequestQueue queue(2);
  for (RequestQueue::Ticket i = 1; i <= 3; ++i) queue.push(i, kOne, 0);
  queue.push(9, kTwo, 0);
  CHECK(drained(queue) == std::vector<RequestQueue::Ticket>{1, 2});
  queue.ended(kOne);
  CHECK(drained(queue) == std::vector<RequestQueue::Ticket>{3});
  queue.ended(kOne);
  CHECK(drained(queue) == std::vector<RequestQueue::Ticket>{9});
}

TEST_CASE("what rests keeps its place from first tries, not from what is tried again") {
  RequestQueue queue(2);
  for (RequestQueue::Ticket i = 1; i <= 4; ++i) queue.push(i, kOne, 0);
  CHECK(drained(queue) == std::vector<RequestQueue::Ticket>{1, 2});
  queue.ended(kOne);
  queue.hold(kOne);
  queue.ended(kOne);
  queue.hold(kOne);
  CHECK(drained(queue).empty());
  queue.let_go(kOne);
  queue.push(2, kOne, 0, RequestQueue::Try::again);
  CHECK(drained(queue) == std::vector<RequestQueue::Ticket>{2});
  queue.let_go(kOne);
  CHECK(drained(queue) == std::vector<RequestQueue::Ticket>{3});
}

TEST_CASE("HTTP/2 allows twice as many requests") {
  RequestQueue queue(2);
  for (RequestQueue::Ticket i = 1; i <= 20; ++i) queue.push(i, kOne, 0);
  CHECK(drained(queue).size() == 2);
  queue.found_http2(kOne);
  queue.found_http2(kOne);
  CHECK(drained(queue).size() == 2);
  for (int i = 0; i < 4; ++i) queue.ended(kOne);
  CHECK(drained(queue).size() == 4);
}

TEST_CASE("some connections are kept free for what is urgent, where there is such") {
  RequestQueue queue(8);
  for (RequestQueue::Ticket i = 1; i <= 20; ++i) queue.push(i, kOne, 0);
  SUBCASE("none is, so far") { CHECK(drained(queue).size() == 8); }
  SUBCASE("one is") {
    queue.push(21, kOne, kUrgentPriority);
    CHECK(drained(queue).size() == 6);
    queue.push(22, kOne, kUrgentPriority);
    queue.push(23, kOne, kUrgentPriority);
    CHECK(drained(queue).size() == 2);
  }
  SUBCASE("nothing else is wanted now") {
    queue.push(21, kOne, kUrgentPriority);
    CHECK(queue.next(RequestQueue::Which::urgent) == RequestQueue::Ticket{21});
    CHECK_FALSE(queue.next(RequestQueue::Which::urgent));
  }
}

TEST_CASE(
    "T-NET-12 an overloaded origin gets half, once for all under way, and slowly more again") {
  RequestQueue queue(8);
  RequestQueue::Time start{};
  queue.overloaded(kOne, start + 1s, start + 2s);
  CHECK(queue.limit(kOne) == 4);
  queue.overloaded(kOne, start + 1s, start + 3s);  // sent before the change
  CHECK(queue.limit(kOne) == 4);
  queue.overloaded(kOne, start + 3s, start + 4s);
  queue.overloaded(kOne, start + 5s, start + 6s);
  queue.overloaded(kOne, start + 7s, start + 8s);
  CHECK(queue.limit(kOne) == 1);
  for (int i = 0; i < 1 + 2 + 3; ++i) queue.answered(kOne);
  CHECK(queue.limit(kOne) == 4);
  for (int i = 0; i < 100; ++i) queue.answered(kOne);
  CHECK(queue.limit(kOne) == 8);
  CHECK(queue.limit(kTwo) == 8);
}

TEST_CASE("a second connection for a silent request is never held back") {
  RequestQueue queue(1);
  queue.push(1, kOne, 0);
  CHECK(drained(queue).size() == 1);
  queue.started_extra(kOne);
  queue.push(2, kOne, 0);
  queue.ended(kOne);
  CHECK(drained(queue).empty());
  queue.ended(kOne);
  CHECK(drained(queue).size() == 1);
}
