// SPDX-License-Identifier: MIT
// From a graph to entries:
//
//   assign ─▶ unproved ─▶ complete: [prove what is there] ─▶ build the rest aside ─▶ record ─▶
//   publish
//                             wrong ones are built anew ──────▲
//
// What a plain install proves: of every entry, by one stat of its node_modules, that it is there
// and that nothing was put into that folder or taken out of it (its time is the fixed one); and of
// every file, by one stat, that it is as it was stored, unless this very project had that proved in
// this boot within kTrusted. `hod ci` and frozen installs prove every file by its sum
// (EntryChecker).
#include "cache/global_store.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <mutex>

#include "cache/bin_links.h"
#include "cache/global_store_check.h"
#include "cache/global_store_keys.h"
#include "cache/isolate.h"
#include "cache/tree_path.h"
#include "cache/tree_stage.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

constexpr std::int64_t kTrusted = 10 * 60;  // seconds
constexpr std::size_t kBatch = 16;          // packages proved by a thread in one go
constexpr mode_t kPrivateFolder = 0700;
constexpr mode_t kPackageFolder = 0755;

std::string modules_of(std::string_view entry) { return joined(entry, "node_modules"); }

enum class Presence : std::uint8_t { absent, touched, complete };

// By one stat: whatever is put into an entry's node_modules or taken out of it changes its time.
Presence presence(int folder, const std::string& entry) {
  struct stat info {};
  if (io::fstatat(folder, modules_of(entry).c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    return Presence::absent;
  }
  const bool settled = S_ISDIR(info.st_mode) && info.st_mtim.tv_sec == kTreeTime.tv_sec &&
                       info.st_mtim.tv_nsec == kTreeTime.tv_nsec;
  return settled ? Presence::complete : Presence::touched;
}

}  // namespace

// One entry: its package and links, paths below the store's folder.
struct GlobalStore::Part {
  std::string entry;
  PackageIndex package = kNoPackage;
  TreeShape shape;
};

GlobalStore::GlobalStore(StoreLayout layout, std::string project_root)
    : layout_(std::move(layout)),
      folder_(global_store_folder(layout_.root())),
      project_root_(std::move(project_root)),
      boot_id_(hod::boot_id()) {
  if (auto last = read_project_record(layout_.root(), project_root_)) last_ = std::move(*last);
}

Result<GlobalStore> GlobalStore::open(const std::string& cache_root, CacheOwner owner,
                                      const std::string& project_root) {
  HOD_TRY(StoreLayout layout, StoreLayout::open(cache_root, owner));
  return GlobalStore(std::move(layout), project_root);
}

void GlobalStore::assign(const ResolutionGraph& graph, ShapeOptions& options) {
  graph_ = &graph;
  entries_ = global_entries(wanted_graph(graph, options));
  shared_.clear();
  options.shared.assign(entries_.size(), "");
  for (PackageIndex i = 0; i < entries_.size(); ++i) {
    if (entries_[i].empty()) continue;
    options.shared[i] = joined(folder_, modules_of(entries_[i]));
    shared_.push_back(i);
  }
  std::stable_sort(shared_.begin(), shared_.end(),
                   [this](PackageIndex a, PackageIndex b) { return entries_[a] < entries_[b]; });
  // Instances that differ in nothing but the names of their peers' contexts.
  const auto same = [this](PackageIndex a, PackageIndex b) { return entries_[a] == entries_[b]; };
  shared_.erase(std::unique(shared_.begin(), shared_.end(), same), shared_.end());
  options_ = options;
}

const ProjectRecord::Entry* GlobalStore::recorded(const std::string& entry) const {
  const auto found = std::lower_bound(
      last_.entries.begin(), last_.entries.end(), entry,
      [](const ProjectRecord::Entry& known, const std::string& name) { return known.name < name; });
  return found != last_.entries.end() && found->name == entry ? &*found : nullptr;
}

