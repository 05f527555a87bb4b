// SPDX-License-Identifier: MIT
// Paths as lists of parts; `..` takes the part before it away and never climbs above the root.
#include "core/base/lexical_path.h"

#include <algorithm>
#include <vector>

namespace hod {
namespace {

using Parts = std::vector<std::string_view>;

bool is_absolute(std::string_view path) { return !path.empty() && path.front() == '/'; }

// Appends the parts of `path`; of leading `..` only those of a relative path stay.
void append(Parts& parts, std::string_view path, bool may_climb) {
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (!parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (may_climb) {
      parts.push_back(part);
    }
  }
}

std::string joined(const Parts& parts) {
  std::string path;
  for (const std::string_view part : parts) {
    if (!path.empty()) path += '/';
    path += part;
  }
  return path;
}

Parts absolute_parts(std::string_view path) {
  Parts parts;
  append(parts, path, false);
  return parts;
}

}  // namespace

std::string resolved_path(std::string_view base, std::string_view path) {
  Parts parts;
  if (!is_absolute(path)) append(parts, base, false);
  append(parts, path, false);
  return "/" + joined(parts);
}

std::string relative_path(std::string_view from, std::string_view to) {
  const Parts start = absolute_parts(from);
  const Parts goal = absolute_parts(to);
  const auto [left, entered] = std::mismatch(start.begin(), start.end(), goal.begin(), goal.end());
  Parts way(static_cast<std::size_t>(start.end() - left), "..");
  way.insert(way.end(), entered, goal.end());
  return joined(way);
}

std::string shortest_path(std::string_view path) {
  Parts parts;
  append(parts, path, !is_absolute(path));
  return is_absolute(path) ? "/" + joined(parts) : joined(parts);
}

std::string joined_path(std::string_view base, std::string_view reference) {
  if (is_absolute(reference) || reference.starts_with("~")) return std::string(reference);
  Parts parts;
  append(parts, base, true);
  append(parts, reference, true);
  return parts.empty() ? "." : joined(parts);
}

}  // namespace hod
