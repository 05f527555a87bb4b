// Requests as their askers see them: credentials, redirects, retries, second connections for silent
// servers, limits on how much runs and lies in memory. One session serves a whole run.
//
// Loop thread only. `done` is called exactly once, never from inside send(); not after cancel().
// Requests still running when the session is destroyed end without it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "fetcher/credentials.h"
#include "fetcher/http_client.h"
#include "fetcher/loop.h"
#include "fetcher/retry_policy.h"

namespace hod::fetcher {

struct NetworkStatistics {
  std::uint64_t requests = 0, bytes_received = 0, cache_hits = 0, revalidated = 0, retries = 0;
  std::uint64_t archive_bytes = 0;  // of those received, without metadata
};

struct SessionSettings {
  std::vector<Credential> credentials;
  RetryPolicy retry;
  unsigned max_connections = 96;
  // Bodies received or being received, but not yet let go of by their askers; of those that have
  // just begun, what is expected. While there are more, no further request starts; twice as many
  // hold up urgent ones.
  std::uint64_t bytes_in_flight = std::uint64_t{12} << 20;
  std::function<double()> random;  // in [0, 1)
  std::int64_t now = 0;            // seconds since the epoch, when the session began
};

// Keeps a body counted among the bytes in flight; let go of on the loop thread.
class HeldBytes {
 public:
  HeldBytes() = default;
  HeldBytes(std::function<void(std::uint64_t)> give_back, std::uint64_t count)
      : give_back_(std::move(give_back)), count_(count) {}
  HeldBytes(HeldBytes&& other) noexcept
      : give_back_(std::move(other.give_back_)), count_(std::exchange(other.count_, 0)) {}
  HeldBytes& operator=(HeldBytes&& other) noexcept {
    if (this != &other) {
      release();
      give_back_ = std::move(other.give_back_);
      count_ = std::exchange(other.count_, 0);
    }
    return *this;
  }
  ~HeldBytes() { release(); }
  void release() {
    if (std::uint64_t count = std::exchange(count_, 0); count > 0) give_back_(count);
  }

 private:
  std::function<void(std::uint64_t)> give_back_;
  std::uint64_t count_ = 0;
};

struct SessionRequest {
  HttpRequest http;
  std::string what;                  // for people: "left-pad 1.3.0"
  std::uint64_t expected_bytes = 0;  // of the body, roughly
  bool use_credentials = true;
  // Is a 200 answer what was asked for? An error counts as a transient fault (T-NET-11: a captive
  // portal's page); it is the outcome when no try is left.
  std::function<Result<void>(const HttpResponse&)> check;
};

struct SessionAnswer {
  HttpResponse response;  // of any status, when tries are used up or the status is final
  HeldBytes held;
};

class HttpSession {
 public:
  // References must outlive the session.
  HttpSession(Loop& loop, HttpClient& http, SessionSettings settings);
  ~HttpSession();

  using RequestId = std::uint64_t;
  using Done = std::function<void(Result<SessionAnswer>)>;
  RequestId send(SessionRequest request, Done done);
  void cancel(RequestId id);  // unknown ids are fine

  const Credential* credential_for(const Url& url) const;
  NetworkStatistics& statistics();
  // What has been under way longest, "" when nothing is.
  std::string slowest() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // with the HeldBytes that are still out
};

}  // namespace hod::fetcher
