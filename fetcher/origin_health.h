// Which origins are down. An origin that fails a request for good, and answered nobody well while
// that was tried, need not be tried once more for each request that waits for it.
//
// Pure bookkeeping; knows no network and no clock of its own. Loop thread only.
#pragma once

#include <chrono>
#include <map>
#include <optional>

#include "core/base/result.h"
#include "core/model/url.h"

namespace hod::fetcher {

class OriginHealth {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Well, or with a refusal meant for this request: nothing is held against it any more.
  void answered(const Origin& origin, Time now);

  // A request first sent at `since` has used up its tries. True: the origin is down from here on.
  bool failed(const Origin& origin, Time since, const Error& error, Time now);

  // Why requests are not to be sent now; null: they are. Valid until the next call.
  const Error* down(const Origin& origin, Time now) const;

 private:
  struct Record {
    std::optional<Time> answered;  // last
    unsigned failures = 0;         // since then
    Time down_until{};             // with `error`
    std::optional<Error> error;
  };
  std::map<Origin, Record> records_;
};

}  // namespace hod::fetcher
