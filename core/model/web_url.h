// An address read as JavaScript's `new URL(text)` reads it (the WHATWG URL standard): forgiving,
// any scheme.
//
// For specifiers only, whose meaning npm defined by that function (hosted_git.cc,
// npm_package_arg.cc). What hod connects to goes through Url (url.h), which is strict. One
// difference to the standard: a host of https and the like that is not ASCII is refused instead of
// converted (Url refuses it, too). Threads: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hod {

class WebUrl {
 public:
  // `base` counts for relative `file:` addresses only, and is a `file:` address itself. Nothing
  // when `new URL` throws.
  static std::optional<WebUrl> parse(std::string_view text, const WebUrl* base = nullptr);

  // The properties of JavaScript's URL of these names.
  std::string protocol() const { return scheme_ + ":"; }
  const std::string& username() const { return username_; }
  const std::string& password() const { return password_; }
  std::string hostname() const { return host_.value_or(""); }
  std::string host() const;
  std::string pathname() const;
  std::string hash() const;  // "#…", or "" without a fragment or with an empty one
  std::string href() const;

  void clear_hash();  // as setting `hash` to ""

 private:
  bool is_special() const;
  bool parse_authority(std::string_view text);
  bool parse_host(std::string_view text);
  void parse_path(std::string_view text);
  bool parse_file(std::string_view body, const WebUrl* base);
  bool parse_body(std::string_view body, const WebUrl* base);
  void shorten_path();

  std::string scheme_;
  std::string username_, password_;
  std::optional<std::string> host_;  // as printed; nothing: an address without "//"
  std::optional<std::uint16_t> port_;
  bool is_opaque_ = false;         // "github:a/b": the path is one text
  std::vector<std::string> path_;  // segments; of an opaque path the one text
  std::optional<std::string> query_, fragment_;
};

}  // namespace hod
