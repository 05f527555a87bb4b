// HTTP as the rest of hod sees it: one request in, one answer out; retries, redirects, credentials and time limits are
// handled below (http_session.h). Two implementations: curl (curl.h) and scripted answers in tests.
//
// Loop thread only. `done` is called exactly once, never from inside send().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/model/url.h"

namespace hod::fetcher {

using Headers = std::vector<std::pair<std::string, std::string>>;  // names in lower case
const std::string* find_header(const Headers& headers, std::string_view lower_case_name);

struct HttpRequest {
  std::string method = "GET";
  Url url;
  Headers headers;
  std::string body;
  bool accept_compressed = false;             // metadata: yes; tarballs: never
  std::uint64_t max_body = std::uint64_t{512} << 20;  // bytes, before and after decoding (T-NET-13, T-NET-14)
  int priority = 0;                           // higher first
  // Called for each piece of a 200 answer's body as it comes (digest while streaming, progress). Optional.
  std::function<void(std::string_view)> on_bytes;
};

struct HttpResponse {
  int status = 0;
  Headers headers;
  std::string body;
};

// One exchange on the wire: no redirects, no retries. Errors: network_failed, network_timeout, network_tls with the reason
// in words (DNS, refused, reset, certificate …).
class HttpClient {
 public:
  using Done = std::function<void(Result<HttpResponse>)>;
  using RequestId = std::uint64_t;
  virtual ~HttpClient() = default;
  virtual RequestId send(HttpRequest request, Done done) = 0;
  virtual void cancel(RequestId id) = 0;  // `done` is not called any more
};

}  // namespace hod::fetcher
