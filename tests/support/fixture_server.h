// A small HTTP/1.1 server on 127.0.0.1 for tests, that can misbehave in every way a network can:
// stall, cut, reset, trickle, lie about lengths, send garbage. Ends with its object.
//
// Threads: one accepts, one a connection; the handler is called from those, one at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hod::tests {

struct FixtureRequest {
  std::string method;
  std::string target;                          // path and query as sent
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  int nth = 0;         // from 1: how often this target was asked for
  int connection = 0;  // from 1: on which connection
};

struct FixtureReply {
  static constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();

  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool chunked = false;             // no Content-Length
  std::size_t cut_at = kNowhere;    // closes after that many bytes of the body
  std::size_t reset_at = kNowhere;  // the same with a TCP reset
  std::size_t stall_at = kNowhere;  // goes silent there until the server ends or the client goes
  std::size_t trickle_from = kNowhere;  // one byte each 5 ms from there
  bool silent = false;                  // not even a header
  bool close_before = false;            // closes without an answer
  bool reset_before = false;            // resets without an answer
  std::string raw;                      // sent as it is instead of all the above; then closed
};

class FixtureServer {
 public:
  using Handler = std::function<FixtureReply(const FixtureRequest&)>;
  struct Tls {
    std::string certificate, key;  // PEM texts
  };
  explicit FixtureServer(Handler handler);
  FixtureServer(Handler handler, Tls tls);
  ~FixtureServer();
  FixtureServer(const FixtureServer&) = delete;
  FixtureServer& operator=(const FixtureServer&) = delete;

  std::uint16_t port() const;
  std::string base() const;  // "http://127.0.0.1:<port>/"
  std::vector<FixtureRequest> requests() const;
  int connections() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A TCP port of 127.0.0.1 on which nobody listens.
std::uint16_t unused_port();

// A TCP port of 127.0.0.1 that never answers: its queue of connections is full.
class DeafPort {
 public:
  DeafPort();
  ~DeafPort();
  DeafPort(const DeafPort&) = delete;
  DeafPort& operator=(const DeafPort&) = delete;
  std::uint16_t port() const;

 private:
  int listener_;
  std::vector<int> callers_;
};

}  // namespace hod::tests
