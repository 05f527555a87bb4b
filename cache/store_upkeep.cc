// SPDX-License-Identifier: MIT
// Rows are walked by pages in the order of their keys, so that a store of any size needs little
// memory and no transaction lasts long.
#include "cache/store_upkeep.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_set>

#include <sys/stat.h>

#include "cache/global_store_projects.h"
#include "cache/handover.h"
#include "cache/metadata_cache.h"
#include "cache/spare.h"
#include "cache/store_check.h"
#include "cache/store_index.h"
#include "cache/store_layout.h"
#include "cache/store_list.h"
#include "core/base/file.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

constexpr std::size_t kPage = 256;
constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::chrono::seconds kLeastMetadataAge{30 * kSecondsPerDay};
constexpr const char* kCollected = "collected";

CacheOwner owner_of(const StoreOptions& options) {
  return options.trust_owner ? CacheOwner::trust : CacheOwner::check;
}

// A store as its keeper has it: layout (with its lock) and index.
struct Keeper {
  static Result<Keeper> open(const std::string& root, const StoreOptions& options, StoreUse use) {
    Keeper keeper;
    HOD_TRY(StoreLayout layout, StoreLayout::open(root, owner_of(options), use));
    keeper.layout = std::make_unique<StoreLayout>(std::move(layout));
    HOD_TRY(keeper.index, StoreIndex::open(*keeper.layout));
    return keeper;
  }

  // body(rows) for each page of rows.
  template <class Body>
  Result<void> each_page(Body&& body) const {
    for (std::int64_t last = std::numeric_limits<std::int64_t>::min();;) {
      HOD_TRY(const std::vector<IndexRow> rows, index->rows_after(last, kPage));
      if (rows.empty()) return {};
      last = rows.back().key;
      HOD_CHECK(body(rows));
    }
  }

  std::unique_ptr<StoreLayout> layout;
  std::unique_ptr<StoreIndex> index;
};

std::uint64_t bytes_of(const StoredPackage& package) {
  std::uint64_t bytes = 0;
  for (const StoredFile& file : package.files) bytes += file.size;
  return bytes;
}

std::string name_of(const StoredPackage& package) {
  return package.manifest_name + "@" + package.manifest_version;
}

}  // namespace

// ---- what is there

Result<CacheInfo> cache_info(const std::string& root, const StoreOptions& options) {
  CacheInfo info;
  HOD_TRY(const Keeper keeper, Keeper::open(root, options, StoreUse::shared));
  HOD_CHECK(keeper.each_page([&](const std::vector<IndexRow>& rows) -> Result<void> {
    for (const IndexRow& row : rows) {
      if (row.of_layer || !row.package) continue;
      ++info.packages;
      info.files += row.package->files.size();
      info.bytes += bytes_of(*row.package);
    }
    return {};
  }));
  HOD_TRY(info.collected, keeper.index->fact(kCollected));
  HOD_TRY(const auto metadata, MetadataCache::open(root, owner_of(options)));
  HOD_TRY(const MetadataSize size, metadata->size());
  info.records = size.records;
  info.record_bytes = size.bytes;
  HOD_TRY(const GlobalStoreUse use, global_store_use(root));
  info.closures = use.entries;
  info.closures_in_use = use.used;
  info.projects = use.projects;
  for (const SpareEntry& spare : list_spares(root)) {
    ++info.spares;
    info.spare_bytes += spare.record.bytes;
  }
  const Ledger ahead = read_ledger(spare_folder(root));
  info.spares_made = ahead.made;
  info.spare_cpu_ms = ahead.cpu_ms;
  const Ledger later = read_ledger(keeper_folder(root));
  info.kept_later = later.made;
  info.later_cpu_ms = later.cpu_ms;
  return info;
}

// ---- is it right

namespace {

class Prover {
 public:
  Prover(const Keeper& keeper, const ProofOptions& options, WorkerPool& pool)
      : keeper_(keeper), options_(options), pool_(pool), boot_(boot_id()) {}

  Result<CacheProof> run() {
    HOD_CHECK(count());
    HOD_CHECK(keeper_.each_page([this](const std::vector<IndexRow>& rows) { return check(rows); }));
    HOD_CHECK(keeper_.index->flush());
    HOD_TRY(proof_.index_sound, keeper_.index->sound());
    if (options_.repair) HOD_CHECK(take_out());
    std::sort(
        proof_.damaged.begin(), proof_.damaged.end(),
        [](const DamagedPackage& a, const DamagedPackage& b) { return a.package < b.package; });
    return std::move(proof_);
  }

