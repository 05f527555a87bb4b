// SPDX-License-Identifier: MIT
// Turns a range's text into comparators. `||` separates alternatives, blanks separate comparators;
// tildes, carets, hyphens and wildcards become one or two comparators each.
//
// What must stay true:
//  (1) A range without blanks and `+` is read where it stands; only odd ones are rewritten
//  (range_rewrite.cc). (2) Strictly, one bad comparator spoils the range. Loosely, what does not
//  look like a comparator is left out, but a
//      comparator with numbers beyond 2^53 - 1 or of more than 256 characters still spoils it, as
//      in node-semver.
//  (3) Linear in the text's length, which is limited before anything else happens (T-RES-03).
#include "core/model/range_parse.h"

#include <algorithm>
#include <utility>

#include "core/base/ecma_text.h"
#include "core/model/range_rewrite.h"
#include "core/model/semver_scan.h"

namespace hod::range_parse {

using namespace semver_scan;
using Operator = Comparator::Operator;

namespace {

constexpr std::size_t kMaxText = 4096;
constexpr std::size_t kMaxComparators = 256;

enum class Outcome : std::uint8_t { taken, unreadable, spoilt };

// One number of a bound.
struct Number {
  std::uint64_t value = 0;
  Outcome outcome = Outcome::taken;
};

Number written(std::string_view digits) {
  const auto value = number_of(digits);
  return value ? Number{*value} : Number{0, Outcome::spoilt};
}

Number next_after(std::string_view digits) {
  if (const auto value = number_of(digits); value && *value < kMaxNumber) return {*value + 1};
  const bool readable = range_rewrite::successor(digits).find('e') == std::string::npos;
  return {0, readable ? Outcome::spoilt : Outcome::unreadable};
}

struct OperatorText {
  Operator op = Operator::equal;
  std::size_t length = 0;
};

// `=` and nothing both mean "equal".
OperatorText take_operator(std::string_view text) {
  const bool angle = !text.empty() && (text[0] == '<' || text[0] == '>');
  const std::size_t at = angle ? 1 : 0;
  const bool equal = at < text.size() && text[at] == '=';
  const std::size_t length = at + (equal ? 1 : 0);
  if (!angle) return {Operator::equal, length};
  if (text[0] == '<') return {equal ? Operator::less_equal : Operator::less, length};
  return {equal ? Operator::greater_equal : Operator::greater, length};
}

bool is_impossible(const Comparator& comparator) {
  const VersionView view = comparator.version.view();
  return comparator.op == Operator::less && view.major == 0 && view.minor == 0 && view.patch == 0 &&
         view.prerelease == "0";
}

// Reads one alternative.
class SetParser {
 public:
  explicit SetParser(RangeOptions options) : options_(options) {}

  // Nothing when it is spoilt. An empty set: nothing readable in it (only loosely).
  std::optional<std::vector<Comparator>> parse(std::string_view text) {
    std::string rewritten;
    if (text.find(' ') != std::string_view::npos) {
      rewritten = range_rewrite::rewritten(text, options_);
      text = rewritten;
    }
    for (bool first = true;; first = false) {
      const std::size_t end = std::min(text.find(' '), text.size());
      const bool last = end == text.size();
      if (!add_word(text.substr(0, end), first || last)) return std::nullopt;
      if (comparators_.size() > kMaxComparators) return std::nullopt;
      if (last) break;
      text.remove_prefix(end + 1);
    }
    return simplified();
  }

 private:
  // A bound made of numbers; `length` is that of the text node-semver would write, which is limited
  // like any version's.
  struct Bound {
    Operator op;
    Number major, minor, patch;
    std::string_view prerelease;
    std::size_t length = 0;
  };

  // False when the range is spoilt. A word that comes to "anything" counts only at an end of the
  // alternative: between others it vanishes with its blanks, even if those others turn out
  // unreadable.
  bool add_word(std::string_view word, bool at_end) {
    if (!word.empty() && word[0] == '^') {
      if (const auto partial = parse_partial(word.substr(1), options_.loose))
        return add_caret(*partial, at_end);
    } else if (!word.empty() && word[0] == '~') {
      const std::size_t begin = word.size() > 1 && word[1] == '>' ? 2 : 1;
      if (const auto partial = parse_partial(word.substr(begin), options_.loose))
        return add_tilde(*partial, at_end);
    } else {
      const OperatorText op = take_operator(word);
      const auto partial = parse_partial(word.substr(op.length), options_.loose);
      if (partial && is_wildcard_range(*partial)) return add_wildcard(op, *partial, at_end);
    }
    return add_plain(word, at_end);
  }

  // Is any part a wildcard, and nothing given behind one ("1.x.3" is no range)?
  static bool is_wildcard_range(const PartialVersion& partial) {
    const bool major = is_wildcard(partial.major), minor = is_wildcard(partial.minor),
               patch = is_wildcard(partial.patch);
    return patch && (minor || !major);
  }

