// SPDX-License-Identifier: MIT
// The rules by which npm types its configuration. Their surprises are part of them: users' files
// rely on each.
#include "core/model/npm_config_value.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/ecma_text.h"
#include "core/model/legacy_url.h"
#include "core/model/npm_config_keys.h"
#include "core/model/version.h"

namespace hod {

namespace {

using Value = std::optional<Json>;  // nothing: undefined, or does not fit

// The words of NpmConfigKey::types.
class Types {
 public:
  explicit Types(std::string_view words) {
    while (!words.empty()) {
      const std::size_t end = std::min(words.find(' '), words.size());
      words_.push_back(words.substr(0, end));
      words.remove_prefix(std::min(end + 1, words.size()));
    }
  }
  bool has(std::string_view word) const {
    return std::find(words_.begin(), words_.end(), word) != words_.end();
  }
  const std::vector<std::string_view>& words() const { return words_; }

 private:
  std::vector<std::string_view> words_;
};

Json number_json(double value) {
  if (std::isinf(value))
    return Json::string(value > 0 ? "Infinity" : "-Infinity");  // JSON has no such number
  if (std::abs(value) < 9e15 && value == std::floor(value))
    return Json::number(static_cast<std::int64_t>(value));
  return Json::real(value);
}

// Number(value) of JavaScript.
std::optional<double> number_of(const Json& value) {
  switch (value.kind()) {
    case Json::Kind::null:
      return 0;
    case Json::Kind::boolean:
      return value.as_boolean() ? 1 : 0;
    case Json::Kind::number:
      return value.as_number();
    case Json::Kind::string:
      return ecma_number(value.as_string());
    case Json::Kind::array:
    case Json::Kind::object:
      break;
  }
  return std::nullopt;
}

// path.resolve(folder, path): absolute, without "." and "..".
std::string resolved_path(std::string_view folder, std::string_view path) {
  const std::string whole = !path.empty() && path[0] == '/'
                                ? std::string(path)
                                : std::string(folder) + '/' + std::string(path);
  std::vector<std::string_view> parts;
  std::string_view rest = whole;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (!parts.empty()) {
      parts.pop_back();
    }
  }
  std::string result;
  for (const std::string_view part : parts) result.append(1, '/').append(part);
  return result.empty() ? "/" : result;
}

std::string path_of(std::string_view text, const NpmConfigContext& context) {
  if (text.substr(0, 2) == "~/" && !context.home.empty())
    return resolved_path(context.home, text.substr(2));
  return resolved_path(context.folder, text);
}

// "0022" and "0o22" are octal, "18" is decimal.
std::optional<std::int64_t> umask_of(std::string_view text) {
  const std::string_view octal = text.substr(0, 2) == "0o"  ? text.substr(2)
                                 : text.substr(0, 1) == "0" ? text.substr(1)
                                                            : "";
  if (!octal.empty() && octal.find_first_not_of("01234567") == std::string_view::npos) {
    return static_cast<std::int64_t>(ecma_number("0o" + std::string(octal)).value_or(0));
  }
  const bool decimal = !text.empty() && text[0] != '0' &&
                       text.find_first_not_of("0123456789") == std::string_view::npos;
  if (!decimal) return std::nullopt;
  return static_cast<std::int64_t>(std::min(*ecma_number(text), 9e15));
}

// --- The first step: what a text says. ---

// The words that mean themselves where a key takes no texts and no numbers. "undefined" gives
// nothing.
bool is_word(std::string_view text) {
  return text == "true" || text == "false" || text == "null" || text == "undefined";
}

Value word_value(std::string_view text) {
  if (text == "undefined") return std::nullopt;
  return text == "null" ? Json() : Json::boolean(text == "true");
}

Value parsed_text(std::string_view written, const Types& types, const NpmConfigContext& context) {
  const bool is_path = types.has("Path"), is_string = is_path || types.has("String"),
             is_number = types.has("Number");
  std::string text(ecma_trimmed(written));
  if (types.has("Boolean") && !is_string && text.empty()) return Json::boolean(true);
  if (!is_string && !is_number && is_word(text)) return word_value(text);
  if (context.expand) text = expand_variables(text, context.environment, context.defaults);
  if (types.has("Date")) {
    const auto date = ecma_date(text);
    return Json::string(date ? ecma_date_text(*date) : "Invalid Date");
  }
  if (is_path) text = path_of(text, context);
  if (types.has("Umask")) {
    const auto umask = umask_of(text);
    return umask ? Json::number(*umask) : Json::string(text);
  }
  if (const auto number = is_number ? ecma_number(text) : std::nullopt) return number_json(*number);
  return Json::string(text);
}

// A list stays as it is where the key takes none.
Value parsed_list(const Json& list, const Types& types, const NpmConfigContext& context) {
  if (!types.has("Array")) return list;
  Json result = Json::array();
  for (const Json& element : list.elements()) {
    const Value value =
        element.is_string() ? parsed_text(element.as_string(), types, context) : element;
    result.push(value.value_or(Json()));
  }
  return result;
}

// One text can hold several values, a blank line between them (certificates in a variable).
Json split_at_blank_lines(std::string_view text) {
  Json list = Json::array();
  for (;;) {
    const std::size_t end = text.find("\n\n");
    list.push(Json::string(text.substr(0, end)));
    if (end == std::string_view::npos) return list;
    text.remove_prefix(end + 2);
  }
}

Value parsed(const Json& written, const Types& types, const NpmConfigContext& context) {
  if (written.is_array()) return parsed_list(written, types, context);
  if (!written.is_string()) return written;
  if (types.has("Array"))
    return parsed_list(split_at_blank_lines(ecma_trimmed(written.as_string())), types, context);
  return parsed_text(written.as_string(), types, context);
}

// --- The second step: does it fit? ---

bool truth_of(const Json& value) {
  if (value.is_boolean()) return value.as_boolean();
  if (value.is_string()) {
    if (const auto number = ecma_number(value.as_string())) return *number != 0;
    return value.as_string() != "null" && value.as_string() != "false";
  }
  if (value.is_number()) return value.as_number() != 0;
  return !value.is_null();
}

Value valid_umask(const Json& value) {
  if (value.is_string()) {
    const auto umask = umask_of(value.as_string());
    return umask ? Value(Json::number(*umask)) : std::nullopt;
  }
  if (!value.is_number() || value.as_number() < 0 || value.as_number() >= 512) return std::nullopt;
  return number_json(std::floor(value.as_number()));
}

Value valid_number(const Json& value) {
  if (value.is_string() && value.as_string() == "Infinity") return value;
  const auto number = number_of(value);
  return number ? Value(number_json(*number)) : std::nullopt;
}

Value valid_version(const Json& value) {
  const auto version = parse_version_view(value.as_string());
  return version ? Value(Json::string(Version::of(*version).text())) : std::nullopt;
}

// `value` as the type named by `word`.
Value valid_as(std::string_view word, const Json& value, const NpmConfigContext& context) {
  if (word == "null") return value.is_null() ? Value(value) : std::nullopt;
  if (word == "false")
    return value.is_boolean() && !value.as_boolean() ? Value(value) : std::nullopt;
  if (word == "String") return Json::string(ecma_string(value));
  if (word == "Boolean") return Json::boolean(truth_of(value));
  if (word == "Number") return valid_number(value);
  if (word == "Umask") return valid_umask(value);
  if (word == "Semver") return valid_version(value);
  if (word == "Path")
    return value.is_string() ? Value(Json::string(path_of(value.as_string(), context)))
                             : std::nullopt;
  if (word == "Date") {
    const auto date = ecma_date(value.as_string());
    return date ? Value(Json::string(ecma_date_text(*date))) : std::nullopt;
  }
  if (word == "Url") {
    const auto href = legacy_url_href(ecma_string(value));
    return href ? Value(Json::string(*href)) : std::nullopt;
  }
  if (word[0] == '#')
    return value.is_number() && value.dump() == word.substr(1) ? Value(value) : std::nullopt;
  if (word == "''") word = "";
  return value.is_string() && value.as_string() == word ? Value(value) : std::nullopt;
}

// Words that stand for values, once more: now also where the key takes texts.
Json with_words(const Json& value, const Types& types) {
  if (!value.is_string()) return value;
  const std::string_view text = ecma_trimmed(value.as_string());
  const bool boolean = types.has("Boolean");
  if (text == "null" && types.has("null")) return Json();
  if (text == "true" && boolean) return Json::boolean(true);
  if (text == "false" && (boolean || types.has("false"))) return Json::boolean(false);
  return Json::string(text);
}

Value valid_one(const Json& given, const Types& types, const NpmConfigContext& context) {
  Json value = with_words(given, types);
  const bool is_false = value.is_boolean() && !value.as_boolean();
  if (is_false && types.has("null") && !types.has("false") && !types.has("Boolean")) value = Json();
  for (const std::string_view word : types.words()) {
    if (word == "Array") continue;
    if (auto valid = valid_as(word, value, context)) return valid;
  }
  return std::nullopt;
}

Value valid(const Json& value, const Types& types, const NpmConfigContext& context) {
  if (!value.is_array()) return valid_one(value, types, context);
  Json list = Json::array();
  for (const Json& element : value.elements()) {
    if (auto valid = valid_one(element, types, context)) list.push(std::move(*valid));
  }
  if (list.elements().empty() && !types.has("Array")) return std::nullopt;
  return list;
}

// Of a key that npm does not know.
Json untyped(const Json& value) {
  if (value.is_array()) {
    Json list = Json::array();
    for (const Json& element : value.elements()) list.push(untyped(element));
    return list;
  }
  if (!value.is_string()) return value;
  const std::string_view text = ecma_trimmed(value.as_string());
  return is_word(text) && text != "undefined" ? *word_value(text) : Json::string(text);
}

// `${NAME}` that begins at `dollar`: its parts, if it is one.
struct Reference {
  std::string_view name;
  bool optional = false;
  std::size_t end = 0;
};
std::optional<Reference> reference_at(std::string_view text, std::size_t dollar) {
  if (text.substr(dollar, 2) != "${") return std::nullopt;
  const std::size_t begin = dollar + 2;
  const std::size_t end = text.find_first_of("${}?", begin);
  if (end == std::string_view::npos || end == begin) return std::nullopt;
  const bool optional = text[end] == '?';
  const std::size_t close = optional ? end + 1 : end;
  if (close >= text.size() || text[close] != '}') return std::nullopt;
  return Reference{text.substr(begin, end - begin), optional, close + 1};
}

std::string referenced(const Reference& reference, const Environment& environment, bool defaults) {
  if (auto value = environment.get(reference.name)) return *value;
  if (reference.optional) return {};
  const std::size_t colon = defaults ? reference.name.find(":-") : std::string_view::npos;
  if (colon == std::string_view::npos) return "${" + std::string(reference.name) + '}';
  return environment.get(reference.name.substr(0, colon))
      .value_or(std::string(reference.name.substr(colon + 2)));
}

}  // namespace