bool GlobalStore::is_trusted(const std::string& entry, std::int64_t now) const {
  const ProjectRecord::Entry* known = recorded(entry);
  return known != nullptr && last_.boot_id == boot_id_ && known->proved <= now &&
         now - known->proved < kTrusted;
}

std::vector<PackageIndex> GlobalStore::fresh() const {
  std::vector<PackageIndex> out;
  std::copy_if(shared_.begin(), shared_.end(), std::back_inserter(out),
               [this](PackageIndex index) { return recorded(entries_[index]) == nullptr; });
  return out;
}

std::vector<PackageIndex> GlobalStore::unproved(bool everything) {
  unproved_.clear();
  present_.assign(entries_.size(), false);
  const Fd folder(io::open(folder_.c_str(), O_PATH | O_DIRECTORY));
  const std::int64_t now = std::time(nullptr);
  for (const PackageIndex index : shared_) {
    const std::string& entry = entries_[index];
    const Presence there = folder ? presence(folder.get(), entry) : Presence::absent;
    present_[index] = there != Presence::absent;
    if (there != Presence::complete || everything || !is_trusted(entry, now)) {
      unproved_.push_back(index);
    }
  }
  std::vector<PackageIndex> out = unproved_;
  std::sort(out.begin(), out.end());
  return out;
}

Result<LinkReport> GlobalStore::complete(const LinkRequest& request, WorkerPool& pool) {
  LinkReport report;
  if (unproved_.empty()) return report;
  std::vector<Part> wrong = wrong_of(parts_of(unproved_), request, pool, report);
  if (!report.damaged.empty()) return report;
  if (wrong.empty()) {
    HOD_CHECK(record());
    unproved_.clear();
    return report;
  }
  HOD_TRY(LinkReport made, make(std::move(wrong), request, pool));
  if (made.damaged.empty()) unproved_.clear();
  made.proved.insert(made.proved.end(), report.proved.begin(), report.proved.end());
  made.stale.insert(made.stale.end(), report.stale.begin(), report.stale.end());
  return made;
}

std::vector<GlobalStore::Part> GlobalStore::parts_of(
    const std::vector<PackageIndex>& packages) const {
  const WantedGraph wanted = wanted_graph(*graph_, options_);
  std::vector<std::string> modules(entries_.size());
  for (std::size_t i = 0; i < entries_.size(); ++i) modules[i] = modules_of(entries_[i]);
  std::vector<Part> parts;
  parts.reserve(packages.size());
  for (const PackageIndex index : packages) {
    Part part{entries_[index], index, {}};
    place_isolated(wanted, modules, index, part.shape);
    part.shape.packages[0].executables = executables_of(graph_->packages[index].bins);
    std::sort(part.shape.links.begin(), part.shape.links.end());
    parts.push_back(std::move(part));
  }
  return parts;
}

// The parts that have to be made. A package that the store has lost counts as damaged.
std::vector<GlobalStore::Part> GlobalStore::wrong_of(std::vector<Part> parts,
                                                     const LinkRequest& request, WorkerPool& pool,
                                                     LinkReport& report) const {
  const Fd folder(io::open(folder_.c_str(), O_PATH | O_DIRECTORY));
  std::vector<EntryState> states(parts.size(), EntryState::wrong);
  pool.for_each((parts.size() + kBatch - 1) / kBatch, [&](std::size_t n) {
    EntryChecker checker(boot_id_);
    for (std::size_t i = n * kBatch; i < std::min(parts.size(), (n + 1) * kBatch); ++i) {
      const StoredPackagePtr& stored = request.contents[parts[i].package];
      if (!present_[parts[i].package] || !stored) continue;
      const TreeShape& shape = parts[i].shape;
      states[i] =
          checker.check(folder.get(), shape.packages[0], *stored, shape.links, request.verify);
    }
  });
  std::vector<Part> wrong;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const PackageIndex index = parts[i].package;
    const StoredPackagePtr& stored = request.contents[index];
    if (!stored) {
      report.damaged.push_back(index);
    } else if (states[i] == EntryState::wrong) {
      wrong.push_back(std::move(parts[i]));
    } else if (states[i] == EntryState::stale) {
      report.stale.push_back(index);
    } else if (stored->boot_id != boot_id_) {
      report.proved.push_back(index);
    }
  }
  return wrong;
}

