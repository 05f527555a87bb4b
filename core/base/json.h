// JSON as a value of our own: ordered members, numbers as written, positions for messages. Parsed
// by nlohmann/json (json.cc is the only file that sees it); for small documents (manifests,
// configuration, answers of a registry's control routes). Packuments never come here:
// cache/packument_parse.cc turns them straight into flat records.
//
// Limits (T-RES-05): depth 512, document 64 MiB unless told otherwise. Duplicate keys: the last one
// wins (as in JavaScript), keeping the first one's place. `__proto__` is a key like any other
// (T-RES-02). A leading BOM is skipped. Threads: a value, no sharing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"

namespace hod {

class Json {
 public:
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };
  using Member = std::pair<std::string, Json>;

  // `origin` names the text in messages (a path or URL). Errors: json_invalid at
  // "origin:line:column".
  static Result<Json> parse(std::string_view text, std::string_view origin);

  Json() = default;  // null
  static Json boolean(bool value);
  static Json number(std::int64_t value);
  static Json real(double value);
  static Json string(std::string_view text);
  static Json array();
  static Json object();
  static Json object(std::vector<Member> members);  // keys are distinct; set() looks for its key

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_boolean() const { return kind_ == Kind::boolean; }
  bool is_number() const { return kind_ == Kind::number; }
  bool is_string() const { return kind_ == Kind::string; }
  bool is_array() const { return kind_ == Kind::array; }
  bool is_object() const { return kind_ == Kind::object; }
  std::string_view kind_name() const;  // "a string", "an object" … for messages

  bool as_boolean() const {
    return kind_ == Kind::boolean && text_ == "true";
  }                          // false for other kinds
  double as_number() const;  // 0 for other kinds
  std::string_view number_text() const {
    return kind_ == Kind::number ? std::string_view(text_) : std::string_view();
  }                                      // as written
  const std::string& as_string() const;  // of a string; empty for other kinds
  const std::vector<Json>& elements() const { return elements_; }  // empty unless an array
  const std::vector<Member>& members() const {
    return members_;
  }  // empty unless an object; in the order of the text

  // The member called `key`, or null when this is no object or has none.
  const Json* find(std::string_view key) const;
  // find(), and the text if it is a string.
  const std::string* find_string(std::string_view key) const;

  Json& push(Json element);                     // array
  Json& set(std::string_view key, Json value);  // object; replaces in place

  // Byte offset in the parsed text just behind this value's first token; 0 for made values. See
  // json_position().
  std::size_t offset() const { return offset_; }

  // indent 0: one line without blanks, as JSON.stringify(value); else as JSON.stringify(value,
  // null, indent).
  std::string dump(int indent = 0) const;

  friend bool operator==(const Json& a, const Json& b);

 private:
  friend class JsonBuilder;
  Kind kind_ = Kind::null;
  std::size_t offset_ = 0;
  std::string text_;  // boolean, number and string
  std::vector<Json> elements_;
  std::vector<Member> members_;
};

// "line:column" (from 1, columns in bytes) of a byte offset.
std::string json_position(std::string_view text, std::size_t offset);

// `text` as a JSON string literal with its quotes; also escapes C1 and bidirectional controls
// (T-CLI-01).
std::string json_quoted(std::string_view text);

}  // namespace hod
