// The receiving end of one exchange: header lines and body pieces as they come, held to the limits
// (T-NET-13), the body in memory or, when large, in an unnamed file.
//
// Loop thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "fetcher/http_client.h"
#include "fetcher/http_failure.h"

namespace hod::fetcher {

class Transfer {
 public:
  explicit Transfer(HttpRequest request) : request_(std::move(request)) {}

  // Each returns whether to go on; if not, own_fault() or take_error() says why.
  // A header line with or without its line end. A new status line (after 100, 103) starts anew.
  bool take_header(std::string_view line);
  bool take_body(std::string_view bytes);

  void silence() { silenced_ = true; }  // on_bytes is called no more
  bool silenced() const { return silenced_; }

  const HttpRequest& request() const { return request_; }
  std::optional<TransferFault> own_fault() const { return own_fault_; }
  std::optional<Error> take_error() { return std::exchange(own_error_, std::nullopt); }
  HttpResponse take_response(int http_version);

 private:
  Result<void> keep(std::string_view bytes);

  HttpRequest request_;
  HttpResponse response_;
  std::size_t header_bytes_ = 0;
  std::uint64_t body_bytes_ = 0;
  bool silenced_ = false;
  std::optional<TransferFault> own_fault_;
  std::optional<Error> own_error_;
};

}  // namespace hod::fetcher
