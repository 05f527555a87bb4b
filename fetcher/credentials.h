// Which secret goes with which address. A credential belongs to an origin (scheme, host, port) and
// a path below it; it is looked up by the address that is fetched, never inherited from the
// registry that named that address (T-NET-01, T-NET-02).
#pragma once

#include <span>
#include <string>

#include "core/model/url.h"

namespace hod::fetcher {

// Credentials for one origin + path prefix ("//host:port/path/" of .npmrc).
struct Credential {
  Origin origin;  // scheme "https" unless the user's own file says http (or the host is loopback)
  std::string path_prefix;    // "/" or "/npm/"
  std::string authorization;  // header value: "Bearer …" or "Basic …"; not printed
  std::string client_certificate, client_key;  // files, may be empty
  // A program that gives the authorization (token_helpers.h); "": none.
  std::string token_helper = {};
};

// The one with the longest matching prefix, or null.
const Credential* find_credential(std::span<const Credential> credentials, const Url& url);

// "Basic …" of an address's own "user:password", percent-decoded; "" when there is none.
std::string authorization_of_userinfo(const Url& url);

}  // namespace hod::fetcher
