// SPDX-License-Identifier: MIT
// Editing JSON in place.
//
// The text is parsed by Json::parse first, for its errors. After that it is known to be well
// formed, so the scanner below only finds where things begin and end, and an edit is one splice.
//
// What must stay true: the result parses, differs from the text only in the spliced range, and a
// member that is added and removed again leaves the text as it was (unless it was its object's only
// one).
#include "core/base/json_edit.h"

#include <algorithm>
#include <array>
#include <optional>

namespace hod {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// A part of the text.
struct TextRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct MemberPlace {
  std::string key;
  TextRange name;  // the key's literal
  TextRange value;
  TextRange
      before_comma;  // blanks between the value before and its comma; empty for the first member
  TextRange after_comma;  // blanks before the key
};

struct ObjectPlace {
  TextRange braces;
  std::vector<MemberPlace> members;
};

// Finds its way in a text that is known to be JSON.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::size_t skip_blanks(std::size_t at) const {
    while (at < text_.size() && is_blank(text_[at])) ++at;
    return at;
  }

  std::size_t root() const {
    return skip_blanks(text_.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0);
  }

  // Behind the value that begins at `at`.
  std::size_t skip_value(std::size_t at) const {
    if (text_[at] == '"') return skip_string(at);
    if (text_[at] != '{' && text_[at] != '[') {
      while (at < text_.size() && !is_blank(text_[at]) && text_[at] != ',' && text_[at] != '}' &&
             text_[at] != ']') {
        ++at;
      }
      return at;
    }
    std::size_t depth = 0;
    do {
      const char c = text_[at];
      if (c == '"') {
        at = skip_string(at);
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at;
    } while (depth > 0);
    return at;
  }

  ObjectPlace object_at(std::size_t at) const {
    ObjectPlace object;
    object.braces.begin = at;
    TextRange before_comma{at + 1, at + 1};
    std::size_t after_comma = at + 1;
    at = skip_blanks(at + 1);
    while (text_[at] != '}') {
      MemberPlace member;
      member.before_comma = before_comma;
      member.after_comma = {after_comma, at};
      member.name = {at, skip_string(at)};
      member.key = key_of(member.name);
      at = skip_blanks(member.name.end);  // the colon
      member.value.begin = skip_blanks(at + 1);
      member.value.end = skip_value(member.value.begin);
      at = skip_blanks(member.value.end);
      before_comma = {member.value.end, at};
      object.members.push_back(std::move(member));
      if (text_[at] != ',') break;
      after_comma = at + 1;
      at = skip_blanks(at + 1);
    }
    object.braces.end = at + 1;
    return object;
  }

  std::string_view part(TextRange range) const {
    return text_.substr(range.begin, range.end - range.begin);
  }

 private:
  std::size_t skip_string(std::size_t at) const {
    for (++at; text_[at] != '"'; ++at) {
      if (text_[at] == '\\') ++at;
    }
    return at + 1;
  }

  std::string key_of(TextRange literal) const {
    const std::string_view quoted = part(literal);
    if (quoted.find('\\') == std::string_view::npos) {
      return std::string(quoted.substr(1, quoted.size() - 2));
    }
    return must(Json::parse(quoted, "")).as_string();
  }

  std::string_view text_;
};

// How the file is written.
struct Style {
  bool lines = true;  // one member a line
  std::string newline = "\n";
  std::string unit = "  ";  // one level of indentation
  std::string colon = ": ";
  std::string comma = ", ";  // between members on one line
};

bool has_newline(std::string_view text) { return text.find('\n') != std::string_view::npos; }

std::string_view after_last_newline(std::string_view blanks) {
  return blanks.substr(blanks.rfind('\n') + 1);
}

Style style_of(std::string_view text, const Scanner& scanner, const ObjectPlace& root) {
  Style style;
  if (text.find("\r\n") != std::string_view::npos) style.newline = "\r\n";
  if (root.members.empty()) return style;
  const MemberPlace& first = root.members.front();
  const std::string_view indent = scanner.part(first.after_comma);
  style.lines = has_newline(indent);
  if (style.lines) style.unit = after_last_newline(indent);
  const std::string_view colon = scanner.part({first.name.end, first.value.begin});
  if (!has_newline(colon)) style.colon = colon;
  if (style.colon.back() == ':') style.comma = ",";
  return style;
}

// `value` as text; `indent` is that of the line it begins in.
std::string rendered(const Json& value, const Style& style, const std::string& indent, bool lines) {
  const bool is_object = value.is_object();
  const std::size_t count = is_object ? value.members().size() : value.elements().size();
  if (count == 0) return value.dump();
  const std::string inner = indent + style.unit;
  std::string text(1, is_object ? '{' : '[');
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += lines ? "," : style.comma;
    if (lines) text += style.newline + inner;
    if (is_object) {
      const auto& [key, member] = value.members()[i];
      text += Json::string(key).dump() + style.colon + rendered(member, style, inner, lines);
    } else {
      text += rendered(value.elements()[i], style, inner, lines);
    }
  }
  if (lines) text += style.newline + indent;
  return text + (is_object ? '}' : ']');
}

