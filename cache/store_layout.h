// The folders of a store, its files' names, and the locks on it. Below <root>/store/v1/:
//
//   index.db                        SQLite
//   packages/<2 hex>/<64 hex>/      a package's files; named by the start of its tarball's SHA-512
//   packages/<2 hex>/<64 hex>.list  what is in it, with sums: for making the index anew
//   tmp/                            staging and what was taken out; stale after a day
//   gc.lock, index.lock, downloads.lock
//
// Threads: any; immutable after open().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/file.h"
#include "core/base/result.h"
#include "core/model/integrity.h"

namespace hod::cache {

enum class CacheOwner : std::uint8_t { check, trust };

// shared: whoever uses the store. exclusive: the collector, alone.
enum class StoreUse : std::uint8_t { shared, exclusive };

// Makes `root` (0700) if absent; refuses one that is another user's or writable by others
// (T-CACHE-06). Errors: cache_refused, disk_*.
Result<void> check_cache_root(const std::string& root, CacheOwner owner);

class StoreLayout {
 public:
  // check_cache_root(), and takes the lock that keeps the collector out, or everybody else, while
  // this object lives. Errors: cache_refused, cache_locked, disk_*.
  static Result<StoreLayout> open(const std::string& root, CacheOwner owner,
                                  StoreUse use = StoreUse::shared);
  // The paths of a store that is only read: nothing is made or locked.
  static StoreLayout of_layer(const std::string& root);

  const std::string& root() const { return root_; }
  std::string index() const { return store_ + "/index.db"; }
  std::string packages() const { return store_ + "/packages"; }
  std::string index_lock() const { return store_ + "/index.lock"; }
  std::string downloads_lock() const { return store_ + "/downloads.lock"; }
  std::string temporary() const { return store_ + "/tmp"; }
  std::string package(const TarballDigest& digest) const;
  std::string list(const TarballDigest& digest) const { return package(digest) + ".list"; }

  // The lock of open(), which holds while a copy of the descriptor is open, in any process.
  Fd lock() const;

  // A new empty folder in tmp/ (T-CACHE-05).
  Result<std::string> stage() const;
  // A name in tmp/ that nobody has.
  std::string temporary_name(std::string_view prefix) const;
  // Moves `path` into tmp/; absent is fine. Error: disk_*.
  Result<void> move_aside(const std::string& path, std::string_view prefix) const;
  // Deletes what runs of yesterday and before left in tmp/.
  void remove_stale() const;

 private:
  std::string root_;
  std::string store_;
  Fd gc_lock_;
};

// The names in a folder, sorted, without "." and ".."; none where it cannot be read.
std::vector<std::string> names_in(const std::string& folder);

// An advisory lock on a file, made if absent; waits up to a minute. Error: cache_locked, disk_*.
Result<Fd> lock_file(const std::string& path, int operation);

}  // namespace hod::cache
