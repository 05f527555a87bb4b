// SPDX-License-Identifier: MIT
#include "cli/selection.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "cli/glob.h"
#include "core/base/edit_distance.h"

namespace hod::cli {

namespace {

using Members = std::set<std::size_t>;

enum class Direction : std::uint8_t { needs, needed_by };

// All that can be reached from `from` over dependencies between members.
Members reach(const Project& project, const Members& from, Direction direction) {
  Members seen = from;
  std::vector<std::size_t> open(from.begin(), from.end());
  while (!open.empty()) {
    std::size_t at = open.back();
    open.pop_back();
    for (std::size_t other = 0; other < project.members.size(); ++other) {
      std::size_t who = direction == Direction::needs ? at : other;
      std::size_t what = direction == Direction::needs ? other : at;
      std::vector<std::size_t> needed = member_dependencies(project, who);
      bool linked = std::find(needed.begin(), needed.end(), what) != needed.end();
      if (linked && seen.insert(other).second) open.push_back(other);
    }
  }
  return seen;
}

// "../x" seen from the start folder, as a path below the root; "" when it is the root itself.
std::string path_below_root(const Project& project, const std::string& start_folder,
                            std::string_view written) {
  std::filesystem::path absolute =
      (std::filesystem::path(start_folder) / written).lexically_normal();
  std::string text = absolute.lexically_relative(project.root).string();
  while (!text.empty() && text.back() == '/') text.pop_back();
  return text;
}

bool is_path(std::string_view pattern) {
  return !pattern.empty() && (pattern[0] == '.' || pattern[0] == '/');
}

Members by_path(const Project& project, const std::string& pattern) {
  Members found;
  for (std::size_t i = 0; i < project.members.size(); ++i) {
    const std::string& path = project.members[i].path;
    if (pattern == "." ? path == "." : glob_matches(pattern, path)) found.insert(i);
  }
  return found;
}

Members by_name(const Project& project, std::string_view pattern) {
  Members found;
  for (std::size_t i = 0; i < project.members.size(); ++i) {
    if (segment_matches(pattern, project.members[i].manifest.name)) found.insert(i);
  }
  if (!found.empty() || pattern.find('/') != std::string_view::npos) return found;
  // A name without its scope is enough.
  std::string scoped = "@*/" + std::string(pattern);
  for (std::size_t i = 0; i < project.members.size(); ++i) {
    if (segment_matches(scoped, project.members[i].manifest.name)) found.insert(i);
  }
  return found;
}

Members by_filter(const Project& project, std::string_view filter,
                  const std::string& start_folder) {
  constexpr std::string_view kDots = "...";
  bool dependents = filter.substr(0, kDots.size()) == kDots;
  if (dependents) filter.remove_prefix(kDots.size());
  bool dependencies =
      filter.size() >= kDots.size() && filter.substr(filter.size() - kDots.size()) == kDots;
  if (dependencies) filter.remove_suffix(kDots.size());
  Members found = is_path(filter) ? by_path(project, path_below_root(project, start_folder, filter))
                                  : by_name(project, filter);
  Members out = found;
  if (dependencies) out.merge(reach(project, found, Direction::needs));
  if (dependents) out.merge(reach(project, found, Direction::needed_by));
  return out;
}

// npm's --workspace: a name, or a folder (of one member, or of several).
Members by_workspace(const Project& project, const std::string& value,
                     const std::string& start_folder) {
  Members found = by_name(project, value);
  std::string path =
      is_path(value) ? path_below_root(project, start_folder, value) : normalized_pattern(value);
  for (std::size_t i = 0; i < project.members.size(); ++i) {
    const std::string& member = project.members[i].path;
    if (member == path || member.substr(0, path.size() + 1) == path + "/") found.insert(i);
  }
  return found;
}

Error nothing_fits(const Project& project, const std::string& value) {
  std::vector<std::string> names;
  for (const ProjectMember& member : project.members) names.push_back(member.manifest.name);
  Error error =
      Error(ErrorCode::usage, "no project of this workspace fits `" + value + "`").at(project.root);
  if (!project.is_workspace()) return std::move(error).hint("this project has no workspaces");
  std::vector<std::string> near = nearest(names, value);
  if (!near.empty()) return std::move(error).hint("did you mean `" + near.front() + "`?");
  return error;
}

Result<Members> selected(const Project& project, const Arguments& arguments,
                         const std::string& start_folder) {
  Members chosen;
  for (const std::string& value : arguments.values(Option::workspace)) {
    Members found = by_workspace(project, value, start_folder);
    if (found.empty()) return failure(nothing_fits(project, value));
    chosen.merge(found);
  }
  std::vector<std::string> filters = arguments.values(Option::filter);
  bool only_exclusions =
      std::all_of(filters.begin(), filters.end(), [](const std::string& f) { return f[0] == '!'; });
  bool everything = arguments.is_on(Option::recursive) || (!filters.empty() && only_exclusions);
  bool narrowed = !only_exclusions || !arguments.values(Option::workspace).empty();
  if (everything && !narrowed) {
    for (std::size_t i = 1; i < project.members.size(); ++i) chosen.insert(i);
  }
  for (const std::string& filter : filters) {
    if (filter[0] == '!') continue;
    Members found = by_filter(project, filter, start_folder);
    if (found.empty()) return failure(nothing_fits(project, filter));
    chosen.merge(found);
  }
  for (const std::string& filter : filters) {
    if (filter[0] != '!') continue;
    for (std::size_t member : by_filter(project, filter.substr(1), start_folder))
      chosen.erase(member);
  }
  if (arguments.is_on(Option::workspace_root)) chosen.insert(0);
  return chosen;
}

}  // namespace

bool selects_members(const Arguments& arguments) {
  return arguments.is_on(Option::recursive) || arguments.is_on(Option::workspace_root) ||
         !arguments.values(Option::filter).empty() || !arguments.values(Option::workspace).empty();
}

Result<std::vector<std::size_t>> select_members(const Project& project, const Arguments& arguments,
                                                const std::string& start_folder) {
  if (!selects_members(arguments)) return std::vector<std::size_t>{project.current};
  HOD_TRY(Members members, selected(project, arguments, start_folder));
  return in_dependency_order(project, {members.begin(), members.end()});
}

std::vector<std::size_t> member_dependencies(const Project& project, std::size_t member) {
  std::vector<std::size_t> out;
  for (const Dependency& dependency : project.members[member].manifest.dependencies) {
    for (std::size_t i = 1; i < project.members.size(); ++i) {
      if (i != member && project.members[i].manifest.name == dependency.alias) out.push_back(i);
    }
  }
  return out;
}

std::vector<std::size_t> in_dependency_order(const Project& project,
                                             std::vector<std::size_t> members) {
  std::sort(members.begin(), members.end());
  std::vector<std::size_t> out;
  std::set<std::size_t> placed;
  // Again and again the first one that waits for nobody; in a circle simply the first one. Members
  // are few.
  while (out.size() < members.size()) {
    auto waits = [&](std::size_t member) {
      std::vector<std::size_t> needed = member_dependencies(project, member);
      return std::any_of(needed.begin(), needed.end(), [&](std::size_t other) {
        return placed.count(other) == 0 &&
               std::binary_search(members.begin(), members.end(), other);
      });
    };
    auto open = [&](std::size_t member) { return placed.count(member) == 0; };
    auto next = std::find_if(members.begin(), members.end(),
                             [&](std::size_t m) { return open(m) && !waits(m); });
    if (next == members.end()) next = std::find_if(members.begin(), members.end(), open);
    placed.insert(*next);
    out.push_back(*next);
  }
  return out;
}

}  // namespace hod::cli
