// SPDX-License-Identifier: MIT
// Secrets taken out of text that people or logs will see (T-NET-07).
//
// The text may be anything: a URL, a header, a line of .npmrc, a whole error message. So this is no
// parser but a scan for the shapes in which secrets travel. It rather hides too much than too
// little, but keeps the names of hosts and users that a person needs to find the mistake.
//
// Time is linear in the text's length: each shape is looked for once, from left to right.
#include <algorithm>
#include <array>

#include "core/base/ascii.h"
#include "core/model/url.h"

namespace hod {
namespace {

constexpr std::string_view kStars = "***";

// Keys whose value is a secret wherever they stand: `key=value`, `key: value`, `"key":"value"`.
// Lower case, and matched at the end of a longer key ("//host/:_authToken", "npm_config__auth").
constexpr std::array<std::string_view, 14> kSecretKeys = {
    "_authtoken",    "_auth",         "_password",        "authorization",       "npm-otp",
    "access_token",  "refresh_token", "auth_token",       "client_secret",       "private_token",
    "private-token", "api_key",       "x-amz-credential", "x-amz-security-token"};

// The same for `key=value` and `"key":"value"` only: in a sentence ("unexpected token: x") they are
// plain words.
constexpr std::array<std::string_view, 9> kSecretWords = {
    "token", "auth", "otp", "password", "passwd", "secret", "apikey", "signature", "sig"};

// How well-known tokens begin; they are secrets without any key in front.
constexpr std::array<std::string_view, 7> kTokenPrefixes = {"npm_", "ghp_",        "gho_",  "ghs_",
                                                            "ghu_", "github_pat_", "glpat-"};
constexpr std::size_t kShortestToken = 20;  // characters behind the prefix; shorter ones are words
constexpr std::size_t kLongestAddress =
    4096;  // characters looked at behind "://": keeps the time linear

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

bool is_word(char c) { return is_ascii_alphanumeric(c) || c == '_' || c == '-'; }

bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
  return text.size() == lower_case.size() &&
         std::equal(text.begin(), text.end(), lower_case.begin(),
                    [](char a, char b) { return ascii_lower(a) == b; });
}

// A run of characters that can belong to one address.
std::size_t end_of_address(std::string_view text, std::size_t from) {
  const std::size_t limit = std::min(text.size(), from + kLongestAddress);
  while (from < limit && !is_blank(text[from]) && !is_quote(text[from]) && text[from] != '<' &&
         text[from] != '>') {
    ++from;
  }
  return from;
}

// Is "host:port" a host with a port (or without)? If not, what follows the colon is a password with
// a slash in it.
bool ends_in_port(std::string_view authority) {
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos || authority.back() == ']') return true;
  const std::string_view port = authority.substr(colon + 1);
  return std::all_of(port.begin(), port.end(), is_ascii_digit);
}

// Where userinfo that starts at `start` ends (its `@`), or npos.
std::size_t userinfo_end(std::string_view text, std::size_t start) {
  const std::string_view address = text.substr(start, end_of_address(text, start) - start);
  const std::string_view authority = address.substr(0, address.find_first_of("/?#"));
  std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos && !authority.empty() && !ends_in_port(authority)) {
    at = address.rfind('@');
  }
  return at == std::string_view::npos ? at : start + at;
}

// "ssh://git@host" names a user, not a secret.
bool is_bare_ssh_user(std::string_view before, std::string_view userinfo) {
  const bool is_ssh =
      before.size() >= 6 && equals_ignoring_case(before.substr(before.size() - 6), "ssh://");
  return is_ssh && userinfo.find(':') == std::string_view::npos;
}

std::string without_userinfo(std::string_view text) {
  std::string result;
  std::size_t position = 0;
  for (;;) {
    const std::size_t mark = text.find("://", position);
    if (mark == std::string_view::npos) break;
    const std::size_t start = mark + 3;
    const std::size_t end = userinfo_end(text, start);
    result += text.substr(position, start - position);
    position = start;
    if (end == std::string_view::npos) continue;
    const std::string_view userinfo = text.substr(start, end - start);
    result += is_bare_ssh_user(text.substr(0, start), userinfo) ? userinfo : kStars;
    position = end;
  }
  result += text.substr(position);
  return result;
}

