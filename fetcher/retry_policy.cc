// SPDX-License-Identifier: MIT
// The numbers follow two promises: a transient fault costs at most 3 s beyond what Retry-After asks
// (so the waits are short: at most 0.2 + 0.6 + 1.8 s), and nothing waits longer than 90 s for
// silence.
#include "fetcher/retry_policy.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace hod::fetcher {

namespace {

constexpr Milliseconds kLongestRetryAfter{60'000};
// A name lookup that failed quickly may succeed a moment later; after that its failure, which may
// take ten seconds by itself, has to be told within 15 s.
constexpr Milliseconds kQuickLookup{2'000};

std::optional<int> number(std::string_view text) {
  int value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<unsigned> month_number(std::string_view name) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  auto found = std::find(kMonths.begin(), kMonths.end(), name);
  if (found == kMonths.end()) return std::nullopt;
  return static_cast<unsigned>(found - kMonths.begin()) + 1;
}

}  // namespace

bool is_transient(int status) {
  if (status == 408 || status == 425 || status == 429) return true;
  return status >= 500 && status != 501 && status != 505;
}

Milliseconds backoff(const RetryPolicy& policy, unsigned attempt, double random) {
  Milliseconds wait = policy.first_backoff;
  for (unsigned i = 2; i < attempt && wait < kLongestRetryAfter; ++i) wait *= 3;
  auto jitter = static_cast<Milliseconds::rep>(static_cast<double>(wait.count()) * random);
  return std::min(wait + Milliseconds(jitter), kLongestRetryAfter);
}

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  // Day names vary in nothing we need: "Fri, " is skipped.
  std::size_t comma = text.find(", ");
  if (comma == std::string_view::npos) return std::nullopt;
  std::string_view rest = text.substr(comma + 2);  // "20 Nov 2026 12:48:10 GMT"
  if (rest.size() != 24 || rest.substr(20) != " GMT") return std::nullopt;
  auto day = number(rest.substr(0, 2));
  auto month = month_number(rest.substr(3, 3));
  auto year = number(rest.substr(7, 4));
  auto hour = number(rest.substr(12, 2));
  auto minute = number(rest.substr(15, 2));
  auto second = number(rest.substr(18, 2));
  if (!day || !month || !year || !hour || !minute || !second) return std::nullopt;
  std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                   std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return days * 86400 + *hour * 3600 + *minute * 60 + *second;
}

std::optional<Milliseconds> retry_after(std::string_view value, std::string_view date,
                                        std::int64_t now) {
  std::int64_t seconds = 0;
  bool digits = !value.empty() && value.find_first_not_of("0123456789-+") == std::string_view::npos;
  if (digits) {
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (error == std::errc::result_out_of_range) seconds = kLongestRetryAfter.count();
  } else {
    auto until = parse_http_date(value);
    if (!until) return std::nullopt;
    seconds = *until - parse_http_date(date).value_or(now);
  }
  seconds = std::clamp<std::int64_t>(seconds, 0, kLongestRetryAfter.count() / 1000);
  return Milliseconds(seconds * 1000);
}

bool worth_another_try(const RetryPolicy& policy, FailureKind failure, bool repeatable,
                       Milliseconds took, Milliseconds silence) {
  switch (failure) {
    case FailureKind::name_lookup:
      return took < kQuickLookup;
    case FailureKind::unreachable:
      return true;
    case FailureKind::connection:
      return repeatable;
    case FailureKind::timeout:
      return repeatable && silence + policy.stall <= policy.patience;
    case FailureKind::tls:
    case FailureKind::proxy:
    case FailureKind::too_large:
    case FailureKind::local:
      return false;
  }
  return false;
}

}  // namespace hod::fetcher