 private:
  Result<void> count() {
    return keeper_.each_page([this](const std::vector<IndexRow>& rows) -> Result<void> {
      total_ += rows.size();
      return {};
    });
  }

  Result<void> check(const std::vector<IndexRow>& rows) {
    const std::thread::id caller = std::this_thread::get_id();
    pool_.for_each(rows.size(), [&](std::size_t i) {
      if (stopped_.load() || (options_.stopped && options_.stopped())) {
        stopped_ = true;
        return;
      }
      if (!rows[i].of_layer) check_one(rows[i]);
      const std::size_t done = done_.fetch_add(1) + 1;
      if (options_.progress && std::this_thread::get_id() == caller)
        options_.progress(done, total_);
    });
    if (stopped_) return failure(ErrorCode::interrupted, "stopped");
    // The other threads may have done the last ones, or all of them.
    if (options_.progress && !rows.empty()) options_.progress(done_.load(), total_);
    return {};
  }

  void check_one(const IndexRow& row) {
    CheckedPackage checked;
    if (row.package) checked = check_package(*row.package, Verify::sums);
    const std::lock_guard lock(mutex_);
    if (!row.package) {
      ++proof_.damaged_rows;
      broken_rows_.push_back(row);
      return;
    }
    const StoredPackage& package = *row.package;
    ++proof_.packages;
    proof_.files += package.files.size();
    proof_.bytes += bytes_of(package);
    if (!checked.damaged.empty()) {
      proof_.damaged.push_back({name_of(package), package.folder, std::move(checked.damaged)});
      damaged_.push_back(package.digest);
      return;
    }
    if (package.boot_id == boot_ && checked.restamped.empty()) return;
    auto proved = std::make_shared<StoredPackage>(package);
    proved->boot_id = boot_;
    if (!checked.restamped.empty()) proved->files = std::move(checked.restamped);
    keeper_.index->put_proof(std::move(proved));
  }

  Result<void> take_out() {
    for (const TarballDigest& digest : damaged_)
      HOD_CHECK(take_out_package(*keeper_.layout, *keeper_.index, digest));
    return keeper_.index->remove_rows(broken_rows_);
  }

  const Keeper& keeper_;
  const ProofOptions& options_;
  WorkerPool& pool_;
  const std::string boot_;
  std::size_t total_ = 0;
  std::atomic<std::size_t> done_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;  // of what follows
  CacheProof proof_;
  std::vector<TarballDigest> damaged_;
  std::vector<IndexRow> broken_rows_;
};

}  // namespace

Result<CacheProof> prove_cache(const std::string& root, const StoreOptions& store,
                               const ProofOptions& options, WorkerPool& pool) {
  HOD_TRY(const Keeper keeper, Keeper::open(root, store, StoreUse::shared));
  HOD_TRY(CacheProof proof, Prover(keeper, options, pool).run());
  HOD_TRY(const auto metadata, MetadataCache::open(root, owner_of(store)));
  HOD_TRY(MetadataSurvey survey, metadata->survey(options.repair));
  proof.records = survey.records;
  proof.damaged_records = std::move(survey.damaged);
  return proof;
}

// ---- what may go

