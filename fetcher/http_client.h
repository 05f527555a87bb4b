// HTTP as the rest of hod sees it: one request in, one answer out; retries, redirects, credentials
// and time limits are handled above (http_session.h). Two implementations: curl (curl.h) and
// scripted answers in tests.
//
// Loop thread only. `done` is called exactly once, never from inside send().
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/result.h"
#include "core/model/url.h"
#include "fetcher/body_file.h"

namespace hod::fetcher {

using Headers = std::vector<std::pair<std::string, std::string>>;  // names in lower case
const std::string* find_header(const Headers& headers, std::string_view lower_case_name);

struct HttpRequest {
  std::string method = "GET";
  Url url;
  Headers headers;
  std::string body;
  // Metadata: yes; tarballs: never. The body is handed up as it came, gzip or not: whoever reads it
  // inflates it, on a worker.
  bool accept_compressed = false;
  // Bytes (T-NET-13).
  std::uint64_t max_body = std::uint64_t{512} << 20;
  int priority = 0;  // higher first
  // Called for each piece of the answer's body as it comes, whatever the status. Optional.
  std::function<void(std::string_view)> on_bytes;

  bool fresh_connection = false;               // no kept one: the last answer over it was bad
  std::string client_certificate, client_key;  // files; empty: none

  // A 200 body larger than this goes to an unnamed file in `spill_folder` instead of memory.
  std::uint64_t spill_above = std::numeric_limits<std::uint64_t>::max();
  std::string spill_folder;
};

struct HttpResponse {
  int status = 0;
  int http_version = 1;  // 1 or 2
  Headers headers;
  std::string body;                // empty when `file` is set
  std::shared_ptr<BodyFile> file;  // shared: the job that reads it may outlive the asker
  Url url;                         // that answered: after redirects, another one than asked for
};

// Why an exchange failed, for whoever decides about another try.
enum class FailureKind : std::uint8_t {
  name_lookup,  // no such host, or the resolver is silent
  unreachable,  // refused, no route: nothing was sent
  connection,   // reset, closed too early, an answer that is no HTTP
  timeout,      // no connection in time, or no byte for too long
  tls,          // the certificate is not believed, or no common protocol
  proxy,        // the proxy refuses
  too_large,    // header or body beyond the limits
  local,        // libcurl is missing, a file cannot be read, the disk is full
};
struct HttpFailure {
  FailureKind kind;
  Error error;  // network_failed, network_timeout, network_tls, registry_answer …: reason in words
};
using HttpOutcome = std::variant<HttpResponse, HttpFailure>;

// Error: a name or value that would end its line and begin another (T-NET-08).
Result<void> check_headers(const Headers& headers);

// One exchange on the wire: no redirects, no retries.
class HttpClient {
 public:
  using Done = std::function<void(HttpOutcome)>;
  using RequestId = std::uint64_t;
  virtual ~HttpClient() = default;
  virtual RequestId send(HttpRequest request, Done done) = 0;
  virtual void cancel(RequestId id) = 0;  // `done` is not called any more; unknown ids are fine
};

}  // namespace hod::fetcher
