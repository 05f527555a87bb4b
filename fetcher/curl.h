// HttpClient over libcurl: many transfers at once on the event loop (curl's multi interface with
// its socket callbacks). Keep-alive; HTTP/2 where TLS negotiates it; proxies, certificates, caps.
//
// libcurl is loaded with dlopen on the first send() and never before, unless preload() was called:
// its closure costs some 5 ms and 33 shared objects, and a command that needs no network must not
// pay them.
// Loop thread only. Transfers still running when it is destroyed end without their `done`.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "fetcher/http_client.h"
#include "fetcher/loop.h"

namespace hod::fetcher {

struct CurlSettings {
  std::string proxy, https_proxy, no_proxy;  // the environment's are not looked at
  std::vector<std::string> ca_files;         // PEM, beside the system's certificates
  std::vector<std::string> ca_certificates;  // PEM texts
  bool strict_ssl = true;
  std::string user_agent;
  unsigned max_connections = 96;   // kept open
  unsigned spare_connections = 0;  // to be ready, where the first answer is long in coming
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds stall_timeout{30'000};  // for uploads, whose progress only curl sees
};

class CurlClient : public HttpClient {
 public:
  CurlClient(Loop& loop, CurlSettings settings);
  ~CurlClient() override;

  RequestId send(HttpRequest request, Done done) override;
  void cancel(RequestId id) override;

  // Loads libcurl, where it is certain to be needed and other work can be done meanwhile. Any
  // thread; what goes wrong is told to the first send().
  static void preload();

  // "libcurl/7.88.1 OpenSSL/3.0.15 …", or why it cannot be loaded.
  static Result<std::string> version();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hod::fetcher
