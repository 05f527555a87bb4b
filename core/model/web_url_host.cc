// SPDX-License-Identifier: MIT
// Hosts and percent-encoding of the WHATWG URL standard.
#include "core/model/web_url_host.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <arpa/inet.h>

#include "core/base/ascii.h"
#include "core/base/encoding.h"

namespace hod {
namespace {

constexpr std::string_view kForbiddenInHost = " #/:<>?@[\\]^|";

int hex_value(char c) {
  if (is_ascii_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Percent-decoding that leaves malformed sequences as they are.
std::string decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_sequence = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                             hex_value(text[i + 2]) >= 0;
    if (!is_sequence) {
      result += text[i];
      continue;
    }
    result += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
    i += 2;
  }
  return result;
}

// "0x1f", "017", "31" → 31. Nothing when it is no number; too large ones become the largest.
std::optional<std::uint64_t> ipv4_number(std::string_view text) {
  if (text.empty()) return std::nullopt;
  unsigned base = 10;
  if (text.size() >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    text.remove_prefix(2);
    base = 16;
  } else if (text.size() >= 2 && text[0] == '0') {
    text.remove_prefix(1);
    base = 8;
  }
  constexpr std::uint64_t kTooLarge = std::uint64_t{1} << 40U;
  std::uint64_t value = 0;
  for (char c : text) {
    const int digit = hex_value(c);
    if (digit < 0 || static_cast<unsigned>(digit) >= base) return std::nullopt;
    value = std::min(value * base + static_cast<unsigned>(digit), kTooLarge);
  }
  return value;
}

std::vector<std::string_view> dotted_parts(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('.', start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  if (parts.size() > 1 && parts.back().empty()) parts.pop_back();
  return parts;
}

bool ends_in_number(std::string_view domain) {
  const std::string_view last = dotted_parts(domain).back();
  if (!last.empty() && std::all_of(last.begin(), last.end(), is_ascii_digit)) return true;
  return ipv4_number(last).has_value();
}

std::optional<std::string> ipv4_text(std::string_view domain) {
  const std::vector<std::string_view> parts = dotted_parts(domain);
  if (parts.size() > 4) return std::nullopt;
  std::uint64_t address = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::optional<std::uint64_t> number = ipv4_number(parts[i]);
    if (!number) return std::nullopt;
    const bool is_last = i + 1 == parts.size();
    const std::size_t bytes_left = 4 - i;
    const std::uint64_t limit = is_last ? std::uint64_t{1} << (8 * bytes_left) : 256;
    if (*number >= limit) return std::nullopt;
    address += is_last ? *number : *number << (8 * (bytes_left - 1));
  }
  std::string result;
  for (unsigned shift : {24U, 16U, 8U, 0U}) {
    if (!result.empty()) result += '.';
    result += std::to_string((address >> shift) & 0xFFU);
  }
  return result;
}

// Where the longest run of two or more zero groups is; length 0 when there is none.
struct Run {
  std::size_t start = 0;
  std::size_t length = 0;
};
Run longest_zeros(const std::array<unsigned, 8>& groups) {
  Run best;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    Run run{i, 0};
    while (i < groups.size() && groups[i] == 0) ++i;
    run.length = i - run.start;
    if (run.length > 1 && run.length > best.length) best = run;
  }
  return best;
}

std::string hex_text(unsigned value) {
  std::string result;
  do {
    result.insert(result.begin(), "0123456789abcdef"[value & 0xFU]);
    value >>= 4U;
  } while (value != 0);
  return result;
}

std::optional<std::string> ipv6_text(std::string_view inside_brackets) {
  in6_addr address = {};
  const std::string text(inside_brackets);
  if (text.find('\0') != std::string::npos) return std::nullopt;
  if (inet_pton(AF_INET6, text.c_str(), &address) != 1) return std::nullopt;
  std::array<unsigned, 8> groups = {};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i] = (static_cast<unsigned>(address.s6_addr[2 * i]) << 8U) | address.s6_addr[2 * i + 1];
  }
  const Run zeros = longest_zeros(groups);
  std::string result = "[";
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (zeros.length != 0 && i == zeros.start) {
      result += i == 0 ? "::" : ":";
      i += zeros.length - 1;
      continue;
    }
    result += hex_text(groups[i]);
    if (i + 1 < groups.size()) result += ':';
  }
  return result + "]";
}

std::optional<std::string> bracketed(std::string_view text) {
  if (text.back() != ']') return std::nullopt;
  return ipv6_text(text.substr(1, text.size() - 2));
}

}  // namespace

std::string web_encoded(std::string_view text, std::string_view set) {
  std::string result;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (!is_ascii_control(c) && byte < 0x80 && set.find(c) == std::string_view::npos) {
      result += c;
    } else {
      append_percent_encoded(result, c);
    }
  }
  return result;
}

std::optional<std::string_view> scheme_of(std::string_view text) {
  if (text.empty() || !is_ascii_letter(text.front())) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ':') return text.substr(0, i);
    if (!is_ascii_alphanumeric(c) && c != '+' && c != '-' && c != '.') return std::nullopt;
  }
  return std::nullopt;
}

int dots_of(std::string_view segment) {
  int dots = 0;
  while (!segment.empty()) {
    const bool is_encoded = ascii_lower(segment.substr(0, 3)) == "%2e";
    if ((!is_encoded && segment.front() != '.') || dots == 2) return 0;
    segment.remove_prefix(is_encoded ? 3 : 1);
    ++dots;
  }
  return dots;
}

std::optional<std::string> web_domain(std::string_view text) {
  if (!text.empty() && text.front() == '[') return bracketed(text);
  std::string domain = decoded(text);
  if (domain.empty()) return std::nullopt;
  for (char& c : domain) {
    const bool is_forbidden = is_ascii_control(c) || static_cast<unsigned char>(c) >= 0x80 ||
                              c == '%' || kForbiddenInHost.find(c) != std::string_view::npos;
    if (is_forbidden) return std::nullopt;
    c = ascii_lower(c);
  }
  return ends_in_number(domain) ? ipv4_text(domain) : std::move(domain);
}

std::optional<std::string> web_opaque_host(std::string_view text) {
  if (!text.empty() && text.front() == '[') return bracketed(text);
  for (char c : text) {
    if (c == '\0' || kForbiddenInHost.find(c) != std::string_view::npos) return std::nullopt;
  }
  return web_encoded(text, "");
}

}  // namespace hod
