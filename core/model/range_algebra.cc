// SPDX-License-Identifier: MIT
// Ranges against ranges, and versions against the outside of ranges, with node-semver's answers,
// which are not always those of set theory: prereleases count only where a comparator names one,
// and some verdicts depend on how a range is written. Those places are marked.
#include <algorithm>
#include <optional>

#include "core/base/ecma_text.h"
#include "core/model/range.h"
#include "core/model/range_parse.h"

namespace hod {

using Operator = Comparator::Operator;
using ComparatorSet = std::vector<Comparator>;

namespace {

bool is_upper(const Comparator& c) {
  return c.op == Operator::less || c.op == Operator::less_equal;
}
bool is_lower(const Comparator& c) {
  return c.op == Operator::greater || c.op == Operator::greater_equal;
}
bool is_inclusive(const Comparator& c) {
  return c.op == Operator::less_equal || c.op == Operator::greater_equal;
}

bool same_release(const Version& a, const Version& b) {
  return a.major() == b.major() && a.minor() == b.minor() && a.patch() == b.patch();
}

// Would a range of this one comparator contain the version?
bool alone_contains(const Comparator& comparator, const Version& version, bool include_prerelease) {
  if (!comparator.admits(version.view())) return false;
  if (version.prerelease().empty() || include_prerelease) return true;
  return comparator.op != Operator::any && !comparator.version.prerelease().empty() &&
         same_release(comparator.version, version);
}

// Below 0.0.0 there are only prereleases, which count only if included; below 0.0.0-0 there is
// nothing.
bool allows_nothing(const Comparator& c, bool include_prerelease) {
  if (c.op != Operator::less || !same_release(c.version, Version())) return false;
  return !include_prerelease || c.version.prerelease() == "0";
}

bool comparators_intersect(const Comparator& a, const Comparator& b, bool include_prerelease) {
  if (a.op == Operator::any) return true;
  if (a.op == Operator::equal) return alone_contains(b, a.version, include_prerelease);
  if (b.op == Operator::any) return true;
  if (b.op == Operator::equal) return alone_contains(a, b.version, include_prerelease);
  if (allows_nothing(a, include_prerelease) || allows_nothing(b, include_prerelease)) return false;
  if (is_lower(a) == is_lower(b)) return true;
  const bool same =
      same_release(a.version, b.version) && a.version.prerelease() == b.version.prerelease();
  if (same && is_inclusive(a) && is_inclusive(b)) return true;
  return is_lower(a) ? a.version < b.version : a.version > b.version;
}

bool is_satisfiable(const ComparatorSet& set, bool include_prerelease) {
  for (std::size_t last = set.size(); last-- > 1;) {
    for (std::size_t other = 0; other < last; ++other) {
      if (!comparators_intersect(set[last], set[other], include_prerelease)) return false;
    }
  }
  return true;
}

bool sets_intersect(const ComparatorSet& a, const ComparatorSet& b, bool include_prerelease) {
  return std::all_of(a.begin(), a.end(), [&](const Comparator& one) {
    return std::all_of(b.begin(), b.end(), [&](const Comparator& other) {
      return comparators_intersect(one, other, include_prerelease);
    });
  });
}

bool is_any(const ComparatorSet& set) { return set.size() == 1 && set[0].op == Operator::any; }

// The stricter of two lower bounds; `a` may be null.
const Comparator* higher_bound(const Comparator* a, const Comparator* b) {
  if (!a) return b;
  const auto order = compare_versions(a->version.view(), b->version.view());
  if (order != 0) return order > 0 ? a : b;
  return b->op == Operator::greater && a->op == Operator::greater_equal ? b : a;
}

const Comparator* lower_bound(const Comparator* a, const Comparator* b) {
  if (!a) return b;
  const auto order = compare_versions(a->version.view(), b->version.view());
  if (order != 0) return order < 0 ? a : b;
  return b->op == Operator::less && a->op == Operator::less_equal ? b : a;
}

// One alternative reduced to its strictest bounds.
struct Bounds {
  const Comparator* lower = nullptr;
  const Comparator* upper = nullptr;
  std::vector<const Version*> exact;

