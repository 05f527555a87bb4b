// SPDX-License-Identifier: MIT
// The WHATWG URL standard's parser, as far as specifiers need it.
//
// The standard describes a state machine over characters. Without state overrides, and with a base
// for `file:` only, it falls into plain steps: scheme, then cut off fragment and query, then
// authority, then path; each a function here.
#include "core/model/web_url.h"

#include <algorithm>

#include "core/base/ascii.h"
#include "core/base/encoding.h"
#include "core/model/web_url_host.h"

namespace hod {
namespace {

// What the standard percent-encodes in each part, besides controls and everything that is not
// ASCII.
constexpr std::string_view kFragmentSet = " \"<>`";
constexpr std::string_view kQuerySet = " \"#<>";
constexpr std::string_view kSpecialQuerySet = " \"#<>'";
constexpr std::string_view kPathSet = " \"#<>?`{}";
constexpr std::string_view kUserinfoSet = " \"#<>?`{}/:;=@[\\]^|";

std::optional<std::uint16_t> default_port(std::string_view scheme) {
  if (scheme == "http" || scheme == "ws") return std::uint16_t{80};
  if (scheme == "https" || scheme == "wss") return std::uint16_t{443};
  if (scheme == "ftp") return std::uint16_t{21};
  return std::nullopt;
}

// Controls and blanks at both ends go; tabs and line ends go everywhere.
std::string cleaned(std::string_view text) {
  const auto is_edge = [](char c) { return static_cast<unsigned char>(c) <= 0x20; };
  while (!text.empty() && is_edge(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_edge(text.back())) text.remove_suffix(1);
  std::string result;
  for (char c : text) {
    if (c != '\t' && c != '\n' && c != '\r') result += c;
  }
  return result;
}

// "C:" or "C|": the standard treats drive letters specially on every system.
bool is_drive_letter(std::string_view text) {
  return text.size() == 2 && is_ascii_letter(text[0]) && (text[1] == ':' || text[1] == '|');
}
bool is_normal_drive_letter(std::string_view text) {
  return is_drive_letter(text) && text[1] == ':';
}
bool starts_with_drive_letter(std::string_view text) {
  return is_drive_letter(text.substr(0, 2)) &&
         (text.size() == 2 || std::string_view("/\\?#").find(text[2]) != std::string_view::npos);
}

}  // namespace

bool WebUrl::is_special() const { return scheme_ == "file" || default_port(scheme_).has_value(); }

std::optional<WebUrl> WebUrl::parse(std::string_view text, const WebUrl* base) {
  const std::string input = cleaned(text);
  const std::optional<std::string_view> scheme = scheme_of(input);
  if (!scheme) return std::nullopt;
  WebUrl url;
  url.scheme_ = ascii_lower(*scheme);

  std::string_view body = std::string_view(input).substr(scheme->size() + 1);
  if (const std::size_t hash = body.find('#'); hash != std::string_view::npos) {
    url.fragment_ = web_encoded(body.substr(hash + 1), kFragmentSet);
    body = body.substr(0, hash);
  }
  if (const std::size_t question = body.find('?'); question != std::string_view::npos) {
    url.query_ =
        web_encoded(body.substr(question + 1), url.is_special() ? kSpecialQuerySet : kQuerySet);
    body = body.substr(0, question);
  }
  if (!url.parse_body(body, base)) return std::nullopt;
  return url;
}

bool WebUrl::parse_body(std::string_view body, const WebUrl* base) {
  if (scheme_ == "file") return parse_file(body, base);
  std::string_view ends = "/";
  if (is_special()) {
    body.remove_prefix(std::min(body.find_first_not_of("/\\"), body.size()));
    ends = "/\\";
  } else if (body.substr(0, 2) == "//") {
    body.remove_prefix(2);
  } else if (body.substr(0, 1) == "/") {
    parse_path(body);
    return true;
  } else {
    is_opaque_ = true;
    path_ = {web_encoded(body, "")};
    return true;
  }
  const std::size_t end = std::min(body.find_first_of(ends), body.size());
  if (!parse_authority(body.substr(0, end))) return false;
  parse_path(body.substr(end));
  return true;
}

bool WebUrl::parse_authority(std::string_view text) {
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    const std::string_view userinfo = text.substr(0, at);
    const std::size_t colon = std::min(userinfo.find(':'), userinfo.size());
    username_ = web_encoded(userinfo.substr(0, colon), kUserinfoSet);
    if (colon < userinfo.size()) password_ = web_encoded(userinfo.substr(colon + 1), kUserinfoSet);
    text.remove_prefix(at + 1);
    if (text.empty()) return false;
  }
  std::size_t colon = 0;
  for (bool in_brackets = false; colon < text.size(); ++colon) {
    if (text[colon] == '[') in_brackets = true;
    if (text[colon] == ']') in_brackets = false;
    if (text[colon] == ':' && !in_brackets) break;
  }
  const bool has_port = colon < text.size();
  if (colon == 0 && (has_port || is_special())) return false;
  if (!parse_host(text.substr(0, colon))) return false;
  if (!has_port || colon + 1 == text.size()) return true;
  std::uint32_t port = 0;
  for (char c : text.substr(colon + 1)) {
    if (!is_ascii_digit(c)) return false;
    port = port * 10 + static_cast<std::uint32_t>(c - '0');
    if (port > 0xFFFF) return false;
  }
  if (default_port(scheme_) != static_cast<std::uint16_t>(port)) {
    port_ = static_cast<std::uint16_t>(port);
  }
  return true;
}

bool WebUrl::parse_host(std::string_view text) {
  host_ = is_special() ? web_domain(text) : web_opaque_host(text);
  return host_.has_value();
}

bool WebUrl::parse_file(std::string_view body, const WebUrl* base) {
  const auto is_slash = [&body](std::size_t i) {
    return i < body.size() && (body[i] == '/' || body[i] == '\\');
  };
  host_ = "";
  if (is_slash(0) && is_slash(1)) {
    body.remove_prefix(2);
    const std::size_t end = std::min(body.find_first_of("/\\"), body.size());
    const std::string_view host = body.substr(0, end);
    if (!host.empty() && !is_drive_letter(host)) {
      if (!parse_host(host)) return false;
      if (host_ == "localhost") host_ = "";
      body.remove_prefix(end);
    }
    parse_path(body);
    return true;
  }
  const bool is_relative = base && base->scheme_ == "file";
  if (is_slash(0)) {
    if (is_relative) {
      host_ = base->host_;
      const bool base_has_drive = !base->path_.empty() && is_normal_drive_letter(base->path_[0]);
      if (base_has_drive && !starts_with_drive_letter(body.substr(1))) path_ = {base->path_[0]};
    }
    parse_path(body);
    return true;
  }
  if (is_relative) {
    host_ = base->host_;
    path_ = base->path_;
    if (body.empty()) {
      if (!query_) query_ = base->query_;
      return true;
    }
    if (starts_with_drive_letter(body)) {
      path_.clear();
    } else {
      shorten_path();
    }
  }
  parse_path(body);
  return true;
}

// Appends the segments of `text` to the path.
void WebUrl::parse_path(std::string_view text) {
  if (text.empty() && !is_special()) return;
  const std::string_view separators = is_special() ? "/\\" : "/";
  if (!text.empty() && separators.find(text.front()) != std::string_view::npos) {
    text.remove_prefix(1);
  }
  for (;;) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    const bool is_last = end == text.size();
    std::string segment = web_encoded(text.substr(0, end), kPathSet);
    const int dots = dots_of(segment);
    if (dots == 2) shorten_path();
    if (dots != 0 && is_last) path_.emplace_back();
    if (dots == 0) {
      if (scheme_ == "file" && path_.empty() && is_drive_letter(segment)) segment[1] = ':';
      path_.push_back(std::move(segment));
    }
    if (is_last) return;
    text.remove_prefix(end + 1);
  }
}

