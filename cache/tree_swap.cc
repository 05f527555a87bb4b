// SPDX-License-Identifier: MIT
// The moment of change.
//
// What must stay true:
//  (1) Each name goes from the old thing to the new one by one rename (RENAME_EXCHANGE where
//      something is there). Only a file system without renameat2's flags has a moment in between.
//  (2) Parents are opened without following links; a parent that is none is an error, and nothing
//      has changed.
//  (3) Additions come before removals: at no moment a link leads nowhere that led somewhere before.
#include "cache/tree_swap.h"

#include <cerrno>
#include <cstdio>

#include "cache/tree_path.h"
#include "cache/tree_stage.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

bool flags_are_unknown(int error) {
  return error == EINVAL || error == ENOSYS || error == EOPNOTSUPP;
}

// A folder that cannot be renamed where it is: of another layer, or a mount point.
bool is_immovable(int error) { return error == EXDEV || error == EBUSY; }

}  // namespace

Result<void> TreeSwap::run() {
  const auto all = [this]() -> Result<void> {
    for (const std::string& path : changes_.blockers) HOD_CHECK(take(path));
    for (std::size_t i = 0; i < changes_.units.size(); ++i) {
      if (changes_.whole_root && changes_.units[i] == "node_modules") continue;
      HOD_CHECK(put(i));
    }
    for (const std::string& path : changes_.removals) HOD_CHECK(take(path));
    if (changes_.whole_root) HOD_CHECK(swap_root());
    return {};
  };
  Result<void> result = all();
  if (!result) {
    undo();
    return result;
  }
  remove_emptied();
  return {};
}

// The folder of the last path is kept open: paths come sorted.
Result<int> TreeSwap::parent_of(std::string_view path, bool make) {
  const std::string_view parent = hod::cache::parent_path(path);
  if (!parent_ || parent_path_ != parent) {
    parent_.reset();
    if (make) HOD_CHECK(make_folders(parent));
    HOD_TRY(parent_, project_.find(parent));
    parent_path_ = parent;
  }
  return parent_.get();
}

// mkdir -p that remembers what it made.
Result<void> TreeSwap::make_folders(std::string_view path) {
  HOD_TRY(const Fd there, project_.find(path));
  if (there || path.empty()) return {};
  HOD_CHECK(make_folders(hod::cache::parent_path(path)));
  HOD_TRY(const Fd made, project_.make(path));
  done_.push_back({Action::made, std::string(path), {}});
  return {};
}

Result<void> TreeSwap::put(std::size_t unit) {
  const std::string& path = changes_.units[unit];
  const std::string staged = staged_name(unit);
  const std::string name(base_name(path));
  HOD_TRY(const int parent, parent_of(path, true));
  for (int tries = 0; tries < 3; ++tries) {
    if (io::renameat2(stage_, staged.c_str(), parent, name.c_str(), RENAME_NOREPLACE) == 0) {
      done_.push_back({Action::put, path, staged});
      return {};
    }
    if (flags_are_unknown(errno)) return put_plainly(parent, name, unit);
    if (errno != EEXIST) break;
    if (io::renameat2(stage_, staged.c_str(), parent, name.c_str(), RENAME_EXCHANGE) == 0) {
      done_.push_back({Action::exchanged, path, staged});
      return {};
    }
    if (flags_are_unknown(errno)) return put_plainly(parent, name, unit);
    if (is_immovable(errno)) return put_over_deleted(parent, name, unit);
    if (errno != ENOENT) break;  // gone meanwhile: there is nothing to exchange with
  }
  return failure(system_error(errno, "put in place", project_.full_path(path)));
}

Result<void> TreeSwap::put_plainly(int parent, const std::string& name, std::size_t unit) {
  const std::string& path = changes_.units[unit];
  const std::string staged = staged_name(unit);
  const std::string old = "o" + std::to_string(unit);
  if (io::renameat(parent, name.c_str(), stage_, old.c_str()) == 0) {
    done_.push_back({Action::taken, path, old});
  } else if (is_immovable(errno)) {
    return put_over_deleted(parent, name, unit);
  } else if (errno != ENOENT) {
    return failure(system_error(errno, "move away", project_.full_path(path)));
  }
  if (io::renameat(stage_, staged.c_str(), parent, name.c_str()) != 0) {
    return failure(system_error(errno, "put in place", project_.full_path(path)));
  }
  done_.push_back({Action::put, path, staged});
  return {};
}

Result<void> TreeSwap::put_over_deleted(int parent, const std::string& name, std::size_t unit) {
  const std::string& path = changes_.units[unit];
  HOD_CHECK(remove_tree_at(parent, name));
  if (io::renameat(stage_, staged_name(unit).c_str(), parent, name.c_str()) != 0) {
    return failure(system_error(errno, "put in place", project_.full_path(path)));
  }
  return {};
}