  explicit Bounds(const ComparatorSet& set) {
    for (const Comparator& comparator : set) {
      if (is_lower(comparator)) {
        lower = higher_bound(lower, &comparator);
      } else if (is_upper(comparator)) {
        upper = lower_bound(upper, &comparator);
      } else {
        exact.push_back(&comparator.version);
      }
    }
  }
  // Do the bounds meet in one version?
  bool meet() const { return lower && upper && lower->version == upper->version; }
  bool contradict() const {
    if (exact.size() > 1) return true;
    if (!lower || !upper) return false;
    return lower->version > upper->version ||
           (meet() && !(is_inclusive(*lower) && is_inclusive(*upper)));
  }
};

// Is a prerelease bound of the subset covered by one of the same release in the superset?
bool prerelease_is_named(const Comparator& bound, const ComparatorSet& dom) {
  return std::any_of(dom.begin(), dom.end(), [&](const Comparator& comparator) {
    return !comparator.version.prerelease().empty() &&
           same_release(comparator.version, bound.version);
  });
}

// Does every bound of `dom` lie outside those of `sub`?
bool bounds_fit(const Bounds& sub, const ComparatorSet& dom) {
  for (const Comparator& comparator : dom) {
    if (sub.lower) {
      if (is_lower(comparator)) {
        if (higher_bound(sub.lower, &comparator) != sub.lower) return false;
      } else if (sub.lower->op == Operator::greater_equal &&
                 !comparator.admits(sub.lower->version.view())) {
        return false;
      }
    }
    if (sub.upper) {
      if (is_upper(comparator)) {
        if (lower_bound(sub.upper, &comparator) != sub.upper) return false;
      } else if (sub.upper->op == Operator::less_equal &&
                 !comparator.admits(sub.upper->version.view())) {
        return false;
      }
    }
    if (comparator.op == Operator::equal && !sub.meet()) return false;
  }
  return true;
}

// Nothing: `sub` can match no version.
std::optional<bool> exact_is_subset(const Bounds& sub, const ComparatorSet& dom,
                                    bool include_prerelease) {
  const Version& exact = *sub.exact[0];
  for (const Comparator* bound : {sub.lower, sub.upper}) {
    if (bound && !alone_contains(*bound, exact, include_prerelease)) return std::nullopt;
  }
  return std::all_of(dom.begin(), dom.end(), [&](const Comparator& comparator) {
    return alone_contains(comparator, exact, include_prerelease);
  });
}

// One alternative within another? Nothing: `sub` can match no version.
std::optional<bool> set_is_subset(const ComparatorSet& sub_set, const ComparatorSet& dom_set,
                                  bool include_prerelease) {
  if (is_any(dom_set) && (is_any(sub_set) || include_prerelease)) return true;
  const ComparatorSet lowest{
      {Operator::greater_equal, Version::of(0, 0, 0, include_prerelease ? "0" : "")}};
  const Bounds sub(is_any(sub_set) ? lowest : sub_set);
  const ComparatorSet& dom = is_any(dom_set) ? lowest : dom_set;
  if (sub.contradict()) return std::nullopt;
  if (!sub.exact.empty()) return exact_is_subset(sub, dom, include_prerelease);
  if (!bounds_fit(sub, dom)) return false;

  const bool dom_has_lower = std::any_of(dom.begin(), dom.end(), is_lower);
  const bool dom_has_upper = std::any_of(dom.begin(), dom.end(), is_upper);
  if (sub.lower && !sub.upper && dom_has_upper) return false;
  if (sub.upper && !sub.lower && dom_has_lower) return false;
  if (include_prerelease) return true;
  const auto unnamed = [&](const Comparator* bound) {
    return bound && !bound->version.prerelease().empty() && !prerelease_is_named(*bound, dom);
  };
  // <1.2.3-0 is the same as <1.2.3
  const bool just_below =
      sub.upper && sub.upper->op == Operator::less && sub.upper->version.prerelease() == "0";
  return !unnamed(sub.lower) && (just_below || !unnamed(sub.upper));
}

// node-semver takes two alternatives of the same text for the same thing before it looks whether
// they can match anything. The texts are no part of a Range, so they are read again in that rare
// case.
bool same_alternative(const Range& a, std::size_t i, const Range& b, std::size_t j) {
  if (a.sets()[i] != b.sets()[j]) return false;
  const auto left = range_parse::parse_alternatives(a.raw(), a.options());
  const auto right = range_parse::parse_alternatives(b.raw(), b.options());
  return left && right && (*left)[i].text == (*right)[j].text;
}

// Some of node-semver's functions read the versions again strictly, which not every loosely read
// one survives.
Result<Version> strictly(const Version& version) { return Version::parse(version.text()); }

// The lowest version that one alternative allows, by its lower bounds alone.
Result<std::optional<Version>> set_minimum(const ComparatorSet& set) {
  std::optional<Version> minimum;
  for (const Comparator& comparator : set) {
    HOD_TRY(Version version, strictly(comparator.version));
    if (is_upper(comparator)) continue;
    if (comparator.op == Operator::greater) {
      const VersionView v = version.view();
      version = v.is_prerelease()
                    ? Version::of(v.major, v.minor, v.patch, version.prerelease() + ".0")
                    : Version::of(v.major, v.minor, v.patch + 1);
    }
    if (!minimum || version > *minimum) minimum = std::move(version);
  }
  return minimum;
}

// Is the version beyond one alternative, which does not contain it?
Result<bool> is_outside_set(const Version& version, const ComparatorSet& set, Side side) {
  static const Comparator lowest{Operator::greater_equal, Version()};
  const auto beyond = [side](const Version& a, const Version& b) {
    return side == Side::higher ? a > b : a < b;
  };
  const auto opens = [side](const Comparator& c) {
    return side == Side::higher ? is_lower(c) : is_upper(c);
  };
  const Comparator *high = nullptr, *low = nullptr;
  for (const Comparator& given : set) {
    const Comparator* comparator = given.op == Operator::any ? &lowest : &given;
    if (!high) high = low = comparator;
    if (beyond(comparator->version, high->version)) {
      high = comparator;
    } else if (beyond(low->version, comparator->version)) {
      low = comparator;
    }
  }
  if (opens(*high)) return false;
  if (low->op != Operator::equal && !opens(*low)) return true;
  HOD_CHECK(strictly(version).map([](const Version&) {}));
  HOD_CHECK(strictly(low->version).map([](const Version&) {}));
  if (is_inclusive(*low)) return !beyond(low->version, version);
  return beyond(version, low->version);
}

struct Candidate {
  const std::string* text;
  std::optional<Version> version;
};

// The candidates in ascending order. One alone is not looked at, as in node-semver.
Result<std::vector<Candidate>> sorted_candidates(std::span<const std::string> texts, Loose loose) {
  std::vector<Candidate> candidates;
  for (const std::string& text : texts) {
    auto version = Version::parse(text, loose);
    if (!version && texts.size() > 1) return failure(std::move(version).error());
    candidates.push_back({&text, version ? std::optional(std::move(*version)) : std::nullopt});
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return *a.version < *b.version; });
  return candidates;
}

const Version* best_satisfying(std::span<const Version> versions, const Range& range,
                               std::strong_ordering better) {
  const Version* best = nullptr;
  for (const Version& version : versions) {
    if (range.contains(version) && (!best || (version <=> *best) == better)) best = &version;
  }
  return best;
}

}  // namespace

