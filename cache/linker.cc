// SPDX-License-Identifier: MIT
// The linker: from a shape to a tree.
//
//   look (state, journal, folders) ─▶ plan ─▶ [check, plan again] ─▶ stage ─▶ journal ─▶ swap
//                                                                       │        │        │
//        error or damaged contents: the old tree stands as it was ◀─────┴────────┴─ undo ─┤
//                                                                              state ◀────┘
// Everything that can run out of space or meet damage happens in staging, where the tree is not
// touched. The swap is renames only. Stopped within it, the journal says which paths are neither
// surely old nor surely new: the next run replaces those, whatever it wants to place there.
//
// Where there is no tree yet, the whole of node_modules is staged, state file included, and takes
// its place by one rename; no journal is needed.
#include "cache/linker.h"

#include <algorithm>
#include <cerrno>
#include <set>

#include "cache/project_folder.h"
#include "cache/spare.h"
#include "cache/tree_changes.h"
#include "cache/tree_check.h"
#include "cache/tree_path.h"
#include "cache/tree_proof.h"
#include "cache/tree_stage.h"
#include "cache/tree_state.h"
#include "cache/tree_swap.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

Error unsafe_path(const std::string& path) {
  return Error(ErrorCode::tree_refused, "`" + path + "` is no place for a package")
      .hint("the lockfile or a manifest names a dependency that no package manager may install");
}

// T-LINK-04, whoever made the shape.
Result<void> check_shape(const TreeShape& shape) {
  for (const PlacedPackage& placed : shape.packages) {
    if (!tree_path_is_safe(placed.path, TreeEntry::package))
      return failure(unsafe_path(placed.path));
  }
  for (const PlacedLink& link : shape.links) {
    if (!tree_path_is_safe(link.path, TreeEntry::link)) return failure(unsafe_path(link.path));
  }
  for (const PlacedBin& bin : shape.bins) {
    if (!tree_path_is_safe(bin.path, TreeEntry::bin)) return failure(unsafe_path(bin.path));
  }
  return {};
}

// What the last runs left behind.
struct LastTree {
  std::optional<TreeState> state;
  std::vector<std::string> unsure;
  bool stopped = false;  // within a swap

  KnownTree known() const { return {state ? &state->shape : nullptr, unsure}; }
};

LastTree last_tree(const std::string& project_root) {
  LastTree last;
  const OwnFile journal = read_own_file(project_root, kJournalFile);
  last.stopped = journal.exists;
  const std::optional<std::vector<std::string>> unsure = decode_journal(journal.bytes);
  if (last.stopped && !unsure) return last;  // nothing is sure
  if (unsure) last.unsure = *unsure;
  last.state = read_state(project_root);
  return last;
}

}  // namespace

struct TreeLook {
  LastTree last;
  std::optional<TreeChanges> changes;  // none: used up
};
void ForgetLook::operator()(TreeLook* look) const { delete look; }