Result<void> TreeSwap::take(const std::string& path) {
  HOD_TRY(const int parent, parent_of(path, false));
  if (parent < 0) return {};  // gone with its folder
  const std::string name(base_name(path));
  std::string staged = "x" + std::to_string(taken_++);
  if (io::renameat(parent, name.c_str(), stage_, staged.c_str()) == 0) {
    done_.push_back({Action::taken, path, std::move(staged)});
  } else if (is_immovable(errno)) {
    return remove_tree_at(parent, name);
  } else if (errno != ENOENT) {
    return failure(system_error(errno, "remove", project_.full_path(path)));
  }
  return {};
}

// The new node_modules is staged within the old one, and a folder cannot be exchanged with one
// inside it: so it steps beside it first. Stopped in between, the old tree or the new one stands,
// and the next run throws kSwapFolder away.
Result<void> TreeSwap::swap_root() {
  const int root = project_.descriptor();
  std::size_t unit = 0;
  while (changes_.units[unit] != "node_modules") ++unit;
  const std::string staged = staged_name(unit);
  if (io::renameat(stage_, staged.c_str(), root, kSwapFolder) != 0) {
    const bool elsewhere = is_immovable(errno) || errno == EACCES || errno == EROFS;
    if (elsewhere) return move_entries_of_root(staged);
    return failure(system_error(errno, "stage the new tree", project_.full_path(kSwapFolder)));
  }
  if (io::renameat2(root, kSwapFolder, root, "node_modules", RENAME_EXCHANGE) == 0) return {};
  int error = errno;
  if (flags_are_unknown(error)) {
    const std::string old = std::string(kSwapFolder) + ".old";
    if (io::renameat(root, "node_modules", root, old.c_str()) == 0) {
      if (io::renameat(root, kSwapFolder, root, "node_modules") == 0) {
        io::renameat(root, old.c_str(), root, kSwapFolder);
        return {};
      }
      error = errno;
      io::renameat(root, old.c_str(), root, "node_modules");
    } else {
      error = errno;
    }
  }
  io::renameat(root, kSwapFolder, stage_, staged.c_str());
  if (is_immovable(error)) return move_entries_of_root(staged);
  return failure(system_error(error, "put in place", project_.full_path("node_modules")));
}

// node_modules stays the folder that it is (a mount point, say): what is staged moves into it, the
// state file last.
Result<void> TreeSwap::move_entries_of_root(const std::string& staged) {
  HOD_TRY(const Fd modules, project_.find("node_modules"));
  HOD_TRY(const Fd own, project_.find("node_modules/.hod"));
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
  const Fd from(io::openat(stage_, staged.c_str(), kFlags));
  const Fd own_from(io::openat(stage_, (staged + "/.hod").c_str(), kFlags));
  if (!modules || !own || !from || !own_from) {
    return failure(system_error(errno, "open the folder", project_.full_path("node_modules")));
  }
  HOD_CHECK(move_entries(own_from.get(), own.get(), "node_modules/.hod"));
  HOD_CHECK(move_entries(from.get(), modules.get(), "node_modules"));
  if (io::renameat(own_from.get(), "state", own.get(), "state") != 0) {
    return failure(system_error(errno, "put in place", project_.full_path("node_modules/.hod")));
  }
  return {};
}

Result<void> TreeSwap::move_entries(int from, int to, std::string_view shown) {
  HOD_TRY(const std::vector<FolderEntry> entries, list_folder(from, shown));
  for (const FolderEntry& entry : entries) {
    if (entry.name == "lock" || entry.name == "state" || entry.name == ".hod") continue;
    HOD_CHECK(remove_tree_at(to, entry.name));
    if (io::renameat(from, entry.name.c_str(), to, entry.name.c_str()) != 0) {
      return failure(system_error(errno, "put in place", joined(shown, entry.name)));
    }
  }
  return {};
}

// A folder that still holds something stays; so does one behind a link.
void TreeSwap::remove_emptied() const {
  for (const std::string& path : changes_.emptied) {
    const Result<Fd> parent = project_.find(hod::cache::parent_path(path));
    if (!parent || !*parent) continue;
    io::unlinkat(parent->get(), std::string(base_name(path)).c_str(), AT_REMOVEDIR);
  }
}

void TreeSwap::undo() {
  for (; !done_.empty(); done_.pop_back()) {
    const Step& step = done_.back();
    const Result<int> parent = parent_of(step.path, false);
    if (!parent || *parent < 0) continue;
    const std::string name(base_name(step.path));
    switch (step.action) {
      case Action::made:
        io::unlinkat(*parent, name.c_str(), AT_REMOVEDIR);
        break;
      case Action::put:
        io::renameat(*parent, name.c_str(), stage_, step.staged.c_str());
        break;
      case Action::exchanged:
        io::renameat2(stage_, step.staged.c_str(), *parent, name.c_str(), RENAME_EXCHANGE);
        break;
      case Action::taken:
        io::renameat(stage_, step.staged.c_str(), *parent, name.c_str());
        break;
    }
  }
}

}  // namespace hod::cache
