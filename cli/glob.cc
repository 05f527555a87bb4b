// SPDX-License-Identifier: MIT
#include "cli/glob.h"

#include <algorithm>
#include <cstddef>
#include <span>

namespace hod::cli {

namespace {

constexpr std::size_t kMostAlternatives = 256;

// The end of the brace that opens at `open`, and the commas of its level; npos when it is not
// closed.
struct Brace {
  std::size_t close = std::string_view::npos;
  std::vector<std::size_t> cuts;  // commas, then `close`
};

Brace read_brace(std::string_view text, std::size_t open) {
  Brace brace;
  int depth = 0;
  for (std::size_t i = open; i < text.size(); ++i) {
    if (text[i] == '{') ++depth;
    if (text[i] == ',' && depth == 1) brace.cuts.push_back(i);
    if (text[i] == '}' && --depth == 0) {
      brace.close = i;
      brace.cuts.push_back(i);
      return brace;
    }
  }
  return {};
}

struct ClassMatch {
  bool matched = false;
  std::size_t length = 0;  // of the class in the pattern; 0: no class, `[` is an ordinary character
};

// `[a-z]`, `[!a]`, `[^a]`
ClassMatch match_class(std::string_view pattern, char c) {
  std::size_t i = 1;
  bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool inside = false;
  for (std::size_t first = i; i < pattern.size(); ++i) {
    if (pattern[i] == ']' && i > first) return {inside != negated, i + 1};
    bool range = i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']';
    char low = pattern[i];
    char high = range ? pattern[i + 2] : low;
    if (low <= c && c <= high) inside = true;
    if (range) i += 2;
  }
  return {};
}

bool path_matches(std::span<const std::string> pattern, std::span<const std::string> path) {
  // The same shape as segment_matches, with `**` in the part of `*`: back up only to the latest
  // one.
  std::size_t p = 0, s = 0;
  std::size_t star = std::string::npos, star_at = 0;
  while (s < path.size()) {
    if (p < pattern.size() && pattern[p] == "**") {
      star = p++;
      star_at = s;
    } else if (p < pattern.size() && segment_matches(pattern[p], path[s])) {
      ++p;
      ++s;
    } else if (star != std::string::npos && path[star_at][0] != '.') {
      p = star + 1;
      s = ++star_at;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == "**") ++p;
  return p == pattern.size();
}

}  // namespace

std::vector<std::string> expand_braces(std::string_view pattern) {
  std::vector<std::string> done;
  std::vector<std::string> open{std::string(pattern)};
  while (!open.empty() && done.size() < kMostAlternatives) {
    std::string text = std::move(open.back());
    open.pop_back();
    std::size_t at = text.find('{');
    Brace brace = at == std::string::npos ? Brace{} : read_brace(text, at);
    if (brace.close == std::string_view::npos) {
      done.push_back(std::move(text));
      continue;
    }
    // Pushed backwards, so that they come out in the order written.
    for (std::size_t i = brace.cuts.size(); i-- > 0 && open.size() < kMostAlternatives;) {
      std::size_t from = i == 0 ? at + 1 : brace.cuts[i - 1] + 1;
      open.push_back(text.substr(0, at) + text.substr(from, brace.cuts[i] - from) +
                     text.substr(brace.close + 1));
    }
  }
  return done;
}

bool segment_is_literal(std::string_view pattern) {
  return pattern.find_first_of("*?[") == std::string_view::npos;
}

bool segment_matches(std::string_view pattern, std::string_view name) {
  if (!name.empty() && name[0] == '.' && (pattern.empty() || pattern[0] != '.')) return false;
  std::size_t p = 0, n = 0;
  std::size_t star = std::string_view::npos, star_at = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_at = n;
      continue;
    }
    std::size_t taken = 0;
    if (p < pattern.size()) {
      ClassMatch in_class =
          pattern[p] == '[' ? match_class(pattern.substr(p), name[n]) : ClassMatch{};
      if (in_class.length > 0) {
        taken = in_class.matched ? in_class.length : 0;
      } else if (pattern[p] == '?' || pattern[p] == name[n]) {
        taken = 1;
      }
    }
    if (taken > 0) {
      p += taken;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++star_at;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> out;
  while (!path.empty()) {
    std::size_t slash = path.find('/');
    std::string_view part = path.substr(0, slash);
    if (!part.empty() && part != ".") out.emplace_back(part);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return out;
}

std::string normalized_pattern(std::string_view pattern) {
  std::string out;
  for (const std::string& part : split_path(pattern)) out += (out.empty() ? "" : "/") + part;
  return out;
}

bool glob_matches(std::string_view pattern, std::string_view path) {
  std::vector<std::string> parts = split_path(path);
  for (const std::string& alternative : expand_braces(pattern)) {
    if (path_matches(split_path(alternative), parts)) return true;
  }
  return false;
}

}  // namespace hod::cli
