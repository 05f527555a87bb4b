// SPDX-License-Identifier: MIT
// Json over nlohmann's SAX parser (the only file that includes it): the values are our own, because
// order, numbers as written and positions have to survive.
#include "core/base/json.h"

#include <cmath>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "core/base/printable.h"

namespace hod {

namespace {

constexpr std::size_t kMaxDepth = 512;
constexpr std::size_t kMaxText = std::size_t{64} << 20;

// Feeds the lexer and knows how far it has read. Its copies share one position.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, const char** reached) : at_(at), reached_(reached) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    if (reached_ != nullptr) *reached_ = at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) {
    return a.at_ == b.at_;
  }
  friend bool operator!=(const CountingIterator& a, const CountingIterator& b) {
    return a.at_ != b.at_;
  }

 private:
  const char* at_;
  const char** reached_;
};

}  // namespace

class JsonBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  JsonBuilder(const char* begin, const char* const* reached) : begin_(begin), reached_(reached) {}

  bool null() override { return add(Json()); }
  bool boolean(bool value) override { return add(Json::boolean(value)); }
  bool number_integer(number_integer_t value) override {
    return add(made(Json::Kind::number, std::to_string(value)));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return add(made(Json::Kind::number, std::to_string(value)));
  }
  bool number_float(number_float_t, const string_t& text) override {
    return add(made(Json::Kind::number, text));
  }
  bool string(string_t& text) override { return add(made(Json::Kind::string, std::move(text))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::Kind::object); }
  bool start_array(std::size_t) override { return open(Json::Kind::array); }
  bool key(string_t& text) override {
    keys_.back() = std::move(text);
    return true;
  }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& problem) override {
    error_offset = position == 0 ? 0 : position - 1;
    error = problem.what();
    return false;
  }

  Json root;
  std::string error;
  std::size_t error_offset = 0;

 private:
  static Json made(Json::Kind kind, std::string text) {
    Json value;
    value.kind_ = kind;
    value.text_ = std::move(text);
    return value;
  }

  bool add(Json value) {
    if (value.offset_ == 0) value.offset_ = static_cast<std::size_t>(*reached_ - begin_);
    if (stack_.empty()) {
      root = std::move(value);
      return true;
    }
    Json& parent = stack_.back();
    if (parent.kind_ == Json::Kind::array) {
      parent.elements_.push_back(std::move(value));
    } else {
      parent.members_.emplace_back(std::move(keys_.back()), std::move(value));
    }
    return true;
  }

  bool open(Json::Kind kind) {
    if (stack_.size() >= kMaxDepth) {
      error = "nested deeper than " + std::to_string(kMaxDepth) + " levels";
      error_offset = static_cast<std::size_t>(*reached_ - begin_);
      return false;
    }
    Json value;
    value.kind_ = kind;
    value.offset_ = static_cast<std::size_t>(*reached_ - begin_);
    stack_.push_back(std::move(value));
    keys_.emplace_back();
    return true;
  }

  bool close() {
    Json value = std::move(stack_.back());
    stack_.pop_back();
    keys_.pop_back();
    if (value.kind_ == Json::Kind::object) drop_earlier_duplicates(value.members_);
    return add(std::move(value));
  }

  // The last value wins, at the first one's place.
  static void drop_earlier_duplicates(std::vector<Json::Member>& members) {
    if (members.size() < 2) return;
    std::unordered_map<std::string_view, std::size_t> first;
    std::vector<std::size_t> place(members.size());
    bool any = false;
    for (std::size_t i = 0; i < members.size(); ++i) {
      auto [found, added] = first.emplace(members[i].first, i);
      place[i] = found->second;
      any = any || !added;
    }
    if (!any) return;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (place[i] != i) members[place[i]].second = std::move(members[i].second);
    }
    std::vector<Json::Member> kept;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (place[i] == i) kept.push_back(std::move(members[i]));
    }
    members = std::move(kept);
  }

  const char* begin_;
  const char* const* reached_;
  std::vector<Json> stack_;
  std::vector<std::string> keys_;  // keys_[i]: the key being read in stack_[i]
};

namespace {

// nlohmann's message without its class, code and position, which we print ourselves.
std::string reason_of(const std::string& message) {
  std::size_t colon = message.find(": ");
  std::size_t error = message.find("syntax error", 0);
  std::string reason = error != std::string::npos   ? message.substr(error)
                       : colon == std::string::npos ? message
                                                    : message.substr(colon + 2);
  std::size_t dash = reason.find(" - ");
  return dash == std::string::npos ? reason : reason.substr(dash + 3);
}

}  // namespace

Result<Json> Json::parse(std::string_view text, std::string_view origin) {
  auto fail = [&](std::string what, std::size_t offset) {
    return failure(Error(ErrorCode::json_invalid, "not valid JSON: " + printable(what))
                       .at(std::string(origin) + ":" + json_position(text, offset)));
  };
  if (text.size() > kMaxText) return fail("the text is larger than 64 MiB", 0);
  std::string_view body = text.substr(0, 3) == "\xEF\xBB\xBF" ? text.substr(3) : text;
  const char* reached = body.data();
  JsonBuilder builder(text.data(), &reached);
  CountingIterator first(body.data(), &reached);
  CountingIterator last(body.data() + body.size(), nullptr);
  bool parsed = nlohmann::json::sax_parse(first, last, &builder);
  if (!parsed) {
    std::size_t skipped = text.size() - body.size();
    std::size_t offset = std::min(text.size(), builder.error_offset + skipped);
    return fail(body.empty() ? "the file is empty" : reason_of(builder.error), offset);
  }
  return std::move(builder.root);
}

