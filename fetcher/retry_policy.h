// When to try again, and how long to wait before: pure rules, numbers in one place.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "fetcher/http_client.h"

namespace hod::fetcher {

using Milliseconds = std::chrono::milliseconds;

struct RetryPolicy {
  unsigned retries = 3;
  Milliseconds first_backoff{100};   // doubled by chance, times three from try to try
  Milliseconds second_after{9'000};  // without a byte: a second connection (T-NET-10)
  Milliseconds stall{30'000};        // without a byte, or under 100 B/s: this connection is lost
  Milliseconds patience{85'000};     // silence in all; then given up
};

// 408, 425, 429 and 5xx (but for "I will never do this").
bool is_transient(int status);

// Before try `attempt` (2 is the first repetition); `random` in [0, 1).
Milliseconds backoff(const RetryPolicy& policy, unsigned attempt, double random);

// Retry-After in seconds or as a date, held to [0 … 60 s] (T-NET-12). `date`: the answer's own Date
// header, against which a date is meant; else `now`, seconds since the epoch. Nothing: malformed.
std::optional<Milliseconds> retry_after(std::string_view value, std::string_view date,
                                        std::int64_t now);

// Seconds since the epoch of "Fri, 20 Nov 2026 12:48:10 GMT".
std::optional<std::int64_t> parse_http_date(std::string_view text);

// May the same request be sent again after `failure`? `repeatable`: GET and HEAD; others only if
// nothing can have reached the server (T-NET-12). `took`: since the first try began;
// `silence`: how long all tries together waited for nothing.
bool worth_another_try(const RetryPolicy& policy, FailureKind failure, bool repeatable,
                       Milliseconds took, Milliseconds silence);

}  // namespace hod::fetcher
