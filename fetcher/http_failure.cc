// SPDX-License-Identifier: MIT
// The table from faults to sentences. A person behind a company proxy with a wrong clock and a
// missing certificate has to find out which of the three it is from these lines alone.
#include "fetcher/http_failure.h"

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "core/base/printable.h"

namespace hod::fetcher {

namespace {

// OpenSSL's numbers for what is wrong with a certificate (X509_V_ERR_… of x509_vfy.h).
constexpr long kUnspecified = 1;
constexpr long kNotYetValid = 9;
constexpr long kExpired = 10;
constexpr long kSelfSigned = 18;
constexpr long kSelfSignedInChain = 19;
constexpr long kIssuerUnknown = 20;
constexpr long kLeafUnverifiable = 21;
constexpr long kRevoked = 23;
constexpr long kOtherHost = 62;
constexpr long kOtherAddress = 64;

constexpr std::string_view kNetworkHint =
    "check the network connection and the registry's address (`hod config get registry`); "
    "`--offline` works from the cache alone";
constexpr std::string_view kProxyHint =
    "check `proxy`, `https-proxy` and `noproxy` (also HTTP_PROXY, HTTPS_PROXY, NO_PROXY)";
constexpr std::string_view kTrustHint =
    "if a company's own certificate authority signs this host, name its certificate with `cafile` "
    "or NODE_EXTRA_CA_CERTS";

HttpFailure made(FailureKind kind, ErrorCode code, std::string what, std::string_view hint) {
  Error error(code, std::move(what));
  if (!hint.empty()) error = std::move(error).hint(std::string(hint));
  return {kind, std::move(error)};
}

std::string ticked(std::string_view text) { return "`" + printable(text) + "`"; }

HttpFailure distrust(const std::string& host, long verify_result) {
  constexpr auto kind = FailureKind::tls;
  constexpr auto code = ErrorCode::network_tls;
  std::string certificate = "the certificate of " + host;
  switch (verify_result) {
    case kExpired:
      return made(kind, code, certificate + " has expired",
                  "tell whoever runs the host; if this machine's clock is wrong, set it");
    case kNotYetValid:
      return made(kind, code, certificate + " is not valid yet",
                  "this machine's clock is probably behind: set it");
    case kSelfSigned:
      return made(kind, code, certificate + " is self-signed and not known here", kTrustHint);
    case kSelfSignedInChain:
    case kIssuerUnknown:
    case kLeafUnverifiable:
      return made(kind, code, certificate + " is signed by an authority not known here",
                  kTrustHint);
    case kRevoked:
      return made(kind, code, certificate + " was revoked", "tell whoever runs the host");
    case kOtherHost:
    case kOtherAddress:
    case kUnspecified:  // libcurl compares the name itself and leaves its result as it began
    case 0:
      return made(kind, code, certificate + " was made for another host",
                  "check the address; a network that intercepts connections looks like this too");
    default:
      return made(kind, code, certificate + " is not believed", kTrustHint);
  }
}

HttpFailure not_connected(const std::string& host, int os_error) {
  std::string what;
  if (os_error == ECONNREFUSED) {
    what = host + " refuses the connection";
  } else if (os_error == ENETUNREACH || os_error == EHOSTUNREACH) {
    what = "there is no way to " + host + " from this network";
  } else {
    what = "no connection to " + host;
    if (os_error != 0) what += std::string(": ") + std::strerror(os_error);
  }
  return made(FailureKind::unreachable, ErrorCode::network_failed, std::move(what), kNetworkHint);
}

HttpFailure described(const Url& url, const TransferFacts& facts) {
  using enum TransferFault;
  std::string host = ticked(url.origin.host);
  std::string gate = "the proxy " + ticked(redacted(facts.proxy));
  switch (facts.fault) {
    case resolve_host:
      return made(FailureKind::name_lookup, ErrorCode::network_failed,
                  "the name " + host + " cannot be resolved (DNS)", kNetworkHint);
    case resolve_proxy:
      return made(FailureKind::name_lookup, ErrorCode::network_failed,
                  "the name of " + gate + " cannot be resolved (DNS)", kProxyHint);
    case resolve_silent:
      return made(FailureKind::name_lookup, ErrorCode::network_timeout,
                  "looking up the name " + host + " (DNS) gives no answer", kNetworkHint);
    case connect:
      return not_connected(facts.proxy.empty() ? host : gate, facts.os_error);
    case connect_silent:
      return made(FailureKind::timeout, ErrorCode::network_timeout,
                  "no connection to " + (facts.proxy.empty() ? host : gate) + " in time",
                  kNetworkHint);
    case lost:
      return made(FailureKind::connection, ErrorCode::network_failed,
                  "the connection to " + host + " was lost before the answer was complete",
                  kNetworkHint);
    case garbled:
      return made(FailureKind::connection, ErrorCode::network_failed,
                  host + " sent something that is no proper HTTP answer", kNetworkHint);
    case silent:
      return made(FailureKind::timeout, ErrorCode::network_timeout, host + " went silent",
                  kNetworkHint);
    case distrust:
      return hod::fetcher::distrust(host, facts.verify_result);
    case handshake:
      return made(FailureKind::tls, ErrorCode::network_tls,
                  "no secure connection to " + host + " could be agreed on",
                  "if the server is not yours to mend, ask whether it speaks TLS 1.2 or later");
    case own_certificate:
      return made(FailureKind::local, ErrorCode::network_tls,
                  "the configured certificates or client key cannot be used for " + host,
                  "check `cafile`, `ca`, `certfile` and `keyfile`");
    case proxy_login:
      return made(FailureKind::proxy, ErrorCode::network_failed, gate + " wants a login (407)",
                  "put it in the proxy's address: `https-proxy=http://user:password@host:port`");
    case TransferFault::proxy:
      return made(FailureKind::proxy, ErrorCode::network_failed,
                  gate + " does not let us through to " + host, kProxyHint);
    case header_too_large:
      return made(FailureKind::too_large, ErrorCode::registry_answer,
                  host + " sent more than 256 KiB of headers", "");
    case body_too_large:
      return made(FailureKind::too_large, ErrorCode::registry_answer,
                  "the answer of " + host + " is larger than the limit", "");
  }
  return made(FailureKind::connection, ErrorCode::network_failed, "no answer from " + host, "");
}

}  // namespace

HttpFailure describe_failure(const Url& url, const TransferFacts& facts) {
  HttpFailure failure = described(url, facts);
  failure.error = std::move(failure.error).at(url.text());
  if (!facts.text.empty()) {
    failure.error = std::move(failure.error).detail(printable(redacted(facts.text)));
  }
  return failure;
}

}  // namespace hod::fetcher
