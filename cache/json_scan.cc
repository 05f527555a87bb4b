// SPDX-License-Identifier: MIT
// The reader over json_blocks.h. Nothing here allocates except decoding of strings with escapes or
// of invalid UTF-8.
#include "cache/json_scan.h"

#include <charconv>
#include <cmath>

#include "cache/json_blocks.h"
#include "cache/utf8.h"

namespace hod::cache {

namespace {

constexpr double kMostExact = 9007199254740992.0;  // 2^53, JavaScript's limit
constexpr char32_t kReplacement = 0xfffd;

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// Four hexadecimal digits at `at`, or -1.
int hex4(const char* at, const char* end) {
  if (end - at < 4) return -1;
  int value = 0;
  auto [stop, error] = std::from_chars(at, at + 4, value, 16);
  return error == std::errc{} && stop == at + 4 && *at != '-' ? value : -1;
}

// The character of a one-letter escape, or 0.
char simple_escape(char letter) {
  switch (letter) {
    case '"':
    case '\\':
    case '/':
      return letter;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

// Appends the character of the escape whose backslash stands at `at`. Returns the place behind it,
// or null.
const char* append_escape(const char* at, const char* end, std::string& out) {
  if (end - at < 2) return nullptr;
  if (at[1] != 'u') {
    char plain = simple_escape(at[1]);
    if (plain == 0) return nullptr;
    out.push_back(plain);
    return at + 2;
  }
  int unit = hex4(at + 2, end);
  if (unit < 0) return nullptr;
  at += 6;
  auto code = static_cast<char32_t>(unit);
  bool high = unit >= 0xd800 && unit <= 0xdbff;
  if (high && end - at >= 2 && at[0] == '\\' && at[1] == 'u') {
    int low = hex4(at + 2, end);
    if (low >= 0xdc00 && low <= 0xdfff) {
      append_utf8(out, 0x10000 + ((code - 0xd800) << 10) + (static_cast<char32_t>(low) - 0xdc00));
      return at + 6;
    }
  }
  bool lone = unit >= 0xd800 && unit <= 0xdfff;
  append_utf8(out, lone ? kReplacement : code);
  return at;
}

}  // namespace

JsonScan::JsonScan(std::string_view text)
    : begin_(text.data()), at_(text.data()), end_(text.data() + text.size()) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) at_ += kByteOrderMark.size();
}

void JsonScan::blanks() {
  while (at_ < end_ && is_blank(*at_)) ++at_;
}

char JsonScan::peek() {
  blanks();
  return at_ < end_ && !failed_ ? *at_ : '\0';
}

bool JsonScan::open(char bracket) {
  if (peek() != bracket) {
    skip();
    return false;
  }
  if (depth_ >= kMaxDepth) {
    failed_ = true;
    return false;
  }
  ++depth_;
  ++at_;
  return true;
}

// Is there another member or element? Consumes the comma before it, or the closing bracket.
bool JsonScan::next(bool first, char closing) {
  char c = peek();
  if (c == closing && !failed_) {
    ++at_;
    return false;
  }
  if (!first) {
    if (c != ',') failed_ = true;
    if (failed_) return false;
    ++at_;
    c = peek();
    if (c == closing) failed_ = true;  // a comma before the end
  }
  if (c == '\0') failed_ = true;
  return !failed_;
}

std::string_view JsonScan::member_key() {
  if (peek() != '"') {
    failed_ = true;
    return {};
  }
  std::string_view key = quoted(key_scratch_);
  if (peek() != ':') {
    failed_ = true;
    return {};
  }
  ++at_;
  return key;
}

std::optional<std::string_view> JsonScan::string() {
  if (peek() != '"') {
    skip();
    return std::nullopt;
  }
  std::string_view text = quoted(value_scratch_);
  if (failed_) return std::nullopt;
  return text;
}

// The string whose opening quote stands at at_.
std::string_view JsonScan::quoted(std::string& scratch) {
  const char* start = ++at_;
  bool non_ascii = false;
  at_ = find_string_stop(at_, end_, non_ascii);
  if (at_ == end_ || static_cast<unsigned char>(*at_) < 0x20) {
    failed_ = true;
    return {};
  }
  if (*at_ == '\\') return unescaped(start, scratch);
  std::string_view text(start, static_cast<std::size_t>(at_ - start));
  ++at_;
  if (!non_ascii || is_utf8(text)) return text;
  scratch.clear();
  append_mended_utf8(scratch, text);
  return scratch;
}

std::string_view JsonScan::unescaped(const char* start, std::string& scratch) {
  scratch.clear();
  for (;;) {
    append_mended_utf8(scratch, {start, static_cast<std::size_t>(at_ - start)});
    if (at_ == end_ || static_cast<unsigned char>(*at_) < 0x20) break;
    if (*at_ == '"') {
      ++at_;
      return scratch;
    }
    const char* after = append_escape(at_, end_, scratch);
    if (after == nullptr) break;
    start = after;
    bool non_ascii = false;
    at_ = find_string_stop(start, end_, non_ascii);
  }
  failed_ = true;
  return {};
}

std::optional<bool> JsonScan::boolean() {
  char c = peek();
  if (c != 't' && c != 'f') {
    skip();
    return std::nullopt;
  }
  std::string_view text = raw();
  if (text == "true") return true;
  if (text == "false") return false;
  failed_ = true;
  return std::nullopt;
}

std::optional<std::uint64_t> JsonScan::count() {
  std::string_view text = raw();
  std::uint64_t whole = 0;
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, whole);
  if (error == std::errc{} && stop == end) {
    if (static_cast<double>(whole) <= kMostExact) return whole;
    return std::nullopt;
  }
  double real = 0;
  auto [real_stop, real_error] = std::from_chars(text.data(), end, real);
  if (text.empty() || real_error != std::errc{} || real_stop != end) return std::nullopt;
  if (!(real >= 0) || real > kMostExact || std::floor(real) != real) return std::nullopt;
  return static_cast<std::uint64_t>(real);
}

void JsonScan::skip() {
  switch (peek()) {
    case '{':
    case '[':
      skip_brackets();
      return;
    case '"':
      skip_string();
      return;
    default:
      skip_scalar();
  }
}

std::string_view JsonScan::raw() {
  blanks();
  const char* start = at_;
  skip();
  return failed_ ? std::string_view{}
                 : std::string_view(start, static_cast<std::size_t>(at_ - start));
}

bool JsonScan::at_end() {
  blanks();
  return !failed_ && at_ == end_;
}

void JsonScan::skip_brackets() {
  const char* behind = skip_balanced(at_ + 1, end_, kMaxDepth - 1 - depth_);
  if (behind == nullptr || depth_ >= kMaxDepth) {
    failed_ = true;
    return;
  }
  at_ = behind;
}

void JsonScan::skip_string() {
  ++at_;
  for (;;) {
    bool non_ascii = false;
    at_ = find_string_stop(at_, end_, non_ascii);
    if (at_ == end_ || (*at_ == '\\' && end_ - at_ < 2)) {
      failed_ = true;
      return;
    }
    if (*at_ == '"') {
      ++at_;
      return;
    }
    at_ += *at_ == '\\' ? 2 : 1;
  }
}

void JsonScan::skip_scalar() {
  const char* start = at_;
  while (at_ < end_ && !is_blank(*at_) && *at_ != ',' && *at_ != '}' && *at_ != ']' &&
         *at_ != ':' && *at_ != '"') {
    ++at_;
  }
  if (at_ == start) failed_ = true;
}

}  // namespace hod::cache
