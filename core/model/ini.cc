// SPDX-License-Identifier: MIT
// Reads ini texts. The package builds JavaScript objects and then moves sections with dots in their
// names into each other, by reference; Table and its shared pointers play those objects.
//
// What must stay true:
//  (1) The outcome is that of the package for any text, also the odd ones (a section named like a
//  plain key, a key that is
//      a JSON number), because .npmrc files in the wild are odd.
//  (2) No text takes more than n log n time: keys are looked up in a map.
#include "core/model/ini.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/ecma_text.h"

namespace hod {

namespace {

class Table;

// One JavaScript value: an object if `table` is set, else a list if `is_list`, else `plain`.
struct Node {
  Json plain;
  bool is_list = false;
  std::vector<Json> list;
  std::shared_ptr<Table> table;

  bool is_object_in_javascript() const { return table || is_list || plain.is_null(); }
  // What `value || {}` replaces.
  bool is_falsy() const {
    if (table || is_list) return false;
    return plain.is_null() || plain == Json::boolean(false) || plain == Json::string("") ||
           (plain.is_number() && plain.as_number() == 0);
  }
};

// An object whose keys keep their order.
class Table {
 public:
  Node* find(const std::string& key) {
    const auto found = index_.find(key);
    return found == index_.end() ? nullptr : &entries_[found->second].second;
  }
  Node& at(const std::string& key) {
    const auto [found, added] = index_.try_emplace(key, entries_.size());
    if (added) entries_.emplace_back(key, Node{});
    return entries_[found->second].second;
  }
  void set(const std::string& key, Node node) { at(key) = std::move(node); }
  void erase(const std::string& key) { index_.erase(key); }

  // As Object.keys: numbers first, ascending, the others as they came.
  std::vector<std::string> keys() const;
  Json json() const;

 private:
  std::vector<std::pair<std::string, Node>> entries_;  // erased ones stay, without an index
  std::map<std::string, std::size_t> index_;
};

// Is the key one that JavaScript sorts by its number?
std::optional<std::uint64_t> array_index(const std::string& key) {
  if (key.empty() || key.size() > 10 || (key.size() > 1 && key[0] == '0')) return std::nullopt;
  if (key.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  const std::uint64_t number = std::stoull(key);
  if (number >= 0xFFFFFFFFU) return std::nullopt;
  return number;
}

std::vector<std::string> Table::keys() const {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const auto found = index_.find(entries_[i].first);
    if (found != index_.end() && found->second == i) keys.push_back(entries_[i].first);
  }
  std::stable_sort(keys.begin(), keys.end(), [](const std::string& a, const std::string& b) {
    const auto x = array_index(a), y = array_index(b);
    return x && (!y || *x < *y);
  });
  return keys;
}

Json node_json(const Node& node) {
  if (node.table) return node.table->json();
  if (!node.is_list) return node.plain;
  Json array = Json::array();
  for (const Json& element : node.list) array.push(element);
  return array;
}

Json Table::json() const {
  std::vector<Json::Member> members;
  for (const std::string& key : keys())
    members.emplace_back(key, node_json(entries_[index_.find(key)->second].second));
  return Json::object(std::move(members));
}

Node node_of(Json value) {
  Node node;
  if (value.is_array()) {
    node.is_list = true;
    node.list = value.elements();
  } else if (value.is_object()) {
    node.table = std::make_shared<Table>();
    for (const Json::Member& member : value.members())
      node.table->set(member.first, node_of(member.second));
  } else {
    node.plain = std::move(value);
  }
  return node;
}

Node empty_section() {
  Node node;
  node.table = std::make_shared<Table>();
  return node;
}

bool is_quoted(std::string_view text) {
  if (text.empty()) return false;
  const char first = text.front(), last = text.back();
  return first == last && (first == '"' || first == '\'');
}

// Up to the first `;` or `#` that no backslash precedes; `\;`, `\#` and `\\` lose their backslash.
std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ';' || c == '#') break;
    if (c != '\\') {
      result += c;
      continue;
    }
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    const bool escapes = next == ';' || next == '#' || next == '\\';
    if (!escapes) result += c;
    if (i + 1 < text.size()) result += next;
    ++i;
  }
  return std::string(ecma_trimmed(result));
}

// A key or value as it is meant: without quotes, escapes and comments.
Json meaning(std::string_view text) {
  text = ecma_trimmed(text);
  if (!is_quoted(text)) return Json::string(unescaped(text));
  if (text.front() == '\'')
    text = text.size() > 1 ? text.substr(1, text.size() - 2) : std::string_view();
  auto parsed = text.substr(0, 3) == "\xEF\xBB\xBF" ? failure(ErrorCode::json_invalid, "")
                                                    : Json::parse(text, "");
  if (!parsed) return Json::string(text);
  return std::move(*parsed);
}

// In the package these names are "counted" on an object that has them already, which makes no
// number.
bool is_uncountable(std::string_view key) {
  constexpr std::array<std::string_view, 12> kNames{
      "constructor",      "hasOwnProperty",   "isPrototypeOf",    "propertyIsEnumerable",
      "toLocaleString",   "toString",         "valueOf",          "__defineGetter__",
      "__defineSetter__", "__lookupGetter__", "__lookupSetter__", "__proto__"};
  return std::find(kNames.begin(), kNames.end(), key) != kNames.end();
}

bool is_blank_or_comment(std::string_view line) {
  line = ecma_trimmed(line);
  return line.empty() || line[0] == ';' || line[0] == '#';
}

// "[name]" alone on its line.
std::optional<std::string_view> section_name(std::string_view line) {
  const std::size_t end = line.find(']');
  if (line[0] != '[' || end == std::string_view::npos) return std::nullopt;
  if (!ecma_trimmed(line.substr(end + 1)).empty()) return std::nullopt;
  return line.substr(1, end - 1);
}

