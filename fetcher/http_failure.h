// Words for what goes wrong on the wire: one clear sentence, the address, and what to do, for each
// kind of fault (T-NET-15). Pure; knows nothing of libcurl.
#pragma once

#include <cstdint>
#include <string>

#include "fetcher/http_client.h"

namespace hod::fetcher {

enum class TransferFault : std::uint8_t {
  resolve_host,
  resolve_proxy,
  resolve_silent,  // the resolver gave no answer in time
  connect,         // refused or unreachable: see os_error
  connect_silent,
  lost,      // reset, or closed before the end
  garbled,   // no HTTP, or a broken encoding
  silent,    // connected, but no byte for too long
  distrust,  // the certificate is not believed: see verify_result
  handshake,
  own_certificate,  // cafile, certificate or key of the user cannot be used
  proxy_login,
  proxy,
  header_too_large,
  body_too_large,
};

struct TransferFacts {
  TransferFault fault = TransferFault::lost;
  int os_error = 0;
  long verify_result = 0;  // OpenSSL's number (X509_V_ERR_…), 0: unknown
  std::string proxy;       // that was used, "" for none
  std::string text;        // the library's own words
};

HttpFailure describe_failure(const Url& url, const TransferFacts& facts);

}  // namespace hod::fetcher
