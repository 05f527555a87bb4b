// SPDX-License-Identifier: MIT
// Set `semver`: the functions of the npm package semver 7.8, by name.
#include <algorithm>
#include <array>
#include <vector>

#include "core/model/range.h"
#include "core/model/version.h"
#include "tests/conformance/all_sets.h"

namespace hod::conformance {

namespace {

using Value = std::optional<Json>;  // nothing: the real function throws

Loose loose_of(const Row& row) { return row.is_set("loose") ? Loose::yes : Loose::no; }
RangeOptions range_options(const Row& row) {
  return {loose_of(row), row.is_set("includePrerelease")};
}

std::optional<Version> version_of(const Json& text, Loose loose) {
  auto version = Version::parse(text.as_string(), loose);
  if (!version) return std::nullopt;
  return std::move(*version);
}
std::optional<Version> version_arg(const Row& row, std::size_t index) {
  return version_of(row.arg(index), loose_of(row));
}

std::optional<Range> range_arg(const Row& row, std::size_t index) {
  auto range = Range::parse(row.arg(index).as_string(), range_options(row));
  if (!range) return std::nullopt;
  return std::move(*range);
}

Json number(std::uint64_t value) { return Json::number(static_cast<std::int64_t>(value)); }
Json text_or_null(const std::optional<Version>& version) {
  return version ? Json::string(version->text()) : Json();
}

std::vector<std::string_view> split(std::string_view list, char separator) {
  std::vector<std::string_view> parts;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(separator), list.size());
    parts.push_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return parts;
}

// Identifiers as the real package keeps them: short numbers as numbers, the rest as texts.
Json identifiers(std::string_view list, bool with_numbers) {
  constexpr std::string_view kMaximum = "9007199254740991";
  Json array = Json::array();
  for (const std::string_view identifier : split(list, '.')) {
    const bool digits = identifier.find_first_not_of("0123456789") == std::string_view::npos;
    const bool small = identifier.size() < kMaximum.size() ||
                       (identifier.size() == kMaximum.size() && identifier < kMaximum);
    array.push(with_numbers && digits && small ? Json::number(std::stoll(std::string(identifier)))
                                               : Json::string(identifier));
  }
  return array;
}

Json version_json(const std::optional<Version>& version) {
  if (!version) return Json();
  Json json = Json::object();
  json.set("version", Json::string(version->text()));
  json.set("major", number(version->major()));
  json.set("minor", number(version->minor()));
  json.set("patch", number(version->patch()));
  json.set("prerelease", identifiers(version->prerelease(), true));
  json.set("build", identifiers(version->build(), false));
  return json;
}

int sign(std::strong_ordering order) { return order < 0 ? -1 : order > 0 ? 1 : 0; }

// -1, 0 or 1; nothing when one is no version.
std::optional<int> compared(const Row& row, std::size_t first, std::size_t second, Loose loose) {
  const auto a = version_of(row.arg(first), loose), b = version_of(row.arg(second), loose);
  if (!a || !b) return std::nullopt;
  return sign(*a <=> *b);
}

Value relation(std::string_view op, std::optional<int> order) {
  if (!order) return std::nullopt;
  if (op == "eq" || op == "=" || op == "==" || op.empty()) return Json::boolean(*order == 0);
  if (op == "neq" || op == "!=") return Json::boolean(*order != 0);
  if (op == "gt" || op == ">") return Json::boolean(*order > 0);
  if (op == "gte" || op == ">=") return Json::boolean(*order >= 0);
  if (op == "lt" || op == "<") return Json::boolean(*order < 0);
  if (op == "lte" || op == "<=") return Json::boolean(*order <= 0);
  return std::nullopt;
}

Value run_relation(const Row& row) {
  return relation(row.op(), compared(row, 0, 1, loose_of(row)));
}

Value run_cmp(const Row& row) {
  const std::string& op = row.arg(1).as_string();
  if (op == "===" || op == "!==") return Json::boolean((row.arg(0) == row.arg(2)) == (op == "==="));
  return relation(op, compared(row, 0, 2, loose_of(row)));
}

Value run_compare(const Row& row) {
  const Loose loose = row.op() == "compareLoose" ? Loose::yes : loose_of(row);
  const bool reversed = row.op() == "rcompare";
  const auto order = reversed ? compared(row, 1, 0, loose) : compared(row, 0, 1, loose);
  if (!order) return std::nullopt;
  return Json::number(*order);
}

Value run_compare_build(const Row& row) {
  const auto a = version_arg(row, 0), b = version_arg(row, 1);
  if (!a || !b) return std::nullopt;
  return Json::number(sign(compare_versions_and_build(a->view(), b->view())));
}

Value run_sort(const Row& row) {
  struct Item {
    const Json* text;
    std::optional<Version> version;
  };
  std::vector<Item> items;
  for (const Json& text : row.arg(0).elements()) {
    items.push_back({&text, version_of(text, loose_of(row))});
    if (!items.back().version && row.arg(0).elements().size() > 1) return std::nullopt;
  }
  const bool reversed = row.op() == "rsort";
  if (items.size() > 1) {
    std::stable_sort(items.begin(), items.end(), [&](const Item& a, const Item& b) {
      const auto order = compare_versions_and_build(a.version->view(), b.version->view());
      return reversed ? order > 0 : order < 0;
    });
  }
  Json sorted = Json::array();
  for (const Item& item : items) sorted.push(*item.text);
  return sorted;
}

Value run_number(const Row& row) {
  const auto version = version_arg(row, 0);
  if (!version) return std::nullopt;
  return number(row.op() == "major"   ? version->major()
                : row.op() == "minor" ? version->minor()
                                      : version->patch());
}

Value run_prerelease(const Row& row) {
  const auto version = version_arg(row, 0);
  if (!version || version->prerelease().empty()) return Json();
  return identifiers(version->prerelease(), true);
}

Value run_parse(const Row& row) { return version_json(version_arg(row, 0)); }
Value run_valid(const Row& row) { return text_or_null(version_arg(row, 0)); }

Value run_clean(const Row& row) {
  const auto cleaned = clean_version(row.arg(0).as_string(), loose_of(row));
  return cleaned ? Json::string(*cleaned) : Json();
}

Value run_coerce(const Row& row) {
  return version_json(coerce_version(
      row.arg(0).as_string(), {row.is_set("includePrerelease"), row.is_set("rtl"), loose_of(row)}));
}

Value run_diff(const Row& row) {
  const auto a = version_of(row.arg(0), Loose::no), b = version_of(row.arg(1), Loose::no);
  if (!a || !b) return std::nullopt;
  const auto difference = version_difference(*a, *b);
  return difference ? Json::string(*difference) : Json();
}

// null, "0", "1" or false
IdentifierBase identifier_base(const Json& base) {
  if (base.is_boolean()) return IdentifierBase::none;
  return base.as_string() == "1" ? IdentifierBase::one : IdentifierBase::zero;
}

Value run_inc(const Row& row) {
  const auto version = version_arg(row, 0);
  const auto type = parse_release_type(row.arg(1).as_string());
  if (!version || !type) return Json();
  return text_or_null(increment_version(
      *version, *type, {row.arg(2).as_string(), identifier_base(row.arg(3)), loose_of(row)}));
}

Value run_truncate(const Row& row) {
  const auto version = version_arg(row, 0);
  const auto type = parse_release_type(row.arg(1).as_string());
  return version && type ? text_or_null(truncate_version(*version, *type)) : Json();
}

Value run_satisfies(const Row& row) {
  const auto version = version_arg(row, 0);
  const auto range = range_arg(row, 1);
  return Json::boolean(version && range && range->contains(*version));
}

Value run_best(const Row& row) {
  const auto range = range_arg(row, 1);
  if (!range) return Json();
  std::vector<Version> versions;
  std::vector<const Json*> texts;
  for (const Json& text : row.arg(0).elements()) {
    auto version = version_of(text, loose_of(row));
    if (!version) continue;
    versions.push_back(std::move(*version));
    texts.push_back(&text);
  }
  const Version* best = row.op() == "maxSatisfying" ? max_satisfying(versions, *range)
                                                    : min_satisfying(versions, *range);
  return best ? *texts[static_cast<std::size_t>(best - versions.data())] : Json();
}

Value run_valid_range(const Row& row) {
  const auto range = range_arg(row, 0);
  return range ? Json::string(range->text()) : Json();
}

Value run_to_comparators(const Row& row) {
  const auto range = range_arg(row, 0);
  if (!range) return std::nullopt;
  Json sets = Json::array();
  for (const auto& set : range->sets()) {
    Json comparators = Json::array();
    for (const Comparator& comparator : set) comparators.push(Json::string(comparator.text()));
    sets.push(std::move(comparators));
  }
  return sets;
}

Value run_min_version(const Row& row) {
  const auto range = range_arg(row, 0);
  if (!range) return std::nullopt;
  const auto version = range_min_version(*range);
  if (!version) return std::nullopt;
  return version_json(*version);
}

Value run_outside(const Row& row) {
  const std::string& given = row.arg(2).as_string();
  const std::string_view side = row.op() == "gtr"   ? ">"
                                : row.op() == "ltr" ? "<"
                                                    : std::string_view(given);
  const auto version = version_arg(row, 0);
  const auto range = range_arg(row, 1);
  if (!version || !range || (side != "<" && side != ">")) return std::nullopt;
  const auto outside =
      version_is_outside(*version, *range, side == ">" ? Side::higher : Side::lower);
  if (!outside) return std::nullopt;
  return Json::boolean(*outside);
}

Value run_intersects(const Row& row) {
  const auto a = range_arg(row, 0), b = range_arg(row, 1);
  if (!a || !b) return std::nullopt;
  return Json::boolean(ranges_intersect(*a, *b));
}

Value run_subset(const Row& row) {
  if (row.arg(0) == row.arg(1)) return Json::boolean(true);
  const auto sub = range_arg(row, 0), dom = range_arg(row, 1);
  if (!sub || !dom) return std::nullopt;
  return Json::boolean(range_is_subset(*sub, *dom));
}

Value run_simplify(const Row& row) {
  std::vector<std::string> versions;
  for (const Json& version : row.arg(0).elements()) versions.push_back(version.as_string());
  const auto simplified = simplify_range(versions, row.arg(1).as_string(), range_options(row));
  if (!simplified) return std::nullopt;
  return Json::string(*simplified);
}

struct Operation {
  std::string_view name;
  Value (*run)(const Row&);
};
constexpr std::array kOperations{
    Operation{"clean", run_clean},
    Operation{"cmp", run_cmp},
    Operation{"coerce", run_coerce},
    Operation{"compare", run_compare},
    Operation{"compareBuild", run_compare_build},
    Operation{"compareLoose", run_compare},
    Operation{"diff", run_diff},
    Operation{"eq", run_relation},
    Operation{"gt", run_relation},
    Operation{"gte", run_relation},
    Operation{"gtr", run_outside},
    Operation{"inc", run_inc},
    Operation{"intersects", run_intersects},
    Operation{"lt", run_relation},
    Operation{"lte", run_relation},
    Operation{"ltr", run_outside},
    Operation{"major", run_number},
    Operation{"maxSatisfying", run_best},
    Operation{"minSatisfying", run_best},
    Operation{"minVersion", run_min_version},
    Operation{"minor", run_number},
    Operation{"neq", run_relation},
    Operation{"outside", run_outside},
    Operation{"parse", run_parse},
    Operation{"patch", run_number},
    Operation{"prerelease", run_prerelease},
    Operation{"rcompare", run_compare},
    Operation{"rsort", run_sort},
    Operation{"satisfies", run_satisfies},
    Operation{"simplifyRange", run_simplify},
    Operation{"sort", run_sort},
    Operation{"subset", run_subset},
    Operation{"toComparators", run_to_comparators},
    Operation{"truncate", run_truncate},
    Operation{"valid", run_valid},
    Operation{"validRange", run_valid_range},
};

}  // namespace

Outcome run_semver_row(const Row& row) {
  for (const Operation& operation : kOperations) {
    if (operation.name == row.op()) return judge(row, operation.run(row));
  }
  return {Outcome::Kind::failed, "an operation that is not known"};
}

}  // namespace hod::conformance
