// SPDX-License-Identifier: MIT
// Making a spare tree, by the same code that builds a project's (tree_stage.cc), on one thread.
//
//   new-<random>/u0 ─build, all sums─▶ node_modules ─fence─▶ record ─rename─▶ <key>
//
// Stopped anywhere before the last rename, what is left is swept by the next maker or `hod cache
// gc`; the lock goes with the process.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>

#include "cache/project_folder.h"
#include "cache/spare.h"
#include "cache/spare_store.h"
#include "cache/store_layout.h"
#include "cache/tree_check.h"
#include "cache/tree_stage.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

constexpr std::size_t kMostSpares = 4;
constexpr std::uint64_t kMostBytes = std::uint64_t{512} << 20;
constexpr std::uint64_t kFolderBytes = 4096;
constexpr std::int64_t kLongestUnused = std::int64_t{14} * 24 * 3600;  // seconds
constexpr auto kLongestMaking = std::chrono::minutes{10};

std::optional<dev_t> device_of(const std::string& path) {
  struct stat info {};
  if (io::fstatat(AT_FDCWD, path.c_str(), &info, 0) != 0) return std::nullopt;
  return info.st_dev;
}

template <class Entry>
void keep_root_entries(std::vector<Entry>& entries) {
  entries.erase(
      std::remove_if(entries.begin(), entries.end(),
                     [](const Entry& entry) { return !path_is_below(entry.path, kSpareTree); }),
      entries.end());
}

// As tree_changes() makes them for a node_modules that is not there.
TreeChanges all_of(const TreeShape& shape) {
  TreeChanges changes;
  changes.units = {kSpareTree};
  changes.whole_root = true;
  const auto add = [&changes](TreeEntry kind, std::size_t count) {
    for (std::uint32_t i = 0; i < count; ++i) changes.items.push_back({kind, i, 0});
  };
  add(TreeEntry::package, shape.packages.size());
  add(TreeEntry::link, shape.links.size());
  add(TreeEntry::bin, shape.bins.size());
  return changes;
}

bool is_worth_it(const SpareOrder& order) {
  std::size_t files = 0;
  for (const PlacedPackage& placed : order.shape.packages) {
    if (placed.package >= order.contents.size() || !order.contents[placed.package]) return false;
    files += order.contents[placed.package]->files.size();
  }
  return files >= order.fewest_files;
}

// Makes room for one more; with the lock held.
Result<void> remove_surplus(const std::string& cache_root, std::int64_t now) {
  const std::string folder = spare_folder(cache_root);
  const std::string boot = boot_id();
  std::size_t kept = 0;
  std::uint64_t bytes = 0;
  for (const SpareEntry& entry : list_spares(cache_root)) {
    bytes += entry.record.bytes;
    const bool stays = kept + 1 < kMostSpares && bytes <= kMostBytes &&
                       entry.record.boot_id == boot && now - entry.record.made_at <= kLongestUnused;
    if (stays) {
      ++kept;
    } else {
      HOD_CHECK(remove_spare(folder, entry.key));
    }
  }
  return {};
}

}  // namespace

std::optional<SpareMaker> SpareMaker::begin(SpareOrder order) {
  keep_root_entries(order.shape.packages);
  keep_root_entries(order.shape.links);
  keep_root_entries(order.shape.bins);
  if (!is_worth_it(order)) return std::nullopt;
  std::optional<std::string> key = spare_key(order.shape, all_of(order.shape).items);
  if (!key) return std::nullopt;
  const std::string folder = spare_folder(order.cache_root);
  if (!directory_exists(folder) && !make_directories(folder, 0700)) return std::nullopt;
  const std::optional<dev_t> device = device_of(folder);
  if (!device || device != device_of(order.project_root)) return std::nullopt;
  std::optional<Fd> lock = lock_spares(folder);
  if (!lock) return std::nullopt;
  const std::string boot = boot_id();
  for (const SpareEntry& entry : list_spares(order.cache_root)) {
    if (entry.key == *key && entry.record.boot_id == boot) return std::nullopt;
  }
  return SpareMaker(std::move(order), std::move(*key), std::move(*lock));
}

Result<void> SpareMaker::run() {
  HOD_TRY(const StoreLayout store, StoreLayout::open(order_.cache_root, CacheOwner::trust));
  const std::string folder = spare_folder(order_.cache_root);
  HOD_CHECK(sweep_spares(folder));
  HOD_CHECK(remove_surplus(order_.cache_root, std::time(nullptr)));
  const std::string place = folder + "/" + kSpareMade + random_suffix();
  Result<SpareRecord> made = build(place);
  if (!made) {
    static_cast<void>(remove_tree(place));
    return failure(std::move(made.error()));
  }
  HOD_CHECK(remove_spare(folder, key_));  // of another boot
  if (io::rename(place.c_str(), (folder + "/" + key_).c_str()) != 0) {
    Error error = system_error(errno, "put in place", folder + "/" + key_);
    static_cast<void>(remove_tree(place));
    return failure(std::move(error));
  }
  return note_in_ledger(folder, made->cpu_ms, made->bytes);
}

Result<SpareRecord> SpareMaker::build(const std::string& place) {
  const std::uint64_t cpu_before = cpu_ms_of_process();
  HOD_CHECK(make_directories(place, 0700));
  HOD_TRY(const ProjectFolder here, ProjectFolder::open(place));
  WorkerPool pool(1);
  LinkRequest request;
  request.shape = &order_.shape;
  request.contents = order_.contents;
  request.import_method = order_.import_method;
  request.verify = Verify::sums;
  const auto limit = std::chrono::steady_clock::now() + kLongestMaking;
  request.interrupted = [limit] { return std::chrono::steady_clock::now() > limit; };
  HOD_TRY(const LinkReport report,
          build_units(request, all_of(order_.shape), here.descriptor(), pool));
  if (!report.damaged.empty()) {
    return failure(ErrorCode::cache_refused, "the cache is damaged; the next install heals it");
  }
  if (io::renameat(here.descriptor(), staged_name(0).c_str(), here.descriptor(), kSpareTree) != 0) {
    return failure(system_error(errno, "put in place", place));
  }
  SpareRecord record;
  record.copies = report.files_linked == 0;
  // What could not be used need not be kept.
  const TreeRule rule = record.copies ? TreeRule::fenced_copies : TreeRule::fenced;
  if (!damaged_entries(request, {}, here, pool, rule).empty()) {
    return failure(ErrorCode::cache_refused, "the tree is none that could be used again");
  }
  record.files = report.files_linked + report.files_copied;
  record.folders = report.folders_made;
  record.links = report.links_made;
  record.bytes = report.folders_made * kFolderBytes + report.bytes_copied;
  record.made_at = std::time(nullptr);
  record.boot_id = boot_id();
  record.cpu_ms = cpu_ms_of_process() - cpu_before;
  HOD_CHECK(
      write_file_atomic(place + "/" + kSpareRecord, encode_record(record), Durable::no, 0600));
  return record;
}

}  // namespace hod::cache