template <std::size_t count>
bool ends_in(std::string_view key, const std::array<std::string_view, count>& secrets) {
  return std::any_of(secrets.begin(), secrets.end(), [key](std::string_view secret) {
    if (key.size() < secret.size()) return false;
    const std::size_t rest = key.size() - secret.size();
    if (!equals_ignoring_case(key.substr(rest), secret)) return false;
    return rest == 0 || secret.front() == '_' || key[rest - 1] == '_' || key[rest - 1] == '-';
  });
}

// Where the value behind a key's separator begins: after blanks, a quote, and a scheme such as
// "Bearer".
std::size_t value_start(std::string_view text, std::size_t from) {
  const auto skip = [&](auto&& pred) {
    while (from < text.size() && pred(text[from])) ++from;
  };
  skip([](char c) { return c == ' ' || c == '\t'; });
  skip(is_quote);
  for (std::string_view scheme : {"bearer ", "basic ", "token "}) {
    if (equals_ignoring_case(text.substr(from, scheme.size()), scheme)) {
      from += scheme.size();
      skip([](char c) { return c == ' '; });
      break;
    }
  }
  return from;
}

std::size_t value_end(std::string_view text, std::size_t from) {
  while (from < text.size() && !is_blank(text[from]) && !is_quote(text[from]) &&
         std::string_view("&;,#<>)}]").find(text[from]) == std::string_view::npos) {
    ++from;
  }
  return from;
}

// What stands behind a key: `=`, `:` or `":`. `end` is npos when there is no such thing.
struct Separator {
  std::size_t end = std::string_view::npos;
  bool plain_colon = false;
};
Separator separator_at(std::string_view text, std::size_t from) {
  const bool quoted = from < text.size() && is_quote(text[from]);
  if (quoted) ++from;
  while (from < text.size() && (text[from] == ' ' || text[from] == '\t')) ++from;
  if (from == text.size() || (text[from] != '=' && text[from] != ':')) return {};
  return {from + 1, text[from] == ':' && !quoted};
}

bool is_secret(std::string_view key, Separator separator) {
  if (separator.end == std::string_view::npos) return false;
  return ends_in(key, kSecretKeys) || (!separator.plain_colon && ends_in(key, kSecretWords));
}

bool is_known_token(std::string_view word) {
  return std::any_of(kTokenPrefixes.begin(), kTokenPrefixes.end(), [word](std::string_view prefix) {
    if (word.substr(0, prefix.size()) != prefix) return false;
    const std::string_view rest = word.substr(prefix.size());
    // Those of four characters are followed by letters and digits alone; "npm_config_…" is no
    // token.
    const bool may_have_dashes = prefix.size() > 4;
    return rest.size() >= kShortestToken && rest.find_first_of("0123456789") != rest.npos &&
           (may_have_dashes || rest.find_first_of("_-") == rest.npos);
  });
}

std::string without_values(std::string_view text) {
  std::string result;
  std::size_t position = 0;
  while (position < text.size()) {
    std::size_t end = position;
    while (end < text.size() && is_word(text[end])) ++end;
    if (end == position) {
      result += text[position++];
      continue;
    }
    const std::string_view word = text.substr(position, end - position);
    position = end;
    if (is_known_token(word)) {
      result += kStars;
      continue;
    }
    result += word;
    const Separator separator = separator_at(text, end);
    if (!is_secret(word, separator)) continue;
    const std::size_t start = value_start(text, separator.end);
    const std::size_t stop = value_end(text, start);
    result += text.substr(end, start - end);
    if (stop > start) result += kStars;
    position = stop;
  }
  return result;
}

}  // namespace

std::string redacted(std::string_view text) { return without_values(without_userinfo(text)); }

}  // namespace hod
