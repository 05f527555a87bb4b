// SPDX-License-Identifier: MIT
// See yaml.h. libyaml's events are turned into values one by one; a tree of libyaml's own is never
// built, so an alias cannot blow anything up: the first one is an error.
#include "lockfile/yaml.h"

#include <unordered_set>

#include <yaml.h>

namespace hod::lockfile {

namespace {

constexpr std::size_t kDeepest = 64;
constexpr std::size_t kLongestText = std::size_t{256} << 20;  // bytes

class Parser {
 public:
  Parser() { alive_ = yaml_parser_initialize(&parser_) == 1; }
  ~Parser() {
    if (alive_) yaml_parser_delete(&parser_);
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  yaml_parser_t* get() { return alive_ ? &parser_ : nullptr; }

 private:
  yaml_parser_t parser_{};
  bool alive_ = false;
};

class Event {
 public:
  Event() = default;
  ~Event() { yaml_event_delete(&event_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  yaml_event_t* get() { return &event_; }
  const yaml_event_t& operator*() const { return event_; }
  const yaml_event_t* operator->() const { return &event_; }

 private:
  yaml_event_t event_{};
};

std::string_view view_of(const yaml_char_t* text, std::size_t size) {
  return {reinterpret_cast<const char*>(text), size};
}

Json scalar_value(const yaml_event_t& event) {
  const auto& scalar = event.data.scalar;
  const std::string_view text = view_of(scalar.value, scalar.length);
  if (scalar.style == YAML_PLAIN_SCALAR_STYLE) {
    if (text == "true" || text == "false") return Json::boolean(text == "true");
    if (text.empty() || text == "~" || text == "null") return Json();
  }
  return Json::string(text);
}

// A mapping or sequence that is being read.
struct Open {
  bool is_mapping = false;
  std::vector<Json::Member>
      members;  // of a mapping; the last one may be a key whose value comes next
  bool wants_value = false;
  std::unordered_set<std::string> keys;
  Json list = Json::array();  // of a sequence
};

class Reader {
 public:
  Reader(std::string_view text, std::string_view origin) : text_(text), origin_(origin) {}

  Result<std::vector<Json>> read() {
    if (text_.size() > kLongestText) return invalid("it is larger than 256 MiB");
    yaml_parser_t* parser = parser_.get();
    if (!parser) return invalid("there is no memory for it");
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(parser, reinterpret_cast<const unsigned char*>(text_.data()),
                                 text_.size());
    for (bool more = true; more;) {
      Event event;
      if (yaml_parser_parse(parser, event.get()) != 1) {
        line_ = parser->problem_mark.line + 1;
        column_ = parser->problem_mark.column + 1;
        return invalid(parser->problem ? parser->problem : "it is no YAML");
      }
      line_ = event->start_mark.line + 1;
      column_ = event->start_mark.column + 1;
      more = event->type != YAML_STREAM_END_EVENT;
      HOD_CHECK(take(*event));
    }
    return std::move(documents_);
  }

 private:
  Result<void> take(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_NO_EVENT:
      case YAML_STREAM_START_EVENT:
      case YAML_STREAM_END_EVENT:
      case YAML_DOCUMENT_END_EVENT:
        return {};
      case YAML_DOCUMENT_START_EVENT:
        if (event.data.document_start.tag_directives.start !=
            event.data.document_start.tag_directives.end) {
          return invalid("tags are refused");
        }
        return {};
      case YAML_ALIAS_EVENT:
        return invalid("aliases are refused");
      case YAML_SCALAR_EVENT:
        return take_scalar(event);
      case YAML_SEQUENCE_START_EVENT: {
        const auto& start = event.data.sequence_start;
        HOD_CHECK(check_plain(start.anchor, start.tag));
        return open(false);
      }
      case YAML_MAPPING_START_EVENT: {
        const auto& start = event.data.mapping_start;
        HOD_CHECK(check_plain(start.anchor, start.tag));
        return open(true);
      }
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT: {
        Open done = std::move(open_.back());
        open_.pop_back();
        return add(done.is_mapping ? Json::object(std::move(done.members)) : std::move(done.list));
      }
    }
    return {};
  }

  Result<void> check_plain(const yaml_char_t* anchor, const yaml_char_t* tag) const {
    if (anchor) return invalid("anchors are refused");
    if (tag) return invalid("tags are refused");
    return {};
  }

  bool wants_key() const {
    return !open_.empty() && open_.back().is_mapping && !open_.back().wants_value;
  }

  Result<void> open(bool is_mapping) {
    if (wants_key()) return invalid("a key must be a text");
    if (open_.size() >= kDeepest) return invalid("it is nested deeper than 64 levels");
    open_.emplace_back().is_mapping = is_mapping;
    return {};
  }

  Result<void> take_scalar(const yaml_event_t& event) {
    const auto& scalar = event.data.scalar;
    HOD_CHECK(check_plain(scalar.anchor, scalar.tag));
    if (!wants_key()) return add(scalar_value(event));
    Open& mapping = open_.back();
    std::string key(view_of(scalar.value, scalar.length));
    if (key == "<<" && scalar.style == YAML_PLAIN_SCALAR_STYLE) {
      return invalid("merge keys are refused");
    }
    if (!mapping.keys.insert(key).second) {
      return invalid("the key `" + key + "` is there twice");
    }
    mapping.members.emplace_back(std::move(key), Json());
    mapping.wants_value = true;
    return {};
  }

  Result<void> add(Json value) {
    if (open_.empty()) {
      documents_.push_back(std::move(value));
    } else if (open_.back().is_mapping) {
      open_.back().members.back().second = std::move(value);
      open_.back().wants_value = false;
    } else {
      open_.back().list.push(std::move(value));
    }
    return {};
  }

  tl::unexpected<Error> invalid(std::string what) const {
    return failure(
        Error(ErrorCode::lockfile_invalid, "not valid YAML, or more of it than hod reads: " + what)
            .at(std::string(origin_) + ":" + std::to_string(line_) + ":" +
                std::to_string(column_)));
  }

  std::string_view text_;
  std::string_view origin_;
  Parser parser_;
  std::size_t line_ = 1;
  std::size_t column_ = 1;
  std::vector<Open> open_;
  std::vector<Json> documents_;
};

}  // namespace

Result<std::vector<Json>> parse_yaml(std::string_view text, std::string_view origin) {
  return Reader(text, origin).read();
}

}  // namespace hod::lockfile
