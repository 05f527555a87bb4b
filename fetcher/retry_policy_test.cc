#include "fetcher/retry_policy.h"

#include <string>

#include <doctest/doctest.h>

using namespace hod::fetcher;
using namespace std::chrono_literals;

TEST_CASE("transient statuses are told from final ones") {
  for (int status : {408, 425, 429, 500, 502, 503, 504, 520}) CHECK(is_transient(status));
  for (int status : {200, 304, 400, 401, 403, 404, 410, 501, 505})
    CHECK_FALSE(is_transient(status));
}

TEST_CASE("the waits of three retries stay below 3 seconds in all") {
  RetryPolicy policy;
  CHECK(backoff(policy, 2, 0.0) == 100ms);
  CHECK(backoff(policy, 2, 0.5) == 150ms);
  CHECK(backoff(policy, 3, 0.0) == 300ms);
  Milliseconds longest{0};
  for (unsigned attempt = 2; attempt <= 4; ++attempt) longest += backoff(policy, attempt, 0.999);
  CHECK(longest < 3s);
  CHECK(backoff(policy, 1000, 0.9) == 60s);
}

TEST_CASE("T-NET-12 Retry-After is held to 0 … 60 seconds, in seconds and as a date") {
  struct Row {
    const char* value;
    const char* date;
    long milliseconds;  // -1: malformed
  };
  const Row rows[] = {
      {"0", "", 0},
      {"2", "", 2000},
      {"31536000", "", 60000},
      {"99999999999999999999999", "", 60000},
      {"-5", "", 0},
      {"soon", "", -1},
      {"", "", -1},
      {"Fri, 20 Nov 2026 12:48:10 GMT", "Fri, 20 Nov 2026 12:48:05 GMT", 5000},
      {"Fri, 20 Nov 2026 12:48:10 GMT", "", 10000},
      {"Fri, 20 Nov 2020 12:48:10 GMT", "", 0},
      {"Fri, 20 Nov 2099 12:48:10 GMT", "", 60000},
      {"Fri, 99 Nov 2026 12:48:10 GMT", "", -1},
      {"Fri, 20 Nov 2026 12:48", "", -1},
  };
  constexpr std::int64_t kNow = 1795178880;  // 2026-11-20 12:48:00 UTC
  for (const Row& row : rows) {
    CAPTURE(row.value);
    auto got = retry_after(row.value, row.date, kNow);
    CHECK((got ? got->count() : -1) == row.milliseconds);
  }
}

TEST_CASE("HTTP dates") {
  CHECK(parse_http_date("Thu, 01 Jan 1970 00:00:00 GMT") == 0);
  CHECK(parse_http_date("Fri, 20 Nov 2026 12:48:00 GMT") == 1795178880);
  CHECK_FALSE(parse_http_date("2026-11-20"));
}

TEST_CASE("T-NET-12 what may have reached the server is not sent twice unless it is a read") {
  RetryPolicy policy;
  auto again = [&](FailureKind kind, bool repeatable) {
    return worth_another_try(policy, kind, repeatable, 10ms, 0ms);
  };
  for (FailureKind kind : {FailureKind::name_lookup, FailureKind::unreachable}) {
    CHECK(again(kind, true));
    CHECK(again(kind, false));
  }
  for (FailureKind kind : {FailureKind::connection, FailureKind::timeout}) {
    CHECK(again(kind, true));
    CHECK_FALSE(again(kind, false));
  }
  for (FailureKind kind :
       {FailureKind::tls, FailureKind::proxy, FailureKind::too_large, FailureKind::local}) {
    CHECK_FALSE(again(kind, true));
  }
}

TEST_CASE("T-NET-10 T-NET-15 silence is given up within 90 s, a slow name lookup within 15 s") {
  RetryPolicy policy;
  CHECK(worth_another_try(policy, FailureKind::timeout, true, 30s, 30s));
  CHECK_FALSE(worth_another_try(policy, FailureKind::timeout, true, 30s, 60s));
  CHECK_FALSE(worth_another_try(policy, FailureKind::name_lookup, true, 10s, 0s));
}