namespace {

// Does some tree share the package's files? Where trees are made of copies or reflinks, none seems
// to.
bool has_links(const StoredPackage& package) {
  const Fd folder(io::open(package.folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  if (!folder) return false;
  return std::any_of(package.files.begin(), package.files.end(), [&](const StoredFile& file) {
    struct stat info {};
    return io::fstatat(folder.get(), file.path.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
           info.st_nlink > 1;
  });
}

class Collector {
 public:
  Collector(const Keeper& keeper, std::chrono::seconds max_age, std::chrono::seconds now)
      : keeper_(keeper), max_age_(max_age), now_(now) {}

  Result<Collected> run() {
    HOD_CHECK(keeper_.each_page([this](const std::vector<IndexRow>& rows) { return look(rows); }));
    HOD_CHECK(keeper_.index->remove_rows(old_));
    for (const IndexRow& row : old_) {
      if (row.package && !row.of_layer) HOD_CHECK(throw_away(row.package->digest));
    }
    HOD_CHECK(throw_away_rowless());
    HOD_CHECK(keeper_.index->set_fact(kCollected, now_.count()));
    HOD_CHECK(keeper_.index->fold());
    return collected_;
  }

 private:
  // The day of the last use may have lasted until its end.
  bool is_old(std::int64_t day) const {
    return max_age_.count() == 0 || (day + 1) * kSecondsPerDay + max_age_.count() <= now_.count();
  }

  Result<void> look(const std::vector<IndexRow>& rows) {
    for (const IndexRow& row : rows) {
      const bool ours = row.package && !row.of_layer;
      if (ours) keys_.insert(keeper_.layout->package(row.package->digest));
      const bool goes = is_old(row.used) || (!row.package && !row.of_layer);
      if (goes && ours && has_links(*row.package)) {
        ++collected_.in_trees;
      } else if (goes) {
        old_.push_back(row);
        if (!ours) continue;
        ++collected_.packages;
        collected_.bytes += bytes_of(*row.package);
        continue;
      }
      if (ours) ++collected_.packages_left;
    }
    return {};
  }

  Result<void> throw_away(const TarballDigest& digest) {
    const std::string folder = keeper_.layout->package(digest);
    HOD_CHECK(keeper_.layout->move_aside(folder, "trash"));
    return keeper_.layout->move_aside(folder + ".list", "trash");
  }

  // Published by a run that was stopped before it committed the row, and never stored again.
  Result<void> throw_away_rowless() {
    for (const std::string& shelf : names_in(keeper_.layout->packages())) {
      const std::string folder = keeper_.layout->packages() + "/" + shelf;
      for (const std::string& name : names_in(folder)) {
        const std::string path = folder + "/" + name;
        const std::string package = path.substr(0, path.rfind(".list"));
        struct stat info {};
        if (keys_.contains(package) ||
            io::fstatat(AT_FDCWD, path.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 ||
            info.st_mtim.tv_sec + max_age_.count() > now_.count()) {
          continue;
        }
        HOD_CHECK(keeper_.layout->move_aside(path, "trash"));
      }
    }
    return {};
  }

  const Keeper& keeper_;
  const std::chrono::seconds max_age_;
  const std::chrono::seconds now_;
  Collected collected_;
  std::unordered_set<std::string> keys_;  // folders of all packages that have a row
  std::vector<IndexRow> old_;
};

// With gc.lock held alone, whatever lies in tmp/ is nobody's; deleted when it is free again.
class Trash {
 public:
  explicit Trash(const StoreLayout& layout) : folder_(layout.temporary()) {}
  void note() { names_ = names_in(folder_); }
  ~Trash() {
    const Fd folder(io::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    if (!folder) return;
    // What stays is removed by the next one.
    for (const std::string& name : names_) static_cast<void>(remove_tree_at(folder.get(), name));
  }
  Trash(const Trash&) = delete;

 private:
  std::string folder_;
  std::vector<std::string> names_;
};

}  // namespace

Result<Collected> collect_cache(const std::string& root, const StoreOptions& options,
                                std::chrono::seconds max_age, std::chrono::seconds now) {
  Trash trash(StoreLayout::of_layer(root));
  HOD_TRY(const Keeper keeper, Keeper::open(root, options, StoreUse::exclusive));
  // First spares and closures, whose hard links keep packages in use.
  HOD_TRY(const std::size_t spares, remove_spares(root, (now - max_age).count()));
  HOD_TRY(const std::size_t closures, collect_global_store(root, max_age));
  HOD_TRY(Collected collected, Collector(keeper, max_age, now).run());
  collected.closures = closures;
  collected.spares = spares;
  HOD_TRY(const auto metadata, MetadataCache::open(root, owner_of(options)));
  const auto oldest = now - std::max(max_age, kLeastMetadataAge);
  HOD_TRY(collected.records, metadata->collect(oldest.count()));
  trash.note();
  return collected;
}

Result<void> clean_cache(const std::string& root, const StoreOptions& options) {
  Trash trash(StoreLayout::of_layer(root));
  HOD_TRY(const StoreLayout layout,
          StoreLayout::open(root, owner_of(options), StoreUse::exclusive));
  std::vector<std::string> paths = {layout.packages(), root + "/metadata/v1",
                                    global_store_folder(root), spare_folder(root)};
  for (const char* ending : {"", "-wal", "-shm"}) paths.push_back(layout.index() + ending);
  for (const std::string& path : paths) {
    HOD_CHECK(layout.move_aside(path, "trash"));
  }
  trash.note();
  return {};
}

}  // namespace hod::cache
