// SPDX-License-Identifier: MIT
// What must stay true: text outside the smallest object member that holds the place is not touched
// (core/base/json_edit.h); of a list the whole text is written anew.
#include "cli/manifest_query.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/base/json_edit.h"

namespace hod::cli {

namespace {

constexpr std::size_t kMostSteps = 64;
constexpr std::size_t kMostGap = 1000;  // elements that an index makes between the end and itself

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Nothing when it is no index, or one that no list has.
std::optional<std::size_t> index_of(std::string_view text) {
  std::size_t index = 0;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (!is_number(text) || problem != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return index;
}

Error usage(std::string what) { return Error(ErrorCode::usage, std::move(what)); }

Json array_of(std::vector<Json> elements) {
  Json array = Json::array();
  for (Json& element : elements) array.push(std::move(element));
  return array;
}

// The dependency fields are sorted by name, as `hod add` keeps them.
JsonPlace place_for(const JsonPath& path) {
  const bool sorted = path.size() == 2 && path.front().ends_with("ependencies");
  return sorted ? JsonPlace::sorted : JsonPlace::last;
}

}  // namespace

Result<ManifestQuery> ManifestQuery::parse(std::string_view text) {
  ManifestQuery query;
  query.text_ = text;
  const Error wrong = usage("`" + query.text_ + "` names no place in a package.json")
                          .hint(
                              "names go with dots, indices and names with dots in brackets: "
                              "`scripts.test`, `files[0]`, `overrides[socket.io]`");
  for (std::size_t at = 0; at < text.size();) {
    Step step;
    const std::size_t begin = at;
    if (text[at] == '[') {
      const std::size_t end = text.find(']', at);
      if (end == std::string_view::npos) return failure(wrong.clone());
      step.key = text.substr(at + 1, end - at - 1);
      step.in_brackets = true;
      step.append = step.key.empty();
      at = end + 1;
      if (at < text.size() && text[at] != '.' && text[at] != '[') return failure(wrong.clone());
    } else {
      if (text[at] == '.' && at > 0) ++at;
      const std::size_t end = std::min(text.find_first_of(".[", at), text.size());
      step.key = text.substr(at, end - at);
      if (step.key.empty()) return failure(wrong.clone());
      at = end;
    }
    step.written = text.substr(begin, at - begin);
    if (step.key == "__proto__" || query.steps_.size() == kMostSteps) {
      return failure(wrong.clone());
    }
    query.steps_.push_back(std::move(step));
  }
  if (query.steps_.empty() || text.back() == '.') return failure(wrong.clone());
  return query;
}

std::string ManifestQuery::way_to(std::size_t at) const {
  std::string way;
  for (std::size_t i = 0; i <= at && i < steps_.size(); ++i) way += steps_[i].written;
  return "`" + way + "`";
}

Result<std::vector<std::pair<std::string, Json>>> ManifestQuery::find(const Json& manifest) const {
  using Found = std::vector<std::pair<std::string, Json>>;
  for (const Step& step : steps_) {
    if (step.append) return failure(usage("`[]` is no place to read from: `" + text_ + "`"));
  }
  const Json* here = &manifest;
  std::string way;
  for (const Step& step : steps_) {
    const std::optional<std::size_t> index = index_of(step.key);
    if (here->is_array() && !index) {
      Found each;
      for (std::size_t i = 0; i < here->elements().size(); ++i) {
        const Json* member = here->elements()[i].find(step.key);
        if (member != nullptr)
          each.emplace_back(way + "[" + std::to_string(i) + "]." + step.key, *member);
      }
      return each;
    }
    if (here->is_array()) {
      here = *index < here->elements().size() ? &here->elements()[*index] : nullptr;
    } else {
      here = here->find(step.key);
    }
    if (here == nullptr) return Found{};
    way += step.written;
  }
  if (here->is_array() && here->elements().size() == 1) here = &here->elements().front();
  return Found{{text_, *here}};
}

// `before` with the value set below step `at`; null: there is nothing yet.
Result<Json> ManifestQuery::with(const Json* before, std::size_t at, const Json& value) const {
  if (at == steps_.size()) return value;
  const Step& step = steps_[at];
  const bool makes_list = step.append || (step.in_brackets && is_number(step.key));
  if (before == nullptr ? makes_list : before->is_array()) return with_element(before, at, value);
  if (before != nullptr && !before->is_object()) {
    return failure(usage(way_to(at - 1) + " is " + std::string(before->kind_name()) +
                         ", so nothing can be set below it")
                       .hint("`hod pkg delete` it first"));
  }
  if (step.append) return failure(usage(way_to(at - 1) + " is an object, no list to add to"));
  Json object = before != nullptr ? *before : Json::object();
  HOD_TRY(Json member, with(object.find(step.key), at + 1, value));
  object.set(step.key, std::move(member));
  return object;
}

Result<Json> ManifestQuery::with_element(const Json* before, std::size_t at,
                                         const Json& value) const {
  const Step& step = steps_[at];
  std::vector<Json> elements = before != nullptr ? before->elements() : std::vector<Json>{};
  const std::optional<std::size_t> index =
      step.append ? std::optional<std::size_t>(elements.size()) : index_of(step.key);
  if (!index) return failure(usage(way_to(at - 1) + " is a list: `" + step.key + "` is no index"));
  if (*index > elements.size() + kMostGap) {
    return failure(usage(way_to(at) + " is too far behind the end of the list"));
  }
  const bool there = *index < elements.size();
  HOD_TRY(Json element, with(there ? &elements[*index] : nullptr, at + 1, value));
  if (!there) elements.resize(*index + 1);
  elements[*index] = std::move(element);
  return array_of(std::move(elements));
}

// Steps that lead nowhere leave everything as it is.
Json ManifestQuery::without(const Json& before, std::size_t at) const {
  const Step& step = steps_[at];
  const bool last = at + 1 == steps_.size();
  if (before.is_array()) {
    std::vector<Json> elements = before.elements();
    const std::optional<std::size_t> index = index_of(step.key);
    if (!index || *index >= elements.size()) return before;
    if (last) {
      elements.erase(elements.begin() + static_cast<std::ptrdiff_t>(*index));
    } else {
      elements[*index] = without(elements[*index], at + 1);
    }
    return array_of(std::move(elements));
  }
  if (before.find(step.key) == nullptr) return before;
  std::vector<Json::Member> members;
  for (const auto& [key, member] : before.members()) {
    if (key != step.key) {
      members.emplace_back(key, member);
    } else if (!last) {
      members.emplace_back(key, without(member, at + 1));
    }
  }
  return Json::object(std::move(members));
}

Result<std::string> ManifestQuery::set(std::string_view manifest, const Json& value,
                                       std::string_view origin) const {
  HOD_TRY(const Json root, Json::parse(manifest, origin));
  if (steps_.front().append) return failure(usage("`" + text_ + "` has no name before `[]`"));
  JsonPath path;
  const Json* here = &root;
  std::size_t at = 0;
  while (here != nullptr && here->is_object() && at < steps_.size() && !steps_[at].append) {
    path.push_back(steps_[at].key);
    here = here->find(steps_[at++].key);
  }
  if (path.empty())
    return json_with(manifest, {steps_.front().key}, value, JsonPlace::last, origin);
  HOD_TRY(Json member, with(here, at, value));
  return json_with(manifest, path, member, place_for(path), origin);
}

Result<std::string> ManifestQuery::remove(std::string_view manifest,
                                          std::string_view origin) const {
  HOD_TRY(const Json root, Json::parse(manifest, origin));
  JsonPath path;
  const Json* parent = &root;
  const Json* here = &root;
  std::size_t at = 0;
  while (here != nullptr && here->is_object() && at < steps_.size()) {
    path.push_back(steps_[at].key);
    parent = here;
    here = here->find(steps_[at++].key);
  }
  if (here == nullptr || path.empty()) return std::string(manifest);
  if (at < steps_.size())  // within a list
    return json_with(manifest, path, without(*here, at), JsonPlace::last, origin);
  if (path.size() == 1 || parent->members().size() > 1) return json_without(manifest, path, origin);
  path.pop_back();
  return json_with(manifest, path, Json::object(), JsonPlace::last, origin);
}

}  // namespace hod::cli
