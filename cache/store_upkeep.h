// Looking after a whole cache: what is in it, is all of it right, what may go.
//
// Not for installs: these functions walk all rows and folders. Those that remove hold gc.lock
// exclusively, so that no running install loses what it uses; they only rename then, into tmp/, and
// delete when the lock is free again.
//
// Threads: called on one thread; prove_cache() uses the pool.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cache/store.h"
#include "cache/worker_pool.h"
#include "core/base/result.h"

namespace hod::cache {

struct CacheInfo {
  std::size_t packages = 0, files = 0;
  std::uint64_t bytes = 0;  // of the packages' files
  std::size_t records = 0;  // of metadata
  std::uint64_t record_bytes = 0;
  std::size_t closures = 0, closures_in_use = 0, projects = 0;  // of the global virtual store
  std::size_t spares = 0;  // trees made ahead of installs (spare.h), and their space
  std::uint64_t spare_bytes = 0;
  std::uint64_t spares_made = 0, spare_cpu_ms = 0;  // since the cache was made
  std::uint64_t kept_later = 0, later_cpu_ms = 0;   // handover.h
  std::int64_t collected = 0;  // seconds since 1970 of the last collection, 0 = never
};
Result<CacheInfo> cache_info(const std::string& root, const StoreOptions& options);

struct DamagedPackage {
  std::string package;  // "a@1.0.0" by its manifest
  std::string folder;
  std::vector<std::string> files;  // all of them: the folder is gone, perhaps
};

struct CacheProof {
  std::size_t packages = 0, files = 0;
  std::uint64_t bytes = 0;
  std::vector<DamagedPackage> damaged;
  std::size_t damaged_rows = 0;  // of the index: packages that nobody finds any more
  bool index_sound = true;
  std::size_t records = 0;
  std::vector<std::string> damaged_records;  // package names
  bool right() const {
    return damaged.empty() && damaged_rows == 0 && index_sound && damaged_records.empty();
  }
};
// Every file of every package held against its sum, every metadata record too. With `repair` what
// is damaged is taken out, so that it is fetched again when it is next needed. `progress`: packages
// done and to do; on the calling thread. `stopped`: asked between packages. Errors: interrupted,
// cache_locked, disk_*.
struct ProofOptions {
  bool repair = false;
  std::function<void(std::size_t done, std::size_t total)> progress;
  std::function<bool()> stopped;
};
Result<CacheProof> prove_cache(const std::string& root, const StoreOptions& store,
                               const ProofOptions& options, WorkerPool& pool);

struct Collected {
  std::size_t packages = 0, packages_left = 0;
  std::uint64_t bytes = 0;   // of the packages that went
  std::size_t in_trees = 0;  // old enough, but some tree shares their files: nothing to be gained
  std::size_t records = 0, closures = 0, spares = 0;
};
// Removes packages that nobody used for `max_age`, unless a tree has hard links to their files;
// folders without a row; metadata that was not asked about for as long (a month, where max_age is
// less); what stopped runs left; entries of the global virtual store that no project uses; spare
// trees made before.
// max_age 0: all that no tree shares. Errors: cache_locked, disk_*.
Result<Collected> collect_cache(const std::string& root, const StoreOptions& options,
                                std::chrono::seconds max_age, std::chrono::seconds now);

// Everything: packages, metadata, closures. The folder itself stays. Errors: cache_locked, disk_*.
Result<void> clean_cache(const std::string& root, const StoreOptions& options);

}  // namespace hod::cache