void WebUrl::shorten_path() {
  if (scheme_ == "file" && path_.size() == 1 && is_normal_drive_letter(path_[0])) return;
  if (!path_.empty()) path_.pop_back();
}

std::string WebUrl::host() const {
  std::string result = hostname();
  if (port_) result += ":" + std::to_string(*port_);
  return result;
}

std::string WebUrl::pathname() const {
  if (is_opaque_) return path_.front();
  std::string result;
  for (const std::string& segment : path_) {
    result += '/';
    result += segment;
  }
  return result;
}

std::string WebUrl::hash() const {
  if (!fragment_ || fragment_->empty()) return {};
  return "#" + *fragment_;
}

void WebUrl::clear_hash() {
  fragment_.reset();
  if (!is_opaque_ || query_) return;
  while (path_.front().ends_with(' ')) path_.front().pop_back();
}

std::string WebUrl::href() const {
  std::string result = protocol();
  if (host_) {
    result += "//";
    if (!username_.empty() || !password_.empty()) {
      result += username_;
      if (!password_.empty()) result += ":" + password_;
      result += '@';
    }
    result += host();
  } else if (!is_opaque_ && path_.size() > 1 && path_.front().empty()) {
    result += "/.";
  }
  result += pathname();
  if (query_) result += "?" + *query_;
  if (fragment_) result += "#" + *fragment_;
  return result;
}

}  // namespace hod
