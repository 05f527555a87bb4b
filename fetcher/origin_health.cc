// SPDX-License-Identifier: MIT
#include "fetcher/origin_health.h"

namespace hod::fetcher {

namespace {
constexpr std::chrono::seconds kDownFor{10};  // then it may be asked again
// One address may be broken on an origin that serves all others.
constexpr unsigned kFailuresOfProvenOrigins = 2;
}  // namespace

void OriginHealth::answered(const Origin& origin, Time now) {
  Record& record = records_[origin];
  record.answered = now;
  record.failures = 0;
  record.error.reset();
}

bool OriginHealth::failed(const Origin& origin, Time since, const Error& error, Time now) {
  Record& record = records_[origin];
  if (record.answered && *record.answered > since) return false;  // others got through
  ++record.failures;
  if (record.answered && record.failures < kFailuresOfProvenOrigins) return false;
  record.down_until = now + kDownFor;
  record.error = error.clone();
  return true;
}

const Error* OriginHealth::down(const Origin& origin, Time now) const {
  auto found = records_.find(origin);
  if (found == records_.end() || !found->second.error) return nullptr;
  return now < found->second.down_until ? &*found->second.error : nullptr;
}

}  // namespace hod::fetcher