bool ranges_intersect(const Range& a, const Range& b) {
  const bool prerelease = a.options().include_prerelease;
  return std::any_of(a.sets().begin(), a.sets().end(), [&](const ComparatorSet& one) {
    if (!is_satisfiable(one, prerelease)) return false;
    return std::any_of(b.sets().begin(), b.sets().end(), [&](const ComparatorSet& other) {
      return is_satisfiable(other, prerelease) && sets_intersect(one, other, prerelease);
    });
  });
}

bool range_is_subset(const Range& sub, const Range& dom) {
  bool saw_possible = false;
  for (std::size_t i = 0; i < sub.sets().size(); ++i) {
    bool found = false;
    for (std::size_t j = 0; j < dom.sets().size() && !found; ++j) {
      const auto verdict =
          set_is_subset(sub.sets()[i], dom.sets()[j], sub.options().include_prerelease);
      found = verdict.value_or(false) || same_alternative(sub, i, dom, j);
      saw_possible = saw_possible || found || verdict.has_value();
    }
    // Impossible alternatives are ignored beside possible ones, and within everything when alone.
    if (!found && saw_possible) return false;
  }
  return true;
}

Result<std::optional<Version>> range_min_version(const Range& range) {
  for (const Version& version : {Version::of(0, 0, 0), Version::of(0, 0, 0, "0")}) {
    if (range.contains(version)) return std::optional(version);
  }
  std::optional<Version> minimum;
  for (const ComparatorSet& set : range.sets()) {
    HOD_TRY(auto candidate, set_minimum(set));
    if (candidate && (!minimum || *minimum > *candidate)) minimum = std::move(candidate);
  }
  if (minimum && !range.contains(*minimum)) minimum.reset();
  return minimum;
}

Result<bool> version_is_outside(const Version& version, const Range& range, Side side) {
  if (range.contains(version)) return false;
  for (const ComparatorSet& set : range.sets()) {
    HOD_TRY(const bool outside, is_outside_set(version, set, side));
    if (!outside) return false;
  }
  return true;
}

Result<std::string> simplify_range(std::span<const std::string> versions,
                                   std::string_view range_text, RangeOptions options) {
  HOD_TRY(const auto candidates, sorted_candidates(versions, options.loose));
  const auto range = Range::parse(range_text, options);
  const std::string* const lowest = candidates.empty() ? nullptr : candidates.front().text;
  std::string simplified;
  const auto add = [&](const std::string& first, const std::string* last) {
    if (!simplified.empty()) simplified += " || ";
    if (last && first == *last) {
      simplified += first;
    } else if (first == *lowest) {
      simplified += last ? "<=" + *last : "*";
    } else {
      simplified += last ? first + " - " + *last : ">=" + first;
    }
  };
  const std::string *first = nullptr, *previous = nullptr;
  for (const Candidate& candidate : candidates) {
    if (range && candidate.version && range->contains(*candidate.version)) {
      previous = candidate.text;
      if (!first) first = candidate.text;
      continue;
    }
    if (first) add(*first, previous);
    first = previous = nullptr;
  }
  if (first) add(*first, nullptr);
  return ecma_length(simplified) < ecma_length(range_text) ? simplified : std::string(range_text);
}

const Version* max_satisfying(std::span<const Version> versions, const Range& range) {
  return best_satisfying(versions, range, std::strong_ordering::greater);
}

const Version* min_satisfying(std::span<const Version> versions, const Range& range) {
  return best_satisfying(versions, range, std::strong_ordering::less);
}

}  // namespace hod
