// SPDX-License-Identifier: MIT
// The parser for addresses that hod asks or compares.
//
// Why our own: who gets a token is decided by comparing origins, and who is asked is decided by
// libcurl. The two must read an address alike, so this parser refuses everything on which parsers
// are known to differ, and what is handed to libcurl is Url::text(), printed from the parts, never
// the original text.
//
// What must stay true:
//  (1) parse(text()) gives the same Url (without userinfo).
//  (2) A host holds ASCII letters in lower case, digits, `-`, `_`, `.`; or it is an IPv4 address of
//  four plain numbers; or
//      an IPv6 address in brackets in its one canonical spelling (T-NET-06).
//  (3) A path has no dot segment, plain or percent-encoded: a prefix of it is a prefix for every
//  server.
#include "core/model/url.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include <arpa/inet.h>

#include "core/base/ascii.h"
#include "core/base/encoding.h"
#include "core/model/web_url_host.h"

namespace hod {
namespace {

constexpr std::size_t kLongestUrl = 16 * 1024;  // bytes
constexpr std::size_t kLongestHost = 253;       // characters, DNS's limit
constexpr std::size_t kLongestLabel = 63;

Error url_error(std::string_view text, std::string_view why) {
  return Error(ErrorCode::config_invalid, "`" + redacted(text) + "` is not a usable address")
      .detail(std::string(why));
}

// Why the text cannot be an address at all; empty when it can.
std::string_view fault_of(std::string_view text) {
  if (text.empty()) return "it is empty";
  if (text.size() > kLongestUrl) return "it is longer than 16 KiB";
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7F) return "it holds a blank or control character";
    if (c == '\\') return "it holds a backslash";
  }
  return {};
}

std::uint16_t default_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

// "a.b.c" → a, b, c; empty labels too.
std::vector<std::string_view> labels_of(std::string_view host) {
  std::vector<std::string_view> labels;
  for (std::size_t start = 0; start <= host.size();) {
    const std::size_t end = std::min(host.find('.', start), host.size());
    labels.push_back(host.substr(start, end - start));
    start = end + 1;
  }
  return labels;
}

bool is_number(std::string_view label) {
  if (label.substr(0, 2) == "0x") {
    return std::all_of(label.begin() + 2, label.end(),
                       [](char c) { return is_ascii_digit(c) || (c >= 'a' && c <= 'f'); });
  }
  return std::all_of(label.begin(), label.end(), is_ascii_digit);
}

// Four decimal numbers below 256 without leading zeros: the one spelling that nobody reads as
// octal.
bool is_plain_ipv4(const std::vector<std::string_view>& labels) {
  if (labels.size() != 4) return false;
  return std::all_of(labels.begin(), labels.end(), [](std::string_view label) {
    if (label.empty() || label.size() > 3 || (label.size() > 1 && label.front() == '0'))
      return false;
    int value = 0;
    for (char c : label) {
      if (!is_ascii_digit(c)) return false;
      value = value * 10 + (c - '0');
    }
    return value < 256;
  });
}

std::optional<std::string> canonical_ipv6(std::string_view inside_brackets) {
  in6_addr address = {};
  const std::string text(inside_brackets);  // a zone ("%eth0") is refused by inet_pton
  if (inet_pton(AF_INET6, text.c_str(), &address) != 1) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> printed = {};
  if (!inet_ntop(AF_INET6, &address, printed.data(), printed.size())) return std::nullopt;
  return "[" + std::string(printed.data()) + "]";
}

struct HostText {
  std::string host;
  std::string_view fault;  // empty: good
};

HostText parse_host(std::string_view text) {
  if (!text.empty() && text.front() == '[') {
    if (text.back() != ']') return {{}, "its IPv6 address has no closing bracket"};
    std::optional<std::string> address = canonical_ipv6(text.substr(1, text.size() - 2));
    if (!address) return {{}, "its host is no IPv6 address"};
    return {std::move(*address), {}};
  }
  std::string host = ascii_lower(text);
  if (!host.empty() && host.back() == '.') host.pop_back();
  if (host.empty()) return {{}, "it has no host"};
  if (host.size() > kLongestHost) return {{}, "its host is too long"};
  for (char c : host) {
    if (c == '%') return {{}, "its host is percent-encoded"};
    if (static_cast<unsigned char>(c) >= 0x80) {
      return {{}, "its host is not ASCII: write the `xn--` form"};
    }
    if (!is_ascii_letter(c) && !is_ascii_digit(c) && c != '-' && c != '_' && c != '.') {
      return {{}, "its host holds a character that no host name has"};
    }
  }
  const std::vector<std::string_view> labels = labels_of(host);
  for (std::string_view label : labels) {
    if (label.empty()) return {{}, "its host has an empty part"};
    if (label.size() > kLongestLabel) return {{}, "its host has a part that is too long"};
  }
  if (is_number(labels.back()) && !is_plain_ipv4(labels)) {
    return {{}, "its host is a number that is no plain IPv4 address"};
  }
  return {std::move(host), {}};
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  if (text.size() > 5 || !std::all_of(text.begin(), text.end(), is_ascii_digit))
    return std::nullopt;
  unsigned value = 0;
  for (char c : text) value = value * 10 + static_cast<unsigned>(c - '0');
  if (value == 0 || value > 0xFFFF) return std::nullopt;
  return static_cast<std::uint16_t>(value);
}

