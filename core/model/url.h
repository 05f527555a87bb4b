// Addresses as hod compares them: one parser, strict (T-NET-06). http and https only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace hod {

// scheme, host (lower case, no trailing dot), port: what credentials belong to.
struct Origin {
  std::string scheme;
  std::string host;
  std::uint16_t port = 0;
  std::string text() const;  // "https://host" or "http://host:8080"
  friend auto operator<=>(const Origin&, const Origin&) = default;
};

struct Url {
  Origin origin;
  std::string path;   // with leading "/", as written; dot segments removed
  std::string query;  // with leading "?", or empty
  std::string userinfo;  // never printed; refused by callers that take addresses from registries or lockfiles

  // Refuses control characters, blanks, `%2f` or `\` in the host, other schemes. Fragment dropped. Error: config_invalid.
  static Result<Url> parse(std::string_view text);
  // `reference` (absolute, "//host/…", "/path" or relative) against this one: for redirects.
  Result<Url> resolved(std::string_view reference) const;

  std::string text() const;       // without userinfo
  bool is_loopback() const;       // 127.0.0.0/8, ::1, localhost
};

// `text` with userinfo, `_authToken`-like values and query secrets replaced by "***" (T-NET-07). For any message or log.
std::string redacted(std::string_view text);

}  // namespace hod
