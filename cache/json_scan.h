// A forward-only reader of JSON text for the one hot document there is, the packument: what is
// wanted is decoded, what is not is stepped over 64 bytes at a time. No tree, no allocation except
// for decoded strings.
//
// How strict: everything the caller reads is checked as RFC 8259 says (quotes, commas, escapes,
// control characters). What it skips is only held to balanced brackets outside strings, ended
// strings and the depth limit: no fact comes from there. Invalid UTF-8 and lone surrogates become
// U+FFFD in decoded strings, as in Node.
//
// A reader that met an error stays failed: every later call answers "nothing more", so that loops
// end by themselves and the caller asks failed() once at the end.
//
// Threads: a value, no sharing. The text must outlive the reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hod::cache {

class JsonScan {
 public:
  static constexpr int kMaxDepth = 512;  // T-RES-05

  explicit JsonScan(std::string_view text);

  // The first byte of the next value ('{', '[', '"', 't', '-', …), after blanks; 0 at the end of
  // the text.
  char peek();

  // Walks an object: `on_member(key)` must consume exactly one value. A value of another kind is
  // skipped: false.
  template <class OnMember>
  bool object(OnMember&& on_member) {
    if (!open('{')) return false;
    for (bool first = true; next(first, '}'); first = false) {
      std::string_view key = member_key();
      if (failed_) break;
      on_member(key);
    }
    close();
    return !failed_;
  }

  // Walks an array: `on_element()` must consume exactly one value. A value of another kind is
  // skipped: false.
  template <class OnElement>
  bool array(OnElement&& on_element) {
    if (!open('[')) return false;
    for (bool first = true; next(first, ']'); first = false) on_element();
    close();
    return !failed_;
  }

  // The next value if it is a string, decoded; valid until the next call of string() or object().
  // Other kinds are skipped: nothing.
  std::optional<std::string_view> string();
  // The same for `true` and `false`, and for whole numbers from 0 to 2^53.
  std::optional<bool> boolean();
  std::optional<std::uint64_t> count();

  void skip();
  // skip(), and the bytes of the value.
  std::string_view raw();
  // Only blanks may be left.
  bool at_end();

  bool failed() const { return failed_; }
  void fail() { failed_ = true; }
  std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }

 private:
  bool open(char bracket);
  bool next(bool first, char closing);
  void close() { --depth_; }
  std::string_view member_key();
  void blanks();
  std::string_view quoted(std::string& scratch);
  std::string_view unescaped(const char* start, std::string& scratch);
  void skip_string();
  void skip_scalar();
  void skip_brackets();

  const char* begin_;
  const char* at_;
  const char* end_;
  int depth_ = 0;
  bool failed_ = false;
  std::string key_scratch_;
  std::string value_scratch_;
};

}  // namespace hod::cache
