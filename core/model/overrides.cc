// SPDX-License-Identifier: MIT
// Overrides: three spellings read into one list of rules, and the choice of the rule for an edge.
//
//   npm   overrides    {"a": "1", "b@^2": {".": "2.1.0", "c": "3"}, "d": "$d"}    a parent is any
//   ancestor pnpm  overrides    {"a": "1", "b@^2>c": "3", "d": "-"}                        a parent
//   is the immediate one yarn  resolutions  {"a": "1", "b/c": "3", "b/**/c": "3", "d@npm:^1":
//   "1.0.0"} both
//
// What must stay true: each name in a rule passed PackageName::parse (T-LINK-04), whatever key it
// stood in (T-RES-02).
#include "core/model/overrides.h"

#include <algorithm>
#include <iterator>

#include "core/model/package_name.h"
#include "core/model/specifier.h"

namespace hod {

namespace {

constexpr RangeOptions kLoose{.loose = Loose::yes};

// "npm:^1.0.0", yarn berry's way to write a plain range; an alias ("npm:other@1") stays.
std::string_view without_range_protocol(std::string_view text) {
  constexpr std::string_view kProtocol = "npm:";
  if (!text.starts_with(kProtocol)) return text;
  const std::string_view rest = text.substr(kProtocol.size());
  return Range::parse(rest, kLoose) ? rest : text;
}

// pnpm's `parent>target`. A `>` that belongs to a range follows "@", a blank or "|".
Result<std::vector<OverrideStep>> parse_pnpm_key(std::string_view key) {
  std::vector<OverrideStep> steps;
  std::size_t begin = 0;
  for (std::size_t i = 1; i < key.size(); ++i) {
    const char before = key[i - 1];
    if (key[i] != '>' || i == begin || before == ' ' || before == '|' || before == '@') continue;
    HOD_TRY(steps.emplace_back(), parse_override_step(key.substr(begin, i - begin)));
    begin = i + 1;
  }
  HOD_TRY(steps.emplace_back(), parse_override_step(key.substr(begin)));
  return steps;
}

struct ResolutionKey {
  std::vector<OverrideStep> steps;
  bool direct = false;
};

// yarn's `a/b`, `a/**/b`, `**/b`; names may have scopes.
Result<ResolutionKey> parse_resolution_key(std::string_view key) {
  ResolutionKey result;
  bool wildcard = false;
  for (std::size_t begin = 0; begin <= key.size();) {
    std::size_t end = key.find('/', begin);
    if (begin < key.size() && key[begin] == '@' && end != std::string_view::npos) {
      end = key.find('/', end + 1);
    }
    if (end == std::string_view::npos) end = key.size();
    const std::string_view part = key.substr(begin, end - begin);
    begin = end + 1;
    if (part == "**") {
      wildcard = true;
      continue;
    }
    result.direct = !result.steps.empty() && !wildcard;
    wildcard = false;
    HOD_TRY(result.steps.emplace_back(), parse_override_step(part));
  }
  if (result.steps.empty() || wildcard) {
    return failure(ErrorCode::name_invalid, "it names no package");
  }
  return result;
}

class Reader {
 public:
  Reader(const Json& manifest, std::string_view origin, std::string_view text)
      : manifest_(manifest), origin_(origin), text_(text) {}

  Result<Overrides> read() {
    if (const Json* overrides = manifest_.find("overrides")) {
      HOD_CHECK(check_kind(*overrides, "overrides"));
      HOD_CHECK(read_npm(*overrides, "overrides", {}));
    }
    if (const Json* pnpm = manifest_.find("pnpm")) {
      HOD_CHECK(check_kind(*pnpm, "pnpm"));
      if (const Json* overrides = pnpm->find("overrides")) {
        HOD_CHECK(read_pnpm(*overrides, "pnpm.overrides"));
      }
    }
    if (const Json* resolutions = manifest_.find("resolutions")) {
      HOD_CHECK(read_yarn(*resolutions, "resolutions"));
    }
    sort(overrides_.rules);
    return std::move(overrides_);
  }

