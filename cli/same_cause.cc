// SPDX-License-Identifier: MIT
#include "cli/same_cause.h"

#include <map>
#include <string>
#include <string_view>

#include <fmt/core.h>

namespace hod::cli {

namespace {

constexpr std::size_t kMostNamed = 3;
constexpr int kNetworkExit = 6, kLoginExit = 7, kLocalExit = 13;

// "the registry answers 503 for `a`" and "… for `b`" say the same.
std::string without_names(std::string_view what) {
  std::string out;
  bool inside = false;
  for (char c : what) {
    if (c == '`') inside = !inside;
    if (!inside) out += c;
  }
  return out;
}

// "https://host:1" of an address, nothing of a path.
std::string_view origin_of(std::string_view where) {
  const std::size_t scheme = where.find("://");
  if (scheme == std::string_view::npos) return {};
  return where.substr(0, where.find('/', scheme + 3));
}

// Failures with the same text here have one cause; an empty one is told by itself.
std::string cause_of(const Error& error) {
  const std::string code(error_name(error.code()));
  if (error.code() == ErrorCode::disk_full) return code;  // whatever was being done
  switch (exit_code(error.code())) {
    case kLocalExit:
      return fmt::format("{} {}", code, without_names(error.what()));
    case kNetworkExit:
    case kLoginExit:
      return fmt::format("{} {} {}", code, without_names(error.what()), origin_of(error.where()));
    default:
      return {};
  }
}

// What failed: "`a@1.0.0`" of "fetching `a@1.0.0`", else the name in the sentence, else the place.
std::string subject_of(const Error& error) {
  const std::string& step = error.trail().empty() ? error.what() : error.trail().back();
  const std::size_t from = step.find('`');
  const std::size_t to = from == std::string::npos ? from : step.find('`', from + 1);
  if (to != std::string::npos) return step.substr(from, to - from + 1);
  return error.where().empty() ? step : error.where();
}

struct Group {
  std::size_t first = 0;  // in the list that is given back
  std::size_t others = 0;
  std::string named;
};

std::string line_about(const Group& group) {
  std::string line = fmt::format(
      "{} for the same reason: {}",
      group.others == 1 ? "one more" : fmt::format("{} more", group.others), group.named);
  if (group.others > kMostNamed) line += fmt::format(" and {} more", group.others - kMostNamed);
  return line;
}

}  // namespace

Errors merged_by_cause(const Errors& errors) {
  Errors out;
  std::map<std::string, Group> groups;
  for (const Error& error : errors) {
    const std::string cause = cause_of(error);
    auto [group, is_first] = groups.try_emplace(cause);
    if (is_first || cause.empty()) {
      group->second.first = out.size();
      out.push_back(error.clone());
      continue;
    }
    Group& others = group->second;
    if (others.others < kMostNamed) {
      others.named += (others.others == 0 ? "" : ", ") + subject_of(error);
    }
    ++others.others;
  }
  for (const auto& [cause, group] : groups) {
    if (group.others > 0) out[group.first] = std::move(out[group.first]).detail(line_about(group));
  }
  return out;
}

}  // namespace hod::cli
