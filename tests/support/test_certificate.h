// Certificates made on the spot, for tests of TLS.
#pragma once

#include <string>

namespace hod::tests {

struct TestCertificate {
  std::string certificate, key;  // PEM
};

// Self-signed, for `host` (a DNS name or an IPv4 address), valid from/until so many seconds from
// now.
TestCertificate make_certificate(const std::string& host, long from = -3600, long until = 3600);

}  // namespace hod::tests