  Result<std::vector<Override>> read_pnpm_only(const Json& overrides, std::string_view where) {
    HOD_CHECK(read_pnpm(overrides, std::string(where)));
    return std::move(overrides_.rules);
  }

  static void sort(std::vector<Override>& rules) {
    std::stable_sort(rules.begin(), rules.end(), [](const Override& a, const Override& b) {
      if (a.parents.size() != b.parents.size()) return a.parents.size() > b.parents.size();
      return !a.target.selector.empty() && b.target.selector.empty();
    });
  }

 private:
  // Recursion ends: Json's depth is limited.
  Result<void> read_npm(const Json& object, const std::string& path,
                        const std::vector<OverrideStep>& parents) {
    for (const auto& [key, value] : object.members()) {
      const std::string where = path + "." + key;
      if (key == "." && !parents.empty()) {
        HOD_TRY(std::string specifier, specifier_of(value, where));
        add_npm({parents.begin(), parents.end() - 1}, parents.back(), std::move(specifier), where);
        continue;
      }
      HOD_TRY(OverrideStep step, named(parse_override_step(key), value, where));
      if (value.is_object()) {
        std::vector<OverrideStep> below = parents;
        below.push_back(std::move(step));
        HOD_CHECK(read_npm(value, where, below));
        continue;
      }
      HOD_TRY(std::string specifier, specifier_of(value, where));
      add_npm(parents, std::move(step), std::move(specifier), where);
    }
    return {};
  }

  Result<void> read_pnpm(const Json& object, const std::string& path) {
    HOD_CHECK(check_kind(object, path));
    for (const auto& [key, value] : object.members()) {
      const std::string where = path + "." + key;
      HOD_TRY(std::vector<OverrideStep> steps, named(parse_pnpm_key(key), value, where));
      HOD_TRY(std::string specifier, specifier_of(value, where));
      OverrideStep target = std::move(steps.back());
      steps.pop_back();
      add(std::move(steps), true, std::move(target), std::move(specifier), where);
    }
    return {};
  }

  Result<void> read_yarn(const Json& object, const std::string& path) {
    HOD_CHECK(check_kind(object, path));
    for (const auto& [key, value] : object.members()) {
      const std::string where = path + "." + key;
      HOD_TRY(ResolutionKey parsed, named(parse_resolution_key(key), value, where));
      HOD_TRY(const std::string specifier, specifier_of(value, where));
      OverrideStep target = std::move(parsed.steps.back());
      parsed.steps.pop_back();
      add(std::move(parsed.steps), parsed.direct, std::move(target),
          std::string(without_range_protocol(specifier)), where);
    }
    return {};
  }

  // npm takes "" and "*" for "as it is".
  void add_npm(std::vector<OverrideStep> parents, OverrideStep target, std::string specifier,
               const std::string& where) {
    if (specifier.empty() || specifier == "*") return;
    add(std::move(parents), false, std::move(target), std::move(specifier), where);
  }

  void add(std::vector<OverrideStep> parents, bool direct, OverrideStep target,
           std::string specifier, std::string where) {
    direct = direct && !parents.empty();
    overrides_.rules.push_back(
        {std::move(parents), direct, std::move(target), std::move(specifier), std::move(where)});
  }

  Result<std::string> specifier_of(const Json& value, const std::string& where) const {
    if (!value.is_string()) {
      return invalid(value,
                     "`" + where + "` must be a string, it is " + std::string(value.kind_name()));
    }
    const std::string& text = value.as_string();
    if (!text.starts_with('$')) return text;
    const std::string_view name = std::string_view(text).substr(1);
    // The same order in which npm looks: a name in several of them means the first.
    for (const char* field :
         {"devDependencies", "optionalDependencies", "dependencies", "peerDependencies"}) {
      const Json* dependencies = manifest_.find(field);
      const std::string* specifier = dependencies ? dependencies->find_string(name) : nullptr;
      if (specifier) return *specifier;
    }
    return invalid(value, "`" + where + "` refers to `" + text +
                              "`, but there is no direct dependency of that name");
  }