// `c` as it may stand in a path or query: WHATWG's sets of what must be percent-encoded.
void append_encoded(std::string& out, char c, std::string_view forbidden) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x80 && forbidden.find(c) == std::string_view::npos) {
    out += c;
    return;
  }
  append_percent_encoded(out, c);
}

std::string encoded(std::string_view text, std::string_view forbidden) {
  std::string result;
  for (char c : text) append_encoded(result, c, forbidden);
  return result;
}

std::string without_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  std::size_t start = 1;  // behind the leading slash
  bool ends_in_folder = false;
  while (start <= path.size()) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string_view segment = path.substr(start, end - start);
    const int dots = dots_of(segment);
    if (dots == 2 && !kept.empty()) kept.pop_back();
    if (dots == 0) kept.push_back(segment);
    ends_in_folder = dots != 0;
    start = end + 1;
  }
  std::string result;
  for (std::string_view segment : kept) {
    result += '/';
    result += segment;
  }
  if (ends_in_folder || result.empty()) result += '/';
  return result;
}

// Everything behind the authority: path, query, fragment.
void set_target(Url& url, std::string_view text) {
  text = text.substr(0, text.find('#'));
  const std::size_t question = std::min(text.find('?'), text.size());
  url.path = encoded(without_dot_segments(text.substr(0, question)), "\"<>`{}^");
  url.query = encoded(text.substr(question), "\"<>'");
  if (url.query == "?") url.query.clear();
}

// Fills host, port and userinfo; what is wrong, or empty.
std::string_view set_authority(Url& url, std::string_view authority) {
  const std::size_t at = authority.find('@');
  if (at != std::string_view::npos) {
    url.userinfo = authority.substr(0, at);
    authority.remove_prefix(at + 1);
    if (authority.find('@') != std::string_view::npos) return "it has two `@`";
  }
  const std::size_t host_end = authority.find(']');
  const std::size_t colon = authority.find(':', host_end == std::string_view::npos ? 0 : host_end);
  HostText host = parse_host(authority.substr(0, colon));
  if (!host.fault.empty()) return host.fault;
  url.origin.host = std::move(host.host);
  url.origin.port = default_port(url.origin.scheme);
  if (colon == std::string_view::npos || colon + 1 == authority.size()) return {};
  const std::optional<std::uint16_t> port = parse_port(authority.substr(colon + 1));
  if (!port) return "its port is no number from 1 to 65535";
  url.origin.port = *port;
  return {};
}

}  // namespace

std::string Origin::text() const {
  std::string result = scheme + "://" + host;
  if (port != default_port(scheme)) result += ":" + std::to_string(port);
  return result;
}

Result<Url> Url::parse(std::string_view text) {
  if (const std::string_view fault = fault_of(text); !fault.empty()) {
    return failure(url_error(text, fault));
  }
  const std::optional<std::string_view> scheme = scheme_of(text);
  if (!scheme || text.substr(scheme->size(), 3) != "://") {
    return failure(url_error(text, "it does not begin with `https://` or `http://`"));
  }
  Url url;
  url.origin.scheme = ascii_lower(*scheme);
  if (url.origin.scheme != "http" && url.origin.scheme != "https") {
    return failure(url_error(text, "only https and http are spoken here"));
  }
  std::string_view rest = text.substr(scheme->size() + 3);
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  if (const std::string_view fault = set_authority(url, rest.substr(0, end)); !fault.empty()) {
    return failure(url_error(text, fault));
  }
  set_target(url, rest.substr(end));
  return url;
}

Result<Url> Url::resolved(std::string_view reference) const {
  if (reference.empty()) return *this;
  if (const std::string_view fault = fault_of(reference); !fault.empty()) {
    return failure(url_error(reference, fault));
  }
  if (scheme_of(reference)) return parse(reference);
  if (reference.substr(0, 2) == "//") return parse(origin.scheme + ":" + std::string(reference));
  Url url = *this;
  if (reference.front() == '#') return url;
  if (reference.front() == '/') {
    set_target(url, reference);
  } else if (reference.front() == '?') {
    set_target(url, path + std::string(reference));
  } else {
    set_target(url, path.substr(0, path.rfind('/') + 1) + std::string(reference));
  }
  return url;
}

std::string Url::text() const { return origin.text() + path + query; }

bool Url::is_loopback() const {
  const std::string& host = origin.host;
  if (host == "localhost" || host == "[::1]") return true;
  return host.compare(0, 4, "127.") == 0 && is_plain_ipv4(labels_of(host));
}

}  // namespace hod
