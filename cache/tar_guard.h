// Stands in front of libarchive's tar reader: walks an archive header by header, as npm's own
// reader does, refuses what must be refused, and passes the rest on as a plain archive.
//
// Where npm drops a broken header and goes on with whatever follows, this refuses (T-TAR-09,
// T-TAR-11): wrong checksums, sizes that are no sizes, malformed PAX records, data that ends early.
// Where libarchive reads something otherwise than npm, the plain archive has npm's reading. Names
// are not looked at: tar_path.h decides about what libarchive makes of them.
//
// Threads: a value of one thread. The source must outlive the guard.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cache/inflate.h"
#include "cache/tar_header.h"
#include "core/base/result.h"

namespace hod::cache {

enum class TarKind : std::uint8_t { file, folder, other };

class TarGuard : public ByteSource {
 public:
  // Stops with archive_hostile after `most_entries` headers.
  TarGuard(ByteSource& source, std::uint64_t most_entries)
      : source_(source), most_entries_(most_entries) {}

  // The next piece of the plain archive: all headers of one entry, or data of the one before.
  // Error: archive_invalid, archive_hostile, or the source's.
  Result<ByteSpan> next() override;

  // The entry whose headers were passed on last.
  struct Passed {
    TarKind kind = TarKind::file;
    std::uint64_t size = 0;       // of the data that follows in the plain archive
    std::string_view other_kind;  // "symbolic link", "device" …
  };
  const Passed& passed() const { return passed_; }

 private:
  // What headers say about the entry behind them.
  struct Extended {
    std::optional<std::string> path, target;
    std::optional<std::uint64_t> size;
  };

  Result<bool> fill();
  ByteSpan take(std::uint64_t most);
  Result<bool> read_block();
  Result<bool> read_header();
  Result<void> skip(std::uint64_t bytes);
  Result<void> end();
  Result<void> pass_headers();
  Result<std::string> meta_data(std::uint64_t size);
  Result<bool> read_meta();
  Result<void> read_pax(std::string_view records, Extended& into);
  Result<void> apply_pax(std::string_view key, std::string_view value, Extended& into);
  Result<void> classify();
  Result<void> pass_entry();
  void write_plain();

  ByteSource& source_;
  std::uint64_t most_entries_;
  std::uint64_t seen_ = 0;
  std::uint64_t offset_ = 0;    // of window_ in the archive, for messages
  ByteSpan window_;             // what the source gave and nobody has read yet
  std::uint64_t passing_ = 0;   // bytes of data and padding that are passed on
  std::uint64_t dropping_ = 0;  // bytes that are not, before the next header
  bool over_ = false;
  TarHeaderBlock header_;  // that was read last
  std::string plain_;      // the headers that were passed on last
  Passed passed_;
  Extended next_;    // of the entry that comes next
  Extended global_;  // of all later ones
};

}  // namespace hod::cache