namespace {

// Writes a file of ours beside the others: never through a link, visible only when whole.
Result<void> write_own_file(int folder, const std::string& name, std::string_view bytes,
                            const std::string& shown) {
  const std::string fresh = name + ".new";
  if (io::unlinkat(folder, fresh.c_str(), 0) != 0 && errno != ENOENT) {
    return failure(system_error(errno, "remove", shown + ".new"));
  }
  const Fd file(io::openat(folder, fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0666));
  if (!file) return failure(system_error(errno, "create", shown));
  while (!bytes.empty()) {
    const ssize_t written = io::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failure(system_error(errno, "write", shown));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (io::renameat(folder, fresh.c_str(), folder, name.c_str()) != 0) {
    return failure(system_error(errno, "put in place", shown));
  }
  return {};
}

// The folders that renames went through, and our own files, get the time of all others. Best
// effort: nothing depends on it but the equality of two trees.
void settle_times(const ProjectFolder& project, const TreeChanges& changes) {
  std::set<std::string_view> folders;
  for (const auto* list :
       {&changes.units, &changes.removals, &changes.blockers, &changes.emptied}) {
    for (const std::string& path : *list) {
      // With those above: what was made or emptied on the way changed them, too.
      std::string_view folder = path;
      while (folder != "node_modules" && !folder.empty()) {
        folder = parent_path(folder);
        if (!folders.insert(folder).second) break;
      }
    }
  }
  for (const char* own : {"state", "lock"}) {
    const Result<Fd> folder = project.find(kHodFolder);
    if (folder && *folder) io::set_times(folder->get(), own, kTreeTime, AT_SYMLINK_NOFOLLOW);
  }
  folders.insert({kHodFolder, "node_modules"});
  for (const std::string_view path : folders) {
    if (path.find("node_modules") == std::string_view::npos) continue;  // the user's own
    const Result<Fd> folder = project.find(path);
    if (folder && *folder) io::set_times(folder->get(), kTreeTime);
  }
}

class TreeLinker {
 public:
  TreeLinker(const LinkRequest& request, WorkerPool& pool, ProjectFolder project)
      : request_(request), pool_(pool), project_(std::move(project)) {}

  Result<LinkReport> run() {
    HOD_CHECK(look());
    HOD_TRY(TreeChanges changes, plan());
    Result<LinkReport> report = LinkReport{};
    if (!changes.empty()) {
      HOD_CHECK(open_stage());
      const std::optional<TreeChanges> rest = take_spare(request_, changes, stage_.get(), pool_);
      report = build_units(request_, rest ? *rest : changes, stage_.get(), pool_);
      if (report) report->from_spare = rest.has_value();
      if (report) report->whole_root = changes.whole_root;
    }
    if (report && report->damaged.empty()) report = finish(changes, std::move(*report));
    if (stage_) static_cast<void>(throw_away(hod_folder_.get(), "tmp"));
    settle_times(project_, changes);
    return report;
  }

 private:
  Result<void> look() {
    HOD_TRY(hod_folder_, project_.make(kHodFolder));
    HOD_CHECK(clear_leftovers());
    const bool looked = request_.look != nullptr && request_.look->changes;
    last_ = looked ? std::move(request_.look->last) : last_tree(project_.path());
    return {};
  }

  Result<TreeChanges> plan() {
    const TreeShape& wanted = *request_.shape;
    const bool repair = request_.repair || after_crash();
    if (request_.look != nullptr) {
      std::optional<TreeChanges> seen = std::exchange(request_.look->changes, std::nullopt);
      if (seen && !repair) return std::move(*seen);
    }
    const KnownTree known = last_.known();
    std::vector<std::string> tops = top_modules(wanted, known.shape);
    HOD_TRY(const TreeListing listing, repair ? list_tree_deep(project_, std::move(tops), pool_)
                                              : list_tree(project_, std::move(tops)));
    TreeChanges changes = tree_changes(wanted, known, listing, {});
    if (!repair) return changes;
    auto damaged = damaged_entries(request_, changes, project_, pool_);
    if (is_of_other_boot()) add_unproved(request_, changes, project_, pool_, damaged);
    if (damaged.empty()) return changes;
    return tree_changes(wanted, known, listing, damaged);
  }

  // A swap was cut by the end of a boot: not even what it had finished must have reached the disk
  // (testing.md §5).
  bool after_crash() const { return last_.stopped && is_of_other_boot(); }
  bool is_of_other_boot() const { return last_.state && last_.state->boot_id != boot_id(); }

  // ---- the staging folder: node_modules/.hod/tmp, one run at a time

  Result<void> open_stage() {
    if (io::mkdirat(hod_folder_.get(), "tmp", 0777) != 0) {
      return failure(
          system_error(errno, "make the folder", project_.full_path(kHodFolder) + "/tmp"));
    }
    stage_ = Fd(io::openat(hod_folder_.get(), "tmp", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    if (stage_) return {};
    return failure(system_error(errno, "open the folder", project_.full_path(kHodFolder) + "/tmp"));
  }

  // By one rename; empty_trash() deletes later.
  Result<void> throw_away(int folder, const char* name) {
    HOD_TRY(const Fd trash, project_.make(std::string(kHodFolder) + "/trash"));
    if (io::renameat(folder, name, trash.get(), random_suffix().c_str()) == 0 || errno == ENOENT) {
      return {};
    }
    return failure(system_error(errno, "move away", name));
  }

  Result<void> clear_leftovers() {
    for (const auto& [folder, name] :
         {std::pair{hod_folder_.get(), "tmp"}, std::pair{project_.descriptor(), kSwapFolder}}) {
      struct stat info {};
      if (io::fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0) {
        HOD_CHECK(throw_away(folder, name));
      }
    }
    return {};
  }

  // ---- the end

  Result<LinkReport> finish(const TreeChanges& changes, LinkReport report) {
    count(changes, report);
    const std::string state = encode_state(request_.state, *request_.shape);
    if (changes.whole_root) {
      HOD_CHECK(stage_own_files(changes, state));
      const bool one_rename = changes.units.size() == 1 && changes.removals.empty() && !last_.state;
      HOD_CHECK(swap(changes, one_rename ? Journal::none : Journal::needed));
      forget_old_root();
      return remove_journal(std::move(report));
    }
    if (!changes.empty()) HOD_CHECK(swap(changes, Journal::needed));
    HOD_CHECK(write_own_file(hod_folder_.get(), "state", state, project_.full_path(kStateFile)));
    return remove_journal(std::move(report));
  }

  Result<LinkReport> remove_journal(LinkReport report) const {
    if (io::unlinkat(hod_folder_.get(), "journal", 0) != 0 && errno != ENOENT) {
      return failure(system_error(errno, "remove", project_.full_path(kJournalFile)));
    }
    return report;
  }

  enum class Journal : unsigned char { none, needed };

  Result<void> swap(const TreeChanges& changes, Journal journal) {
    if (journal == Journal::needed) {
      std::vector<std::string> paths = last_.unsure;
      for (const auto* list : {&changes.units, &changes.removals, &changes.blockers}) {
        paths.insert(paths.end(), list->begin(), list->end());
      }
      HOD_CHECK(write_own_file(hod_folder_.get(), "journal", encode_journal(paths),
                               project_.full_path(kJournalFile)));
    }
    return TreeSwap(project_, changes, stage_.get()).run();
  }

  // The staged node_modules gets its state, and the lock that everybody waits for.
  Result<void> stage_own_files(const TreeChanges& changes, const std::string& state) {
    const auto unit = std::find(changes.units.begin(), changes.units.end(), "node_modules");
    const std::string folder =
        staged_name(static_cast<std::size_t>(unit - changes.units.begin())) + "/.hod";
    if (io::mkdirat(stage_.get(), folder.c_str(), 0777) != 0 && errno != EEXIST) {
      return failure(system_error(errno, "make the folder", folder));
    }
    const Fd staged(io::openat(stage_.get(), folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    if (!staged) return failure(system_error(errno, "open the folder", folder));
    if (io::linkat(hod_folder_.get(), "lock", staged.get(), "lock") != 0 && errno != ENOENT) {
      return failure(system_error(errno, "keep the lock", project_.full_path(kHodFolder)));
    }
    return write_own_file(staged.get(), "state", state, project_.full_path(kStateFile));
  }

  // The new tree stands; if its predecessor cannot be put away now, the next run does it.
  void forget_old_root() {
    Result<Fd> folder = project_.make(kHodFolder);
    if (!folder) return;
    hod_folder_ = std::move(*folder);
    static_cast<void>(throw_away(project_.descriptor(), kSwapFolder));
  }

  void count(const TreeChanges& changes, LinkReport& report) const {
    const TreeShape& wanted = *request_.shape;
    for (const TreeItem& item : changes.items) {
      if (item.kind == TreeEntry::package) report.placed.push_back(item.index);
    }
    report.packages_added = report.placed.size();
    report.packages_kept = wanted.packages.size() - report.placed.size();
    if (!last_.state) return;
    std::unordered_set<std::string_view> paths;
    for (const PlacedPackage& placed : wanted.packages) paths.insert(placed.path);
    for (const PlacedPackage& placed : last_.state->shape.packages) {
      if (!paths.contains(placed.path)) ++report.packages_removed;
    }
  }

  const LinkRequest& request_;
  WorkerPool& pool_;
  ProjectFolder project_;
  Fd hod_folder_;
  Fd stage_;
  LastTree last_;
};

}  // namespace

Result<LinkReport> link_tree(const LinkRequest& request, WorkerPool& pool) {
  HOD_ASSERT(request.shape != nullptr);
  HOD_CHECK(check_shape(*request.shape));
  HOD_TRY(ProjectFolder project, ProjectFolder::open(request.project_root));
  return TreeLinker(request, pool, std::move(project)).run();
}

std::vector<PackageIndex> packages_to_place(const std::string& project_root, const TreeShape& shape,
                                            TreeLookPtr* look) {
  LastTree last = last_tree(project_root);
  std::vector<PackageIndex> out;
  if (!last.state) {
    for (const PlacedPackage& placed : shape.packages) out.push_back(placed.package);
  } else if (const Result<ProjectFolder> project = ProjectFolder::open(project_root)) {
    const KnownTree known = last.known();
    const Result<TreeListing> listing = list_tree(*project, top_modules(shape, known.shape));
    // A tree that is refused is so with a message, by link_tree().
    TreeChanges changes = listing ? tree_changes(shape, known, *listing, {}) : TreeChanges{};
    for (const TreeItem& item : changes.items) {
      if (item.kind == TreeEntry::package) out.push_back(shape.packages[item.index].package);
    }
    if (look != nullptr && listing) {
      look->reset(new TreeLook{std::move(last), std::move(changes)});
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Result<void> empty_trash(const std::string& project_root) {
  HOD_TRY(const ProjectFolder project, ProjectFolder::open(project_root));
  HOD_CHECK(remove_tree_at(project.descriptor(), kSwapFolder));
  HOD_TRY(const Fd folder, project.find(kHodFolder));
  if (!folder) return {};
  HOD_CHECK(remove_tree_at(folder.get(), "tmp"));
  HOD_CHECK(remove_tree_at(folder.get(), "trash"));
  settle_times(project, {});
  return {};
}

void sweep_leftovers(const std::string& project_root) {
  const std::string own = std::string(kHodFolder);
  bool any = false;
  for (const std::string& path : {std::string(kSwapFolder), own + "/tmp", own + "/trash"}) {
    struct stat info {};
    const std::string full = joined(project_root, path);
    any = any || io::fstatat(AT_FDCWD, full.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
  }
  if (!any) return;
  const Result<Fd> lock = lock_project(project_root, 0, nullptr);
  if (lock) static_cast<void>(empty_trash(project_root));  // what stays is for the next run
}

}  // namespace hod::cache
