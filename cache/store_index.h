// The store's index: which packages there are and what is in them, in SQLite.
//
// A package exists when its row does (T-CACHE-04). Rows are queued by any thread and written by
// flush() in one transaction; what is queued is found like what is written. A damaged database is
// moved aside and made anew from the lists beside the package folders (T-CACHE-10).
//
// Threads: any. Processes: several may have the same index open.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cache/store.h"
#include "cache/store_layout.h"

namespace hod::cache {

class StoreIndex {
 public:
  // Opens or makes <layout>/index.db. Errors: store_too_new, disk_*.
  static Result<std::unique_ptr<StoreIndex>> open(const StoreLayout& layout);
  ~StoreIndex();

  // One read transaction. Null where there is no (undamaged) row.
  Result<std::vector<StoredPackagePtr>> find(std::span<const TarballDigest> digests);
  Result<StoredPackagePtr> find_other(DigestAlgorithm algorithm, std::string_view digest);

  // Queues a row, new or in place of an old one. `other` digests of the same tarball may follow.
  void put(StoredPackagePtr package);
  void put_other(DigestAlgorithm algorithm, std::string_view digest, const TarballDigest& tarball);
  Result<void> flush();

  // Takes the row away at once.
  Result<void> remove(const TarballDigest& digest);

 private:
  struct State;
  explicit StoreIndex(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace hod::cache
