// Addresses as hod compares them: one parser, strict (T-NET-06). http and https only. Threads:
// values.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace hod {

// scheme, host (lower case, no trailing dot), port: what credentials belong to.
struct Origin {
  std::string scheme;
  std::string host;  // a name, "127.0.0.1" or "[::1]"
  std::uint16_t port = 0;
  std::string text() const;  // "https://host" or "http://host:8080"
  friend auto operator<=>(const Origin&, const Origin&) = default;
};

struct Url {
  Origin origin;
  std::string path;   // with leading "/", as written; dot segments removed, what no path may hold
                      // percent-encoded
  std::string query;  // with leading "?", or empty
  std::string userinfo;  // as written; never printed; refused by callers that take addresses from
                         // registries or lockfiles

  // Refuses whatever two parsers could read differently: control characters, blanks, `\`, a `%` or
  // anything but ASCII letters, digits, `-`, `_` and `.` in the host, empty labels, numbers that
  // abbreviate an IPv4 address, a second `@`, other schemes. Fragment dropped. Error:
  // config_invalid.
  static Result<Url> parse(std::string_view text);
  // `reference` (absolute, "//host/…", "/path", "?query" or relative) against this one: for
  // redirects.
  Result<Url> resolved(std::string_view reference) const;

  std::string text() const;  // without userinfo
  bool is_loopback() const;  // 127.0.0.0/8, ::1, localhost
};

// `text` with userinfo, `_authToken`-like values, `Authorization` and query secrets replaced by
// "***" (T-NET-07). For any message or log. (redaction.cc)
std::string redacted(std::string_view text);

}  // namespace hod