  bool add_any(bool at_end) {
    if (at_end) comparators_.emplace_back();
    return true;
  }

  // ">=1.2.3-pre" of texts. ">=0.0.0" is anything.
  bool add_lower(const PartialVersion& from) {
    const bool zero = from.major == "0" && from.minor == "0" && from.patch == "0";
    if (zero && from.prerelease == (options_.include_prerelease ? "0" : "")) return add_any(true);
    const std::size_t length = from.major.size() + from.minor.size() + from.patch.size() + 2 +
                               (from.prerelease.empty() ? 0 : from.prerelease.size() + 1);
    return add_bound({Operator::greater_equal, written(from.major), written(from.minor),
                      written(from.patch), from.prerelease, length});
  }

  bool add_upper(Number major, Number minor, Number patch) {
    return add_bound({Operator::less, major, minor, patch, "0", 0});
  }

  bool add_bound(const Bound& bound) {
    Outcome outcome = bound.length > kMaxVersionLength ? Outcome::spoilt : Outcome::taken;
    for (const Number* number : {&bound.major, &bound.minor, &bound.patch}) {
      if (number->outcome == Outcome::unreadable) return options_.loose == Loose::yes;
      if (number->outcome == Outcome::spoilt) outcome = Outcome::spoilt;
    }
    if (outcome == Outcome::spoilt) return false;
    const std::string prerelease = normalised_prerelease(bound.prerelease);
    comparators_.push_back({bound.op, Version::of(bound.major.value, bound.minor.value,
                                                  bound.patch.value, prerelease)});
    return true;
  }

  // The "-0" of lower bounds that let prereleases in.
  std::string_view lowest() const { return options_.include_prerelease ? "0" : ""; }

  // ^1.2.3: up to the next change of the leftmost number that is not 0.
  bool add_caret(const PartialVersion& from, bool at_end) {
    if (is_wildcard(from.major)) return add_any(at_end);
    const Number zero;
    if (is_wildcard(from.minor)) {
      return add_lower({from.major, "0", "0", lowest()}) &&
             add_upper(next_after(from.major), zero, zero);
    }
    const bool unstable = from.major == "0";
    if (is_wildcard(from.patch)) {
      if (!add_lower({from.major, from.minor, "0", lowest()})) return false;
    } else if (!add_lower(from)) {
      return false;
    }
    if (!unstable) return add_upper(next_after(from.major), zero, zero);
    if (is_wildcard(from.patch) || from.minor != "0")
      return add_upper(zero, next_after(from.minor), zero);
    return add_upper(zero, zero, next_after(from.patch));
  }

  // ~1.2.3: up to the next minor version; ~1: up to the next major one.
  bool add_tilde(const PartialVersion& from, bool at_end) {
    if (is_wildcard(from.major)) return add_any(at_end);
    const Number zero;
    if (is_wildcard(from.minor)) {
      return add_lower({from.major, "0", "0", lowest()}) &&
             add_upper(next_after(from.major), zero, zero);
    }
    const bool lower = is_wildcard(from.patch) ? add_lower({from.major, from.minor, "0", lowest()})
                                               : add_lower(from);
    return lower && add_upper(written(from.major), next_after(from.minor), zero);
  }

  // "1.x", ">1.2", "<=2", "*".
  bool add_wildcard(const OperatorText& op, const PartialVersion& partial, bool at_end) {
    const Number zero;
    if (is_wildcard(partial.major)) {
      if (op.op == Operator::greater || op.op == Operator::less)
        return add_upper(zero, zero, zero);  // nothing is beyond
      return add_any(at_end);
    }
    const bool any_minor = is_wildcard(partial.minor);
    const std::string_view minor = any_minor ? "0" : partial.minor;
    const Number next_major = any_minor ? next_after(partial.major) : written(partial.major);
    const Number next_minor = any_minor ? zero : next_after(partial.minor);
    const bool moves_up = op.op == Operator::greater || op.op == Operator::less_equal;
    if (moves_up && next_minor.outcome == Outcome::unreadable) {
      // Loosely, "1.9.9e+21.0" is a version after all.
      const std::string minor_text = range_rewrite::successor(partial.minor);
      return add_comparator((op.op == Operator::greater ? ">=" : "<") + std::string(partial.major) +
                            '.' + minor_text + ".0");
    }
    switch (op.op) {
      case Operator::less:
        return add_upper(written(partial.major), written(minor), zero);
      case Operator::less_equal:
        return add_upper(next_major, next_minor, zero);
      case Operator::greater:
        return add_bound({Operator::greater_equal, next_major, next_minor, zero, lowest(), 0});
      case Operator::greater_equal:
        return add_lower({partial.major, minor, "0", lowest()});
      case Operator::equal:
      case Operator::any:
        break;
    }
    return add_lower({partial.major, minor, "0", lowest()}) &&
           add_upper(next_major, next_minor, zero);
  }