// At the dots that no backslash precedes.
std::vector<std::string> split_name(std::string_view name) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '.' && (i == 0 || name[i - 1] != '\\')) {
      parts.emplace_back();
    } else {
      parts.back() += name[i];
    }
  }
  return parts;
}

std::string without_escaped_dots(std::string_view name) {
  std::string result;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name.substr(i, 2) != "\\.") result += name[i];
  }
  return result;
}

class IniParser {
 public:
  explicit IniParser(IniOptions options) : options_(options) {}

  Result<IniDocument> parse(std::string_view text) {
    for (unsigned number = 1; !text.empty(); ++number) {
      const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
      HOD_CHECK(read_line(text.substr(0, end), number));
      const bool pair = text.substr(end, 2) == "\r\n";
      text.remove_prefix(std::min(end + (pair ? 2 : 1), text.size()));
    }
    HOD_CHECK(nest_sections());
    document_.values = top_->json();
    return std::move(document_);
  }

 private:
  static tl::unexpected<Error> broken(std::string_view what) {
    return failure(ErrorCode::config_invalid, "`" + std::string(what) + "` cannot be a name here");
  }

  Result<void> read_line(std::string_view line, unsigned number) {
    if (is_blank_or_comment(line)) return {};
    if (const auto name = section_name(line)) {
      enter_section(ecma_string(meaning(*name)), number);
      return {};
    }
    const std::size_t equals = line.find('=');
    if (equals == 0) return {};
    const bool has_value = equals != std::string_view::npos;
    const std::string_view value = has_value ? line.substr(equals + 1) : std::string_view();
    // To a JavaScript regular expression these end a line, so it does not match.
    if (value.find("\xE2\x80\xA8") != value.npos || value.find("\xE2\x80\xA9") != value.npos)
      return {};
    return read_pair(meaning(line.substr(0, equals)),
                     has_value ? meaning(value) : Json::boolean(true), number);
  }

  void enter_section(const std::string& name, unsigned number) {
    if (name == "__proto__") {  // read on, but keep nothing of it
      section_ = std::make_shared<Table>();
      in_top_ = false;
      return;
    }
    Node& node = top_->at(name);
    if (node.is_falsy()) node = empty_section();
    section_ = node.table;  // none when a plain key has taken the name: then nothing is kept
    in_top_ = false;
    document_.lines[name] = number;
  }

  Result<void> read_pair(const Json& raw, Json value, unsigned number) {
    if (raw.is_null() && options_.bracketed_arrays) return broken("null");
    std::string key = ecma_string(raw);
    const bool bracketed =
        raw.is_string() && key.size() >= 2 && key.compare(key.size() - 2, 2, "[]") == 0;
    bool is_list = bracketed && key.size() > 2;
    if (!options_.bracketed_arrays) {
      is_list = !is_uncountable(key) && ++counts_[key] > 1;
      if (is_list && !raw.is_string()) return broken(key);
    }
    if (is_list && bracketed) key.resize(key.size() - 2);
    if (key == "__proto__" || !section_) return {};
    if (value == Json::string("true")) value = Json::boolean(true);
    if (value == Json::string("false")) value = Json::boolean(false);
    if (value == Json::string("null")) value = Json();
    store(key, std::move(value), is_list);
    if (in_top_) document_.lines[key] = number;
    return {};
  }

  void store(const std::string& key, Json value, bool is_list) {
    Node* node = section_->find(key);
    if (is_list && !node) {
      node = &section_->at(key);
      node->is_list = true;
    } else if (is_list && !node->is_list) {
      Json first = node_json(*node);
      *node = Node{};
      node->is_list = true;
      node->list.push_back(std::move(first));
    }
    if (node && node->is_list) {
      node->list.push_back(std::move(value));
    } else {
      section_->set(key, node_of(std::move(value)));
    }
  }

  // [a.b] goes into [a] as b. A dot behind a backslash is part of the name.
  Result<void> nest_sections() {
    std::vector<std::string> moved;
    for (const std::string& key : top_->keys()) {
      const Node node = *top_->find(key);
      if (!node.is_object_in_javascript() || node.is_list) continue;
      std::vector<std::string> parts = split_name(key);
      const std::string last = std::move(parts.back());
      parts.pop_back();
      const std::string name = without_escaped_dots(last);
      HOD_TRY(const std::shared_ptr<Table> parent, parent_section(parts));
      if (parent == top_ && name == last) continue;
      if (parent) parent->set(name, node);
      moved.push_back(key);
    }
    for (const std::string& key : moved) top_->erase(key);
    return {};
  }

  // Null when it is a list: what is put there cannot be seen.
  Result<std::shared_ptr<Table>> parent_section(const std::vector<std::string>& parts) {
    std::shared_ptr<Table> parent = top_;
    for (const std::string& part : parts) {
      if (part == "__proto__") continue;
      if (!parent) break;
      const Node* node = parent->find(part);
      if (!node || !node->is_object_in_javascript()) {
        parent->set(part, empty_section());
        node = parent->find(part);
      }
      if (!node->table && !node->is_list) return broken(part);
      parent = node->table;
    }
    return parent;
  }

  IniOptions options_;
  IniDocument document_;
  std::shared_ptr<Table> top_ = std::make_shared<Table>();
  std::shared_ptr<Table> section_ = top_;
  bool in_top_ = true;
  std::map<std::string, unsigned> counts_;
};

}  // namespace

Result<IniDocument> parse_ini(std::string_view text, IniOptions options) {
  return IniParser(options).parse(text);
}

}  // namespace hod
