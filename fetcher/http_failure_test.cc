#include "fetcher/http_failure.h"

#include <cerrno>
#include <string>

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::fetcher;

namespace {
HttpFailure described(TransferFacts facts) {
  return describe_failure(must(Url::parse("https://registry.example/left-pad")), facts);
}
}  // namespace

TEST_CASE("T-NET-15 each fault of the network has a sentence of its own") {
  struct Row {
    TransferFacts facts;
    FailureKind kind;
    const char* says;
  };
  using enum TransferFault;
  const Row rows[] = {
      {{resolve_host, 0, 0, "", ""}, FailureKind::name_lookup, "cannot be resolved (DNS)"},
      {{resolve_silent, 0, 0, "", ""}, FailureKind::name_lookup, "gives no answer"},
      {{connect, ECONNREFUSED, 0, "", ""}, FailureKind::unreachable, "refuses the connection"},
      {{connect, ENETUNREACH, 0, "", ""}, FailureKind::unreachable, "there is no way to"},
      {{connect_silent, 0, 0, "", ""}, FailureKind::timeout, "in time"},
      {{lost, 0, 0, "", ""}, FailureKind::connection, "was lost"},
      {{silent, 0, 0, "", ""}, FailureKind::timeout, "went silent"},
      {{distrust, 0, 10, "", ""}, FailureKind::tls, "has expired"},
      {{distrust, 0, 9, "", ""}, FailureKind::tls, "not valid yet"},
      {{distrust, 0, 18, "", ""}, FailureKind::tls, "self-signed"},
      {{distrust, 0, 20, "", ""}, FailureKind::tls, "authority not known here"},
      {{distrust, 0, 0, "", ""}, FailureKind::tls, "another host"},
      {{proxy_login, 0, 0, "http://proxy.example:3128", ""}, FailureKind::proxy, "407"},
      {{header_too_large, 0, 0, "", ""}, FailureKind::too_large, "256 KiB"},
  };
  for (const Row& row : rows) {
    HttpFailure failure = described(row.facts);
    CAPTURE(failure.error.text());
    CHECK(failure.kind == row.kind);
    CHECK(failure.error.what().find(row.says) != std::string::npos);
    CHECK(failure.error.where() == "https://registry.example/left-pad");
  }
}

TEST_CASE("T-NET-07 a proxy's password is in no message") {
  HttpFailure failure =
      described({TransferFault::connect, ECONNREFUSED, 0, "http://user:hunter2@proxy.example:3128",
                 "Failed to reach http://user:hunter2@proxy.example:3128"});
  CHECK(failure.error.text().find("proxy.example") != std::string::npos);
  CHECK(failure.error.text().find("hunter2") == std::string::npos);
}