  // A full version with or without operator. The first star in a word vanishes with the operator
  // before it.
  bool add_plain(std::string_view word, bool at_end) {
    const std::size_t star = word.find('*');
    if (star == std::string_view::npos)
      return word.empty() ? add_any(at_end) : add_comparator(word);
    std::size_t begin = star;
    if (begin > 0 && word[begin - 1] == '=') --begin;
    if (begin > 0 && (word[begin - 1] == '<' || word[begin - 1] == '>')) --begin;
    const std::string rest =
        std::string(word.substr(0, begin)) + std::string(word.substr(star + 1));
    return rest.empty() ? add_any(at_end) : add_comparator(rest);
  }

  bool add_comparator(std::string_view text) {
    if (text == (options_.include_prerelease ? ">=0.0.0-0" : ">=0.0.0")) return add_any(true);
    const OperatorText op = take_operator(text);
    const std::string_view version = text.substr(op.length);
    if (options_.loose == Loose::yes && !scan_loose_version(version)) return true;
    auto parsed = Version::parse(version, options_.loose);
    if (!parsed) return false;
    comparators_.push_back({op.op, Version::of(parsed->major(), parsed->minor(), parsed->patch(),
                                               parsed->prerelease())});
    return true;
  }

  // Without repetitions; an impossible comparator stands for all, and "anything" goes where there
  // is something else.
  std::vector<Comparator> simplified() {
    std::vector<Comparator> result;
    result.reserve(comparators_.size());
    for (Comparator& comparator : comparators_) {
      if (is_impossible(comparator)) return {std::move(comparator)};
      if (std::find(result.begin(), result.end(), comparator) == result.end())
        result.push_back(std::move(comparator));
    }
    if (result.size() > 1) {
      std::erase_if(result,
                    [](const Comparator& comparator) { return comparator.op == Operator::any; });
    }
    return result;
  }

  RangeOptions options_;
  std::vector<Comparator> comparators_;
};

bool allows_everything(const Alternative& alternative) {
  return alternative.comparators.size() == 1 && alternative.comparators[0].op == Operator::any;
}

// Several alternatives: the impossible ones go (one stays if there is nothing else), "anything"
// swallows the rest.
void simplify(std::vector<Alternative>& alternatives) {
  if (alternatives.size() < 2) return;
  const auto possible = [](const Alternative& alternative) {
    return !is_impossible(alternative.comparators[0]);
  };
  if (std::none_of(alternatives.begin(), alternatives.end(), possible)) {
    alternatives.resize(1);
    return;
  }
  std::erase_if(alternatives,
                [&](const Alternative& alternative) { return !possible(alternative); });
  const auto everything = std::find_if(alternatives.begin(), alternatives.end(), allows_everything);
  if (everything == alternatives.end()) return;
  Alternative only = std::move(*everything);
  alternatives.clear();
  alternatives.push_back(std::move(only));
}

tl::unexpected<Error> invalid(std::string_view raw) {
  return failure(ErrorCode::range_invalid,
                 "`" + std::string(raw.substr(0, kMaxVersionLength)) + "` is not a version range");
}

}  // namespace

std::string collapsed(std::string_view text) {
  text = ecma_trimmed(text);
  std::string result;
  result.reserve(std::min(text.size(), kMaxText + 1));
  bool blank = false;
  for (std::size_t position = 0; position < text.size() && result.size() <= kMaxText;) {
    const std::size_t space = ecma_space_length(text, position);
    if (space == 0) {
      result += text[position++];
    } else {
      if (!blank) result += ' ';
      position += space;
    }
    blank = space != 0;
  }
  return result;
}

Result<std::vector<Alternative>> parse_alternatives(std::string_view raw, RangeOptions options) {
  if (raw.size() > kMaxText) return invalid(raw);
  std::vector<Alternative> alternatives;
  std::size_t comparators = 0;
  for (std::size_t begin = 0; begin <= raw.size();) {
    const std::size_t end = std::min(raw.find("||", begin), raw.size());
    Alternative alternative{
        range_rewrite::without_builds(ecma_trimmed(raw.substr(begin, end - begin))), {}};
    auto set = SetParser(options).parse(alternative.text);
    if (!set) return invalid(raw);
    comparators += set->size();
    if (comparators > kMaxComparators) return invalid(raw);
    alternative.comparators = std::move(*set);
    if (!alternative.comparators.empty()) alternatives.push_back(std::move(alternative));
    begin = end + 2;
  }
  if (alternatives.empty()) return invalid(raw);
  simplify(alternatives);
  return alternatives;
}

}  // namespace hod::range_parse