Json Json::boolean(bool value) {
  Json made;
  made.kind_ = Kind::boolean;
  made.text_ = value ? "true" : "false";
  return made;
}
Json Json::number(std::int64_t value) {
  Json made;
  made.kind_ = Kind::number;
  made.text_ = std::to_string(value);
  return made;
}
Json Json::real(double value) {
  if (!std::isfinite(value)) return Json();
  Json made;
  made.kind_ = Kind::number;
  made.text_ = nlohmann::json(value).dump();
  return made;
}
Json Json::string(std::string_view text) {
  Json made;
  made.kind_ = Kind::string;
  made.text_ = text;
  return made;
}
Json Json::array() {
  Json made;
  made.kind_ = Kind::array;
  return made;
}
Json Json::object() {
  Json made;
  made.kind_ = Kind::object;
  return made;
}
Json Json::object(std::vector<Member> members) {
  Json made = object();
  made.members_ = std::move(members);
  return made;
}

std::string_view Json::kind_name() const {
  constexpr std::string_view kNames[] = {"null",     "a boolean", "a number",
                                         "a string", "an array",  "an object"};
  return kNames[static_cast<std::size_t>(kind_)];
}

double Json::as_number() const {
  return kind_ == Kind::number ? std::strtod(text_.c_str(), nullptr) : 0;
}

const std::string& Json::as_string() const {
  static const std::string empty;
  return kind_ == Kind::string ? text_ : empty;
}

const Json* Json::find(std::string_view key) const {
  for (const Member& member : members_) {
    if (member.first == key) return &member.second;
  }
  return nullptr;
}

const std::string* Json::find_string(std::string_view key) const {
  const Json* value = find(key);
  return value != nullptr && value->is_string() ? &value->text_ : nullptr;
}

Json& Json::push(Json element) {
  HOD_ASSERT(kind_ == Kind::array);
  elements_.push_back(std::move(element));
  return *this;
}

Json& Json::set(std::string_view key, Json value) {
  HOD_ASSERT(kind_ == Kind::object);
  for (Member& member : members_) {
    if (member.first != key) continue;
    member.second = std::move(value);
    return *this;
  }
  members_.emplace_back(std::string(key), std::move(value));
  return *this;
}

bool operator==(const Json& a, const Json& b) {
  return a.kind_ == b.kind_ && a.text_ == b.text_ && a.elements_ == b.elements_ &&
         a.members_ == b.members_;
}

std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  auto escape = [&](unsigned code) {
    char buffer[8];
    std::snprintf(buffer, sizeof buffer, "\\u%04x", code);
    out += buffer;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<std::uint8_t>(text[i]);
    auto next = [&](std::size_t n) {
      return i + n < text.size() ? static_cast<std::uint8_t>(text[i + n]) : std::uint8_t{0};
    };
    if (byte == '"' || byte == '\\') {
      out.push_back('\\');
      out.push_back(text[i]);
    } else if (byte == '\n') {
      out += "\\n";
    } else if (byte == '\r') {
      out += "\\r";
    } else if (byte == '\t') {
      out += "\\t";
    } else if (byte == '\b') {
      out += "\\b";
    } else if (byte == '\f') {
      out += "\\f";
    } else if (byte < 0x20 || byte == 0x7F) {
      escape(byte);
    } else if (byte == 0xC2 && next(1) >= 0x80 && next(1) < 0xA0) {  // C1
      escape(next(1));
      ++i;
    } else if (byte == 0xE2 && ((next(1) == 0x80 && (next(2) == 0x8E || next(2) == 0x8F ||
                                                     (next(2) >= 0xA8 && next(2) <= 0xAE))) ||
                                (next(1) == 0x81 && next(2) >= 0xA6 &&
                                 next(2) <= 0xA9))) {  // separators, bidirectional marks
      escape((0x2U << 12) | (static_cast<unsigned>(next(1) & 0x3F) << 6) |
             static_cast<unsigned>(next(2) & 0x3F));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out + "\"";
}

namespace {

void write(const Json& value, int indent, std::size_t depth, std::string& out) {
  auto line = [&](std::size_t levels) {
    if (indent == 0) return;
    out.push_back('\n');
    out.append(levels * static_cast<std::size_t>(indent), ' ');
  };
  switch (value.kind()) {
    case Json::Kind::null:
      out += "null";
      return;
    case Json::Kind::boolean:
      out += value.as_boolean() ? "true" : "false";
      return;
    case Json::Kind::number:
      out += value.number_text();
      return;
    case Json::Kind::string:
      out += json_quoted(value.as_string());
      return;
    case Json::Kind::array: {
      out.push_back('[');
      bool first = true;
      for (const Json& element : value.elements()) {
        if (!first) out.push_back(',');
        first = false;
        line(depth + 1);
        write(element, indent, depth + 1, out);
      }
      if (!first) line(depth);
      out.push_back(']');
      return;
    }
    case Json::Kind::object: {
      out.push_back('{');
      bool first = true;
      for (const Json::Member& member : value.members()) {
        if (!first) out.push_back(',');
        first = false;
        line(depth + 1);
        out += json_quoted(member.first);
        out += indent == 0 ? ":" : ": ";
        write(member.second, indent, depth + 1, out);
      }
      if (!first) line(depth);
      out.push_back('}');
      return;
    }
  }
}

}  // namespace

std::string Json::dump(int indent) const {
  std::string out;
  write(*this, indent, 0, out);
  return out;
}

std::string json_position(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  std::size_t line = 1;
  std::size_t start = 0;
  for (std::size_t i = 0; i < offset; ++i) {
    if (text[i] != '\n') continue;
    ++line;
    start = i + 1;
  }
  return std::to_string(line) + ":" + std::to_string(offset - start + 1);
}

}  // namespace hod
