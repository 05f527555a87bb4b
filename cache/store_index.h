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

// A row as upkeep sees it: by number, whatever is in it.
struct IndexRow {
  std::int64_t key = 0;
  std::int64_t used = 0;     // day since 1970-01-01
  bool of_layer = false;     // a proof about a package of some read-only layer
  StoredPackagePtr package;  // null: the row is damaged, or of a layer that is not in use now
};

class StoreIndex {
 public:
  // Opens or makes <layout>/index.db. `layer`: where the packages of a read-only layer lie, whose
  // proofs are kept here too. Both must outlive the index. Errors: store_too_new, disk_*.
  static Result<std::unique_ptr<StoreIndex>> open(const StoreLayout& layout,
                                                  const StoreLayout* layer = nullptr);
  ~StoreIndex();

  // One read transaction. Null where there is no (undamaged) row. Finding counts as use.
  Result<std::vector<StoredPackagePtr>> find(std::span<const TarballDigest> digests);
  Result<StoredPackagePtr> find_other(DigestAlgorithm algorithm, std::string_view digest);

  // Queues a row, new or in place of an old one. `other` digests of the same tarball may follow.
  void put(StoredPackagePtr package);
  // The same package, found to be right: its stamps, and in which boot it was proved. Keeps the day
  // of the last use.
  void put_proof(StoredPackagePtr package);
  void put_other(DigestAlgorithm algorithm, std::string_view digest, const TarballDigest& tarball);
  Result<void> flush();

  // Takes the row away at once.
  Result<void> remove(const TarballDigest& digest);

  // ---- upkeep

  // The rows after `key` in the order of their keys, `limit` at most, as written.
  Result<std::vector<IndexRow>> rows_after(std::int64_t key, std::size_t limit);
  // In one transaction; with the other digests of these packages.
  Result<void> remove_rows(std::span<const IndexRow> rows);
  // Numbers kept beside the rows, such as the time of the last collection. 0: never set.
  Result<std::int64_t> fact(std::string_view name);
  Result<void> set_fact(std::string_view name, std::int64_t value);
  // Is every page of the database in order?
  Result<bool> sound();
  // Makes the database one file again, without a log beside it.
  Result<void> fold();

 private:
  struct State;
  explicit StoreIndex(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace hod::cache
