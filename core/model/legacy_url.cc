// SPDX-License-Identifier: MIT
// The parser before WHATWG's: any scheme, hosts end where a character cannot belong to one, the
// rest becomes the path.
#include "core/model/legacy_url.h"

#include <algorithm>
#include <array>

#include "core/base/ascii.h"
#include "core/base/ecma_text.h"
#include "core/base/encoding.h"

namespace hod {

namespace {

constexpr std::array<std::string_view, 7> kSlashedSchemes{
    "http:", "https:", "ftp:", "gopher:", "file:", "ws:", "wss:"};

bool is_slashed(std::string_view scheme) {
  return std::find(kSlashedSchemes.begin(), kSlashedSchemes.end(), scheme) != kSlashedSchemes.end();
}

// Backslashes before a query or fragment are slashes.
std::string with_slashes(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c == '?' || c == '#') break;
    if (c == '\\') c = '/';
  }
  return result;
}

// "https:" with its colon, or nothing.
std::string_view scheme_of(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && (is_ascii_alphanumeric(text[end]) || text[end] == '.' ||
                               text[end] == '+' || text[end] == '-'))
    ++end;
  return end > 0 && end < text.size() && text[end] == ':' ? text.substr(0, end + 1)
                                                          : std::string_view();
}

struct Authority {
  std::string userinfo, host, port;
  bool has_userinfo = false;
  std::string rest;  // what follows, beginning with what ended the host
};

bool is_never_in_host(char c) {
  return std::string_view("\t\n\r \"%';<>\\^`{|}").find(c) != std::string_view::npos;
}
bool is_in_host_name(char c) {
  return is_ascii_alphanumeric(c) || c == '.' || c == '-' || c == '+' || c == '_' ||
         static_cast<unsigned char>(c) > 127;
}

// Takes the port off the host, and off its end what no name can hold.
void split_host(Authority& authority, std::string_view host) {
  const std::size_t colon = host.rfind(':');
  if (colon != std::string_view::npos &&
      host.find_first_not_of("0123456789", colon + 1) == std::string_view::npos) {
    authority.port = host.substr(colon + 1);
    host = host.substr(0, colon);
  }
  const bool is_ipv6 = host.size() > 1 && host.front() == '[' && host.back() == ']';
  if (!is_ipv6) {
    const auto bad = std::find_if_not(host.begin(), host.end(), is_in_host_name);
    if (bad != host.end()) {
      const auto length = static_cast<std::size_t>(bad - host.begin());
      authority.rest = '/' + std::string(host.substr(length)) + authority.rest;
      host = host.substr(0, length);
    }
  }
  authority.host = host.size() > 255 ? std::string() : ascii_lower(host);
}

std::optional<Authority> parse_authority(std::string_view text) {
  std::size_t at = std::string_view::npos, end = std::string_view::npos;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '@') {
      at = i;
      end = std::string_view::npos;
    } else if (c == '#' || c == '/' || c == '?') {
      end = std::min(end, i);
      break;
    } else if (is_never_in_host(c)) {
      end = std::min(end, i);
    }
  }
  Authority authority;
  std::size_t begin = 0;
  if (at != std::string_view::npos) {
    const auto userinfo = percent_decoded(text.substr(0, at));
    if (!userinfo) return std::nullopt;
    authority.userinfo = *userinfo;
    authority.has_userinfo = true;
    begin = at + 1;
  }
  end = std::min(end, text.size());
  authority.rest = text.substr(end);
  split_host(authority, text.substr(begin, end - begin));
  return authority;
}

// Characters that are escaped for the reader's convenience.
constexpr std::string_view kEscaped = "\t\n\r \"'<>\\^`{|}";

std::string encoded_userinfo(std::string_view text) {
  std::string result;
  for (std::size_t colon = 0; colon != std::string_view::npos;) {
    colon = text.find(':');
    result += percent_encoded(text.substr(0, colon));
    if (colon == std::string_view::npos) break;
    result += ':';
    text.remove_prefix(colon + 1);
  }
  return result;
}

// Path, query and fragment as they are written behind a host.
std::string tail(std::string_view rest, bool slashed) {
  const std::size_t path_end = std::min(rest.find_first_of("?#"), rest.size());
  std::string path(rest.substr(0, path_end));
  if (path.empty() && slashed) path = "/";
  if (!path.empty() && path[0] != '/') path.insert(0, 1, '/');
  return path + std::string(rest.substr(path_end));
}

}  // namespace

std::optional<std::string> legacy_url_href(std::string_view text) {
  const std::string whole = with_slashes(ecma_trimmed(text));
  std::string_view rest = whole;
  const std::string scheme = ascii_lower(scheme_of(rest));
  rest.remove_prefix(scheme.size());
  const bool slashes = rest.substr(0, 2) == "//" && scheme != "javascript:";
  if (slashes) rest.remove_prefix(2);
  // Without a scheme, "//host" has a host only where a user is named.
  if (scheme.empty() && rest.substr(0, rest.find('/')).find('@') == std::string_view::npos) {
    return std::nullopt;
  }
  if (scheme == "javascript:" || !(slashes || (!scheme.empty() && !is_slashed(scheme))))
    return std::nullopt;
  const auto authority = parse_authority(rest);
  if (!authority || (authority->host.empty() && authority->port.empty())) return std::nullopt;
  std::string href = scheme;
  if (slashes || is_slashed(scheme)) href += "//";
  if (authority->has_userinfo && !authority->userinfo.empty())
    href += encoded_userinfo(authority->userinfo) + '@';
  href += authority->host;
  if (!authority->port.empty()) href += ':' + authority->port;
  return href + tail(percent_encoded(authority->rest, kEscaped),
                     is_slashed(scheme) && !authority->host.empty());
}

}  // namespace hod