bool is_compound(const Json& value) { return value.is_object() || value.is_array(); }

std::string spliced(std::string_view text, TextRange range, std::string_view replacement) {
  std::string result(text.substr(0, range.begin));
  result.append(replacement).append(text.substr(range.end));
  return result;
}

class Editor {
 public:
  explicit Editor(std::string_view text)
      : text_(text),
        scanner_(text),
        root_(scanner_.object_at(scanner_.root())),
        style_(style_of(text, scanner_, root_)) {}

  Result<std::string> with(const JsonPath& path, const Json& value, JsonPlace place,
                           std::string_view origin) const {
    ObjectPlace object = root_;
    std::string indent;  // of the line in which `object` begins
    for (std::size_t i = 0;; ++i) {
      const MemberPlace* member = find(object, path[i]);
      const bool is_last = i + 1 == path.size();
      if (!member) {
        const JsonPlace here = is_last ? place : JsonPlace::last;
        return inserted(object, indent, path[i], below(path, i + 1, value), here);
      }
      indent = indent_of(*member, indent);
      if (is_last) return replaced(*member, indent, value);
      HOD_TRY(object, object_of(*member, path, i, origin));
    }
  }

  Result<std::string> without(const JsonPath& path, std::string_view origin) const {
    std::vector<ObjectPlace> way{root_};
    for (std::size_t i = 0; i < path.size(); ++i) {
      const MemberPlace* member = find(way.back(), path[i]);
      if (!member) return std::string(text_);
      if (i + 1 == path.size()) break;
      HOD_TRY(ObjectPlace object, object_of(*member, path, i, origin));
      way.push_back(std::move(object));
    }
    std::size_t depth = way.size() - 1;
    while (depth > 0 && only_has(way[depth], path[depth])) --depth;
    return removed(way[depth], path[depth]);
  }

 private:
  // Of several members with one key the last one counts, as in Json.
  static const MemberPlace* find(const ObjectPlace& object, std::string_view key) {
    const auto found = std::find_if(object.members.rbegin(), object.members.rend(),
                                    [key](const MemberPlace& m) { return m.key == key; });
    return found == object.members.rend() ? nullptr : &*found;
  }

  static bool only_has(const ObjectPlace& object, std::string_view key) {
    return std::all_of(object.members.begin(), object.members.end(),
                       [key](const MemberPlace& m) { return m.key == key; });
  }

  Result<ObjectPlace> object_of(const MemberPlace& member, const JsonPath& path, std::size_t depth,
                                std::string_view origin) const {
    if (text_[member.value.begin] == '{') return scanner_.object_at(member.value.begin);
    std::string name = path[0];
    for (std::size_t i = 1; i <= depth; ++i) name += "." + path[i];
    return failure(Error(ErrorCode::manifest_invalid, "`" + name + "` must be an object")
                       .at(std::string(origin) + ":" + json_position(text_, member.value.begin)));
  }

  // The indentation of the line that holds `member`; `outer` is that of its object's.
  std::string indent_of(const MemberPlace& member, const std::string& outer) const {
    const std::string_view blanks = scanner_.part(member.after_comma);
    return has_newline(blanks) ? std::string(after_last_newline(blanks)) : outer;
  }

  // {path[from]: {path[from + 1]: … value}}
  static Json below(const JsonPath& path, std::size_t from, const Json& value) {
    Json result = value;
    for (std::size_t i = path.size(); i > from; --i) {
      Json object = Json::object();
      object.set(path[i - 1], std::move(result));
      result = std::move(object);
    }
    return result;
  }

  std::string replaced(const MemberPlace& member, const std::string& indent,
                       const Json& value) const {
    const std::string_view before = scanner_.part(member.value);
    const Json old = must(Json::parse(before, ""));
    if (old == value) return std::string(text_);
    // A list that stood on one line stays there.
    const bool was_line = is_compound(old) && old.dump().size() > 2 && !has_newline(before);
    return spliced(text_, member.value, rendered(value, style_, indent, style_.lines && !was_line));
  }

  std::string inserted(const ObjectPlace& object, const std::string& indent, const std::string& key,
                       const Json& value, JsonPlace place) const {
    if (object.members.empty()) return filled(object, indent, key, value);
    const std::string gap = gap_of(object);
    const std::string_view blanks = scanner_.part(object.members.back().after_comma);
    const bool lines = has_newline(blanks);
    const std::string inner = lines ? std::string(after_last_newline(blanks)) : indent;
    const std::string member =
        Json::string(key).dump() + style_.colon + rendered(value, style_, inner, lines);
    const std::size_t i =
        place == JsonPlace::sorted ? sorted_place(object, key) : object.members.size();
    if (i == 0) {
      const std::size_t at = object.members.front().name.begin;
      return spliced(text_, {at, at}, member + gap);
    }
    const std::size_t at = object.members[i - 1].value.end;
    return spliced(text_, {at, at}, gap + member);
  }

