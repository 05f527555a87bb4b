// An HttpClient that answers from a script, for tests of what stands above it: no sockets, the same
// event loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fetcher/http_client.h"
#include "fetcher/loop.h"

namespace hod::tests {

struct ScriptedReply {
  int status = 200;
  fetcher::Headers headers;
  std::string body;
  std::optional<fetcher::FailureKind> fails;  // instead of an answer
  bool silent = false;                        // after the body's bytes, if any, nothing more
  bool trickle = false;                       // a byte now and then, without end
  std::chrono::milliseconds after{0};
  int http_version = 1;
};

class ScriptedHttp : public fetcher::HttpClient {
 public:
  explicit ScriptedHttp(fetcher::Loop& loop) : loop_(loop) {}

  // Replies to requests for `url`, in this order; the last one again and again.
  ScriptedHttp& answer(const std::string& url, ScriptedReply reply);

  // What was asked, in order.
  std::vector<fetcher::HttpRequest> asked;
  std::size_t asked_for(const std::string& url) const;
  std::size_t running = 0, most_running = 0, cancelled = 0;

  RequestId send(fetcher::HttpRequest request, Done done) override;
  void cancel(RequestId id) override;

 private:
  struct Open {
    fetcher::HttpRequest request;
    Done done;
    ScriptedReply reply;
  };
  void play(RequestId id);

  fetcher::Loop& loop_;
  std::map<std::string, std::deque<ScriptedReply>> script_;
  std::map<RequestId, Open> open_;
  RequestId next_id_ = 1;
};

}  // namespace hod::tests
