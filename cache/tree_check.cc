// SPDX-License-Identifier: MIT
// Checking an existing tree.
//
// A hard-linked file is right if it is the store's inode with the stored size and time; a copy if
// it has both (package_builder gives copies the stored time). Packages that scripts may change are
// only looked for. What is wrong is rebuilt whole, from the store, where it is checked again.
//
// A file or folder that somebody added to a package changed the time of the folder it is in, and
// ours all have one time: in a tree that was in use, a stat a folder finds those.
#include "cache/tree_check.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "cache/file_fence.h"
#include "cache/tree_path.h"
#include "cache/tree_stage.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

constexpr std::size_t kBatch = 32;  // packages; links count for less
constexpr std::size_t kLinksPerBatch = 512;

bool is_command(const PlacedPackage& placed, const StoredFile& file) {
  return std::binary_search(placed.executables.begin(), placed.executables.end(), file.path);
}

bool file_is_right(const struct stat& info, const StoredFile& file, bool command, TreeRule rule) {
  if (!S_ISREG(info.st_mode)) return false;
  const std::uint64_t size = static_cast<std::uint64_t>(info.st_size);
  // A mended shebang is one byte shorter.
  const bool size_fits = size == file.size || (command && size + 1 == file.size);
  const bool executable = file.executable || command;
  if (!size_fits || mtime_of(info) != file.mtime_ns) return false;
  if (rule == TreeRule::repaired) return mode_matches(info, executable);
  const bool may_be_copy = command || rule == TreeRule::fenced_copies;
  return (may_be_copy || info.st_ino == file.inode) && mode_matches(info, executable);
}

class Checker {
 public:
  Checker(const LinkRequest& request, const ProjectFolder& project, TreeRule rule)
      : request_(request), project_(project), rule_(rule) {}

  bool package_is_right(const PlacedPackage& placed) const {
    const Result<Fd> folder = project_.find(placed.path);
    if (!folder || !*folder) return false;
    const StoredPackagePtr stored =
        placed.package < request_.contents.size() ? request_.contents[placed.package] : nullptr;
    if (!stored || placed.copied) return true;
    if (rule_ == TreeRule::repaired && !folders_are_right(folder->get(), *stored)) return false;
    for (const StoredFile& file : stored->files) {
      // What is placed there may win.
      if (rule_ == TreeRule::repaired && file.path.starts_with("node_modules/")) continue;
      struct stat info {};
      if (io::fstatat(folder->get(), file.path.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
        return false;
      }
      if (!file_is_right(info, file, is_command(placed, file), rule_)) return false;
    }
    return true;
  }

  // Links of one folder come one after the other: it is opened once.
  struct Held {
    std::string_view path;
    Fd folder;
  };

  bool link_is_right(Held& held, const std::string& path, std::string_view target) const {
    if (rule_ != TreeRule::repaired) return leads_to(project_.descriptor(), path, target);
    if (held.path != parent_path(path)) {
      Result<Fd> folder = project_.find(parent_path(path));
      held = {parent_path(path), folder ? std::move(*folder) : Fd()};
    }
    return held.folder && leads_to(held.folder.get(), std::string(base_name(path)), target);
  }

 private:
  static bool folder_is_right(int folder, const char* path, int flags) {
    struct stat info {};
    return io::fstatat(folder, path, &info, flags) == 0 && S_ISDIR(info.st_mode) &&
           info.st_mtim.tv_sec == kTreeTime.tv_sec && info.st_mtim.tv_nsec == kTreeTime.tv_nsec;
  }

  static bool folders_are_right(int package, const StoredPackage& stored) {
    if (!folder_is_right(package, "", AT_EMPTY_PATH)) return false;
    std::string_view before;
    for (const StoredFile& file : stored.files) {
      if (file.path.starts_with("node_modules/")) continue;
      bool right = true;
      for_new_folders(before, file.path, [&](std::string_view folder) {
        right = folder_is_right(package, std::string(folder).c_str(), AT_SYMLINK_NOFOLLOW);
        return right;
      });
      if (!right) return false;
      before = file.path;
    }
    return true;
  }

  static bool leads_to(int folder, const std::string& link, std::string_view target) {
    char text[4096];
    const ssize_t size = io::readlinkat(folder, link.c_str(), text, sizeof text);
    return size >= 0 && std::string_view(text, static_cast<std::size_t>(size)) == target;
  }

  const LinkRequest& request_;
  const ProjectFolder& project_;
  const TreeRule rule_;
};

// Calls check(held, entry) for every entry that is not in `skipped`, on all threads; collects the
// paths of those that fail.
template <class Entry, class Check>
void check_all(const std::vector<Entry>& entries, const std::vector<bool>& skipped,
               std::size_t batch, WorkerPool& pool, const Check& check,
               std::unordered_set<std::string_view>& damaged) {
  std::mutex mutex;
  pool.for_each((entries.size() + batch - 1) / batch, [&](std::size_t n) {
    std::vector<std::string_view> wrong;
    Checker::Held held;
    for (std::size_t i = n * batch; i < std::min(entries.size(), (n + 1) * batch); ++i) {
      if (!skipped[i] && !check(held, entries[i])) wrong.push_back(entries[i].path);
    }
    if (wrong.empty()) return;
    const std::lock_guard lock(mutex);
    damaged.insert(wrong.begin(), wrong.end());
  });
}

}  // namespace

std::unordered_set<std::string_view> damaged_entries(const LinkRequest& request,
                                                     const TreeChanges& changes,
                                                     const ProjectFolder& project, WorkerPool& pool,
                                                     TreeRule rule) {
  const TreeShape& shape = *request.shape;
  std::vector<bool> packages(shape.packages.size(), false);
  std::vector<bool> links(shape.links.size(), false);
  std::vector<bool> bins(shape.bins.size(), false);
  for (const TreeItem& item : changes.items) {
    switch (item.kind) {
      case TreeEntry::package:
        packages[item.index] = true;
        break;
      case TreeEntry::link:
        links[item.index] = true;
        break;
      case TreeEntry::bin:
        bins[item.index] = true;
        break;
    }
  }
  const Checker checker(request, project, rule);
  std::unordered_set<std::string_view> damaged;
  check_all(
      shape.packages, packages, kBatch, pool,
      [&](Checker::Held&, const PlacedPackage& placed) { return checker.package_is_right(placed); },
      damaged);
  const auto link = [&](Checker::Held& held, const auto& entry) {
    return checker.link_is_right(held, entry.path, entry.target);
  };
  check_all(shape.links, links, kLinksPerBatch, pool, link, damaged);
  check_all(shape.bins, bins, kLinksPerBatch, pool, link, damaged);
  return damaged;
}

}  // namespace hod::cache