std::string expand_variables(std::string_view text, const Environment& environment, bool defaults) {
  std::string result;
  std::size_t backslashes = 0;  // right before `position`
  for (std::size_t position = 0; position < text.size();) {
    const auto reference = reference_at(text, position);
    if (!reference) {
      backslashes = text[position] == '\\' ? backslashes + 1 : 0;
      result += text[position++];
      continue;
    }
    // Half of the backslashes go; the odd one keeps the reference as it is.
    result.resize(result.size() - (backslashes + 1) / 2);
    if (backslashes % 2 == 1) {
      result += text.substr(position, reference->end - position);
    } else {
      result += referenced(*reference, environment, defaults);
    }
    backslashes = 0;
    position = reference->end;
  }
  return result;
}

std::optional<Json> npm_config_value(std::string_view key, const Json& written,
                                     const NpmConfigContext& context) {
  const NpmConfigKey* definition = find_npm_config_key(key);
  const Types types(definition ? definition->types : std::string_view());
  const Value value = parsed(written, types, context);
  if (!definition) return value ? Value(untyped(*value)) : std::nullopt;
  if (value) return valid(*value, types, context);
  return types.has("Boolean") ? Value(Json::boolean(false))
                              : std::nullopt;  // undefined is not true
}

std::string npm_config_expectation(std::string_view key) {
  struct Name {
    std::string_view type, text;
  };
  constexpr Name kNames[] = {{"String", "a text"},
                             {"Boolean", "true or false"},
                             {"Number", "a number"},
                             {"Path", "a path"},
                             {"Url", "an address with http:// or https://"},
                             {"Date", "a date"},
                             {"Umask", "an octal number from 0o000 to 0o777"},
                             {"Semver", "a version"},
                             {"''", "nothing"}};
  const NpmConfigKey* definition = find_npm_config_key(key);
  if (!definition) return "anything";
  const Types types(definition->types);
  std::vector<std::string> choices;
  for (const std::string_view word : types.words()) {
    if (word == "Array" || word[0] == '#') continue;
    const auto* name = std::find_if(std::begin(kNames), std::end(kNames),
                                    [&](const Name& candidate) { return candidate.type == word; });
    choices.emplace_back(name == std::end(kNames) ? word : name->text);
  }
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) text += i + 1 == choices.size() ? " or " : ", ";
    text += choices[i];
  }
  return text;
}

}  // namespace hod
