// An append-only file of byte blocks, read in place through mmap.
//
// Blocks are found by number of the file, offset and length, which somebody else keeps
// (metadata_cache.cc, in SQLite). Files are never shortened, so a mapping stays good; one that is
// no longer needed is unlinked whole.
//
// Threads: the owner locks. Processes: any may read; who appends holds the lock that the owner of
// the index has.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/file.h"
#include "core/base/result.h"

namespace hod::cache {

class RecordPack {
 public:
  struct Place {
    std::int64_t pack = 0;
    std::uint64_t at = 0;
    std::uint64_t length = 0;
  };
  struct Block {
    std::span<const std::byte> bytes;  // aligned to 8
    std::shared_ptr<const void> owner;
  };

  explicit RecordPack(std::string folder) : folder_(std::move(folder)) {}

  // Nothing when the file has no such place.
  std::optional<Block> read(const Place& place);
  // Of the file that the last block came from, when it was mapped: the fence against edits.
  const FileStamp& read_stamp() const { return read_stamp_; }

  // Opens `pack` for appending, making it if absent. Error: disk_*.
  Result<void> start(std::int64_t pack);
  Result<Place> append(std::span<const std::byte> block);
  // The next read() maps the file anew: it is what was just written.
  void finish();
  std::uint64_t size() const { return end_; }  // of the file being appended to
  Result<FileStamp> appended_stamp() const;    // of the same file, as it is now

  void remove(std::int64_t pack);

 private:
  struct Mapping;
  std::string path(std::int64_t pack) const;
  bool map(std::int64_t pack);
  Result<void> write(std::span<const std::byte> bytes);

  std::string folder_;
  std::shared_ptr<const Mapping> mapped_;
  FileStamp read_stamp_;
  Fd out_;
  std::int64_t out_pack_ = 0;
  std::uint64_t end_ = 0;
};

}  // namespace hod::cache