Result<LinkReport> GlobalStore::make(std::vector<Part> parts, const LinkRequest& request,
                                     WorkerPool& pool) const {
  TreeShape shape;
  TreeChanges changes;
  for (std::uint32_t unit = 0; unit < parts.size(); ++unit) {
    changes.units.push_back(parts[unit].entry);
    changes.items.push_back({TreeEntry::package, unit, unit});
    shape.packages.push_back(std::move(parts[unit].shape.packages[0]));
  }
  for (std::uint32_t unit = 0; unit < parts.size(); ++unit) {
    for (PlacedLink& link : parts[unit].shape.links) {
      changes.items.push_back(
          {TreeEntry::link, static_cast<std::uint32_t>(shape.links.size()), unit});
      shape.links.push_back(std::move(link));
    }
  }
  HOD_TRY(const std::string stage_path, layout_.stage());
  const Fd stage(io::open(stage_path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  if (!stage) return failure(system_error(errno, "open the folder", stage_path));
  LinkRequest building = request;
  building.shape = &shape;
  Result<LinkReport> report = build_units(building, changes, stage.get(), pool);
  if (report && report->damaged.empty()) {
    report->packages_added = parts.size();
    const Result<void> published = publish(parts, stage.get());
    if (!published) report = failure(published.error().clone());
  }
  static_cast<void>(remove_tree(stage_path));  // what stays is swept with the store's leftovers
  return report;
}

Result<void> GlobalStore::publish(const std::vector<Part>& parts, int stage) const {
  HOD_CHECK(record());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    HOD_CHECK(publish_one(stage, staged_name(i), parts[i].entry, present_[parts[i].package]));
  }
  return {};
}

Result<void> GlobalStore::publish_one(int stage, const std::string& staged,
                                      const std::string& entry, bool replace) const {
  const std::string path = joined(folder_, entry);
  for (int tries = 0;; ++tries) {
    const unsigned flags = replace ? RENAME_EXCHANGE : RENAME_NOREPLACE;
    if (io::renameat2(stage, staged.c_str(), AT_FDCWD, path.c_str(), flags) == 0) return {};
    if (errno == EINVAL) {  // a file system without these flags: a moment without the old one
      if (replace) io::renameat(AT_FDCWD, path.c_str(), stage, (staged + ".old").c_str());
      if (io::renameat(stage, staged.c_str(), AT_FDCWD, path.c_str()) == 0) return {};
    }
    const int error = errno;
    const bool taken = !replace && (error == EEXIST || error == ENOTEMPTY);
    if (taken && presence(AT_FDCWD, path) == Presence::complete)
      return {};  // (1): another one made it
    if (tries == 2 || (!taken && error != ENOENT)) {
      return failure(system_error(error, "publish", path));
    }
    replace = taken;
    if (taken) continue;
    // The first closure of this package, or the damaged one is gone by now.
    HOD_CHECK(make_directories(std::string(parent_path(path)), kPackageFolder));
  }
}

// (3): everything is proved or about to be published.
Result<void> GlobalStore::record() const {
  const std::int64_t now = std::time(nullptr);
  ProjectRecord record{boot_id_, project_root_, {}};
  std::size_t next = 0;  // unproved_ has the order of shared_
  for (const PackageIndex index : shared_) {
    const bool fresh = next < unproved_.size() && unproved_[next] == index;
    if (fresh) ++next;
    record.entries.push_back({entries_[index], fresh ? now : recorded(entries_[index])->proved});
  }
  if (!directory_exists(folder_)) HOD_CHECK(make_directories(folder_, kPrivateFolder));
  return write_project_record(layout_.root(), record);
}

}  // namespace hod::cache