  // The first member of an object that had none.
  std::string filled(const ObjectPlace& object, const std::string& indent, const std::string& key,
                     const Json& value) const {
    Json whole = Json::object();
    whole.set(key, value);
    return spliced(text_, object.braces, rendered(whole, style_, indent, style_.lines));
  }

  // What is to stand between two members of `object`, the comma included. Empty lines are not
  // repeated.
  std::string gap_of(const ObjectPlace& object) const {
    const MemberPlace& last = object.members.back();
    const std::string_view before = scanner_.part(last.before_comma);
    const std::string_view after = scanner_.part(last.after_comma);
    if (object.members.size() == 1 && !has_newline(after)) return style_.comma;
    const auto one_line = [this](std::string_view blanks) {
      return has_newline(blanks) ? style_.newline + std::string(after_last_newline(blanks))
                                 : std::string(blanks);
    };
    return (object.members.size() == 1 ? "" : one_line(before)) + "," + one_line(after);
  }

  // Where `key` belongs: the end when the object is not sorted.
  static std::size_t sorted_place(const ObjectPlace& object, std::string_view key) {
    const auto before = [](const MemberPlace& a, const MemberPlace& b) {
      return compare_as_locale(a.key, b.key) < 0;
    };
    const auto& members = object.members;
    if (!std::is_sorted(members.begin(), members.end(), before)) return members.size();
    const auto place = std::find_if(
        members.begin(), members.end(),
        [key](const MemberPlace& member) { return compare_as_locale(member.key, key) > 0; });
    return static_cast<std::size_t>(place - members.begin());
  }

  // All members called `key` out of `object`, from the back so that places stay right.
  std::string removed(const ObjectPlace& object, std::string_view key) const {
    if (only_has(object, key)) return spliced(text_, object.braces, "{}");
    std::string text(text_);
    for (std::size_t i = object.members.size(); i-- > 0;) {
      if (object.members[i].key != key) continue;
      // With its comma: the one before it, or behind it when nothing that stays is before it.
      const bool first = std::all_of(
          object.members.begin(), object.members.begin() + static_cast<std::ptrdiff_t>(i),
          [key](const MemberPlace& member) { return member.key == key; });
      const MemberPlace& member = object.members[i];
      const TextRange range = first ? TextRange{member.name.begin, object.members[i + 1].name.begin}
                                    : TextRange{object.members[i - 1].value.end, member.value.end};
      text = spliced(text, range, "");
    }
    return text;
  }

  std::string_view text_;
  Scanner scanner_;
  ObjectPlace root_;
  Style style_;
};

// Text and root are what an edit needs; the error otherwise.
Result<void> check_text(std::string_view text, std::string_view origin) {
  HOD_TRY(const Json parsed, Json::parse(text, origin));
  if (parsed.is_object()) return {};
  return failure(Error(ErrorCode::manifest_invalid,
                       "an object is expected, it is " + std::string(parsed.kind_name()))
                     .at(std::string(origin)));
}

// The place of each ASCII character in the order of English, letters without their case; unknown
// ones come last.
constexpr std::array<unsigned char, 256> kLocaleOrder = [] {
  std::array<unsigned char, 256> order{};
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = static_cast<unsigned char>(i < 128 ? 0 : 255);
  constexpr std::string_view kAscending =
      " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz";
  unsigned char place = 1;
  for (const char c : kAscending) {
    order[static_cast<unsigned char>(c)] = place;
    if (c >= 'a' && c <= 'z') order[static_cast<unsigned char>(c - 'a' + 'A')] = place;
    ++place;
  }
  return order;
}();

}  // namespace

int compare_as_locale(std::string_view a, std::string_view b) {
  const std::size_t shared = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < shared; ++i) {
    const int difference = kLocaleOrder[static_cast<unsigned char>(a[i])] -
                           kLocaleOrder[static_cast<unsigned char>(b[i])];
    if (difference != 0) return difference;
  }
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  // Equal but for case (or beyond ASCII): small letters first, then bytes.
  for (std::size_t i = 0; i < shared; ++i) {
    if (a[i] != b[i])
      return static_cast<unsigned char>(a[i]) > static_cast<unsigned char>(b[i]) ? -1 : 1;
  }
  return 0;
}

Result<std::string> json_with(std::string_view text, const JsonPath& path, const Json& value,
                              JsonPlace place, std::string_view origin) {
  HOD_ASSERT(!path.empty());
  HOD_CHECK(check_text(text, origin));
  return Editor(text).with(path, value, place, origin);
}

Result<std::string> json_without(std::string_view text, const JsonPath& path,
                                 std::string_view origin) {
  HOD_ASSERT(!path.empty());
  HOD_CHECK(check_text(text, origin));
  return Editor(text).without(path, origin);
}

}  // namespace hod
