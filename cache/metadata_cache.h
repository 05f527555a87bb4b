// Packuments as flat records on disk, with what is needed to ask whether they are still right.
//
//   <root>/metadata/v1/index.db      SQLite: key → place of the record, ETag, time
//   <root>/metadata/v1/records-<n>   the records, appended, used in place through mmap
//
// The key is registry origin + path + identity of the credentials + name (T-CACHE-03). Nothing
// project-specific is stored. Threads: any. Processes: several.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cache/store_layout.h"
#include "core/base/result.h"
#include "core/model/package_metadata.h"

namespace hod::cache {

struct MetadataKey {
  std::string registry;  // base address without userinfo
  std::string identity;  // hash of the credentials used, "" for none
  std::string name;
  friend auto operator<=>(const MetadataKey&, const MetadataKey&) = default;
};

struct CachedMetadata {
  PackageMetadata metadata;
  std::string etag;
  std::string last_modified;
  std::int64_t fetched = 0;    // seconds since the epoch, of the last answer or 304
  std::int64_t max_age = 0;    // seconds, of Cache-Control; 0 = unknown
  bool full_document = false;  // has publish times
};

struct MetadataSize {
  std::size_t records = 0;
  std::uint64_t bytes = 0;
};
struct MetadataSurvey {
  std::size_t records = 0;
  std::vector<std::string> damaged;  // names whose record is not what was written
};

class MetadataCache {
 public:
  // `layer`: the root of a cache made elsewhere, which is looked into where this one has nothing,
  // and only read; each of its records must pass its sum (T-CACHE-11). "" = none. Errors:
  // cache_refused (T-CACHE-06), store_too_new, disk_*.
  static Result<std::unique_ptr<MetadataCache>> open(const std::string& root,
                                                     CacheOwner owner = CacheOwner::check,
                                                     const std::string& layer = {});
  ~MetadataCache();

  // Damaged or absent: nothing.
  std::optional<CachedMetadata> find(const MetadataKey& key);
  // Queued; committed by flush().
  void put(const MetadataKey& key, CachedMetadata entry);
  void touch(const MetadataKey& key, std::int64_t fetched, std::int64_t max_age);  // after a 304
  Result<void> flush();

  // ---- upkeep

  Result<MetadataSize> size();
  // Every record held against its sum; with `repair`, those that do not pass are forgotten.
  Result<MetadataSurvey> survey(bool repair);
  // Forgets what was not asked about since `oldest` (seconds since the epoch), gives the space back
  // and makes the index one file. How many records.
  Result<std::size_t> collect(std::int64_t oldest);

 private:
  struct State;
  explicit MetadataCache(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A packument (full or abbreviated JSON) straight into a record; no DOM. Wrong types in a version:
// that field is dropped. `requested` must be the document's name. Errors: metadata_invalid. Any
// thread.
Result<PackageMetadata> parse_packument(std::string_view json, std::string_view requested);

}  // namespace hod::cache
