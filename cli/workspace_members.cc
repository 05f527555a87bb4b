// SPDX-License-Identifier: MIT
#include "cli/workspace_members.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <set>
#include <span>

#include <sys/stat.h>

#include "cli/glob.h"
#include "core/base/file.h"
#include "core/base/io.h"

namespace hod::cli {

namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

bool is_folder(int directory, const dirent& entry) {
  if (entry.d_type == DT_DIR) return true;
  if (entry.d_type != DT_UNKNOWN) return false;
  struct stat status {};
  return io::fstatat(directory, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISDIR(status.st_mode);
}

std::string joined(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string(name) : folder + "/" + std::string(name);
}

class Walk {
 public:
  explicit Walk(const std::string& root) : root_(root) {}

  void run(const std::string& pattern) {
    std::vector<std::string> segments = split_path(pattern);
    visit("", segments);
  }

  std::set<std::string> found;
  std::set<std::string> watched;

 private:
  void visit(const std::string& folder, std::span<const std::string> segments) {
    if (segments.empty()) {
      take(folder);
      return;
    }
    const std::string& segment = segments.front();
    std::span<const std::string> rest = segments.subspan(1);
    if (segment == "**") {
      visit(folder, rest);
      for (const std::string& name : list(folder)) {
        if (name[0] != '.') visit(joined(folder, name), segments);
      }
    } else if (segment_is_literal(segment)) {
      std::string next = joined(folder, segment);
      if (directory_exists(root_ + "/" + next)) {
        visit(next, rest);
      } else {
        watched.insert(folder);
      }
    } else {
      for (const std::string& name : list(folder)) {
        if (segment_matches(segment, name)) visit(joined(folder, name), rest);
      }
    }
  }

  std::vector<std::string> list(const std::string& folder) {
    watched.insert(folder);
    return folders_in(root_ + "/" + folder);
  }

  // A folder the pattern names is a member when it has a manifest; else it may get one.
  void take(const std::string& folder) {
    if (folder.empty()) return;
    if (file_exists(root_ + "/" + folder + "/package.json")) {
      found.insert(folder);
    } else {
      watched.insert(folder);
    }
  }

  std::string root_;
};

bool leaves_root(const std::string& pattern) {
  if (!pattern.empty() && pattern[0] == '/') return true;
  std::vector<std::string> segments = split_path(pattern);
  return std::find(segments.begin(), segments.end(), "..") != segments.end();
}

}  // namespace

std::vector<std::string> folders_in(const std::string& path) {
  Fd fd(io::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return {};
  Directory directory(fdopendir(fd.get()));
  if (!directory) return {};
  fd.release();
  std::vector<std::string> names;
  while (const dirent* entry = readdir(directory.get())) {
    std::string_view name = entry->d_name;
    if (name == "." || name == ".." || name == "node_modules") continue;
    if (is_folder(dirfd(directory.get()), *entry)) names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<FoundMembers> find_members(const std::string& root,
                                  const std::vector<std::string>& patterns) {
  std::set<std::string> members;
  std::set<std::string> watched;
  for (const std::string& written : patterns) {
    bool negated = !written.empty() && written[0] == '!';
    for (const std::string& pattern :
         expand_braces(std::string_view(written).substr(negated ? 1 : 0))) {
      if (negated) {
        std::erase_if(members,
                      [&](const std::string& path) { return glob_matches(pattern, path); });
        continue;
      }
      if (leaves_root(pattern)) {
        return failure(
            Error(ErrorCode::workspace_invalid,
                  "the workspace pattern `" + written + "` leaves the project's folder")
                .at(root + "/package.json")
                .hint("members must lie below the folder of the workspace's package.json"));
      }
      Walk walk(root);
      walk.run(pattern);
      members.merge(walk.found);
      watched.merge(walk.watched);
    }
  }
  return FoundMembers{{members.begin(), members.end()}, {watched.begin(), watched.end()}};
}

}  // namespace hod::cli
