// SPDX-License-Identifier: MIT
// Ranges as values: what they contain and how they are written. Reading their text is
// range_parse.cc, comparing ranges with each other is range_algebra.cc.
//
// contains() is the innermost step of the solver: a few comparisons of numbers, no allocation.
#include "core/model/range.h"

#include <algorithm>

#include "core/model/range_parse.h"

namespace hod {

using Operator = Comparator::Operator;

namespace {

bool same_release(const Version& a, const VersionView& b) {
  return a.major() == b.major && a.minor() == b.minor && a.patch() == b.patch;
}

bool set_contains(const std::vector<Comparator>& set, const VersionView& version,
                  bool include_prerelease) {
  for (const Comparator& comparator : set) {
    if (!comparator.admits(version)) return false;
  }
  if (!version.is_prerelease() || include_prerelease) return true;
  return std::any_of(set.begin(), set.end(), [&](const Comparator& comparator) {
    return comparator.op != Operator::any && !comparator.version.prerelease().empty() &&
           same_release(comparator.version, version);
  });
}

std::string_view operator_text(Operator op) {
  switch (op) {
    case Operator::less:
      return "<";
    case Operator::less_equal:
      return "<=";
    case Operator::greater_equal:
      return ">=";
    case Operator::greater:
      return ">";
    case Operator::any:
    case Operator::equal:
      break;
  }
  return "";
}

}  // namespace

std::string Comparator::text() const {
  if (op == Operator::any) return {};
  return std::string(operator_text(op)) + version.text();
}

bool Comparator::admits(const VersionView& candidate) const {
  if (op == Operator::any) return true;
  const std::strong_ordering order = compare_versions(candidate, version.view());
  switch (op) {
    case Operator::less:
      return order < 0;
    case Operator::less_equal:
      return order <= 0;
    case Operator::equal:
      return order == 0;
    case Operator::greater_equal:
      return order >= 0;
    case Operator::greater:
      return order > 0;
    case Operator::any:
      break;
  }
  return true;
}

bool operator==(const Comparator& a, const Comparator& b) {
  if (a.op != b.op) return false;
  return a.op == Operator::any || (same_release(a.version, b.version.view()) &&
                                   a.version.prerelease() == b.version.prerelease());
}

Result<Range> Range::parse(std::string_view text, RangeOptions options) {
  Range range;
  range.raw_ = range_parse::collapsed(text);
  range.options_ = options;
  HOD_TRY(auto alternatives, range_parse::parse_alternatives(range.raw_, options));
  range.sets_.reserve(alternatives.size());
  for (range_parse::Alternative& alternative : alternatives) {
    range.sets_.push_back(std::move(alternative.comparators));
  }
  return range;
}

Range Range::any() {
  Range range;
  range.raw_ = "*";
  range.sets_.emplace_back(1);
  return range;
}

bool Range::contains(const VersionView& version) const {
  return std::any_of(sets_.begin(), sets_.end(), [&](const std::vector<Comparator>& set) {
    return set_contains(set, version, options_.include_prerelease);
  });
}

std::string Range::text() const {
  std::string text;
  for (const std::vector<Comparator>& set : sets_) {
    if (&set != &sets_.front()) text += "||";
    for (const Comparator& comparator : set) {
      if (&comparator != &set.front()) text += ' ';
      text += comparator.text();
    }
  }
  return text.empty() ? "*" : text;
}

bool Range::is_any() const {
  return sets_.size() == 1 && sets_[0].size() == 1 && sets_[0][0].op == Operator::any;
}

const Version* Range::exact() const {
  const bool single =
      sets_.size() == 1 && sets_[0].size() == 1 && sets_[0][0].op == Operator::equal;
  return single ? &sets_[0][0].version : nullptr;
}

}  // namespace hod