  Result<void> check_kind(const Json& value, const std::string& where) const {
    if (value.is_object()) return {};
    return invalid(value,
                   "`" + where + "` must be an object, it is " + std::string(value.kind_name()));
  }

  // `parsed`, its error retold with the place.
  template <class T>
  Result<T> named(Result<T> parsed, const Json& value, const std::string& where) const {
    if (parsed) return parsed;
    return invalid(value, "the key of `" + where + "` is not valid: " + parsed.error().what());
  }

  tl::unexpected<Error> invalid(const Json& value, std::string what) const {
    std::string place(origin_);
    if (!text_.empty()) place += ":" + json_position(text_, value.offset());
    return failure(Error(ErrorCode::manifest_invalid, std::move(what)).at(std::move(place)));
  }

  const Json& manifest_;
  std::string_view origin_;
  std::string_view text_;
  Overrides overrides_;
};

bool step_matches(const OverrideStep& step, const OverrideAncestor& ancestor) {
  if (step.name != ancestor.name) return false;
  if (step.selector.empty()) return true;
  return step.range && ancestor.version && step.range->contains(*ancestor.version);
}

bool parents_match(const Override& rule, std::span<const OverrideAncestor> ancestors) {
  std::size_t left = rule.parents.size();
  if (left == 0) return true;
  if (rule.direct_parent) {
    if (ancestors.empty() || !step_matches(rule.parents[left - 1], ancestors.back())) return false;
    --left;
    ancestors = ancestors.first(ancestors.size() - 1);
  }
  // From the inside out, each parent at its nearest place: if any assignment exists, this one does.
  for (auto ancestor = ancestors.rbegin(); left > 0 && ancestor != ancestors.rend(); ++ancestor) {
    if (step_matches(rule.parents[left - 1], *ancestor)) --left;
  }
  return left == 0;
}

bool target_matches(const OverrideStep& target, std::string_view specifier) {
  if (target.selector.empty() || target.selector == specifier) return true;
  if (!target.range) return false;
  const Result<Specifier> parsed = Specifier::parse(specifier);
  if (!parsed) return false;
  const RangeSpecifier* range = parsed->as<RangeSpecifier>();
  if (const AliasSpecifier* alias = parsed->as<AliasSpecifier>()) {
    range = std::get_if<RangeSpecifier>(&alias->target);
  }
  return range && ranges_intersect(range->range, *target.range);
}

}  // namespace

Result<OverrideStep> parse_override_step(std::string_view text) {
  const std::size_t at = text.find('@', 1);
  const std::string_view name = text.substr(0, at);
  OverrideStep step;
  HOD_TRY(const PackageName valid, PackageName::parse(name));
  step.name = valid.str();
  if (at == std::string_view::npos) return step;
  const std::string_view selector = without_range_protocol(text.substr(at + 1));
  if (selector.empty() || selector == "*") return step;
  step.selector = selector;
  if (auto range = Range::parse(selector, kLoose)) step.range = std::move(*range);
  return step;
}

const Override* Overrides::match(std::span<const OverrideAncestor> ancestors, std::string_view name,
                                 std::string_view specifier) const {
  for (const Override& rule : rules) {
    if (rule.target.name == name && parents_match(rule, ancestors) &&
        target_matches(rule.target, specifier)) {
      return &rule;
    }
  }
  return nullptr;
}

Result<void> Overrides::add_pnpm(const Json& overrides, std::string_view where,
                                 const Json& manifest, std::string_view origin) {
  HOD_TRY(std::vector<Override> added,
          Reader(manifest, origin, {}).read_pnpm_only(overrides, where));
  rules.insert(rules.begin(), std::make_move_iterator(added.begin()),
               std::make_move_iterator(added.end()));
  Reader::sort(rules);
  return {};
}

Result<Overrides> Overrides::of_manifest(const Json& manifest, std::string_view origin,
                                         std::string_view text) {
  return Reader(manifest, origin, text).read();
}

}  // namespace hod
