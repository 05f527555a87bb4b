// A strict reader of tar streams: V7, ustar, GNU long names and PAX, as far as packages use them.
//
// It sees archives as npm's own reader does, so that both unpack the same files from the same
// bytes; but where npm drops a broken header and goes on with whatever follows, this one refuses
// (T-TAR-09, T-TAR-11): wrong checksums, sizes that are no sizes, malformed PAX records, data that
// ends early. Why not libarchive: docs/decisions/0005-tar-reader.md. Paths are handed out raw:
// tar_path.h decides about them.
//
// Threads: a value of one thread. The source must outlive the reader.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cache/inflate.h"
#include "core/base/result.h"

namespace hod::cache {

struct TarEntry {
  enum class Kind : std::uint8_t { file, folder, other };
  Kind kind = Kind::file;
  std::string path;    // raw bytes, never empty
  std::string target;  // of links
  std::uint64_t size = 0;
  bool executable = false;      // the owner's x bit
  std::string_view other_kind;  // "symbolic link", "device" …
};

class TarReader {
 public:
  // Stops with archive_hostile after `most_entries` headers.
  TarReader(ByteSource& source, std::uint64_t most_entries)
      : source_(source), most_entries_(most_entries) {}

  // The next entry; what is left of the one before is skipped. Nothing at the end of the archive.
  // Error: archive_invalid.
  Result<std::optional<TarEntry>> next();

  // The next piece of the current entry's data; empty at its end. Valid until the next call.
  Result<ByteSpan> data();

 private:
  static constexpr std::size_t kBlock = 512;
  using Block = std::array<unsigned char, kBlock>;

  // What headers say about the entry behind them.
  struct Extended {
    std::optional<std::string> path, target;
    std::optional<std::uint64_t> size;
  };

  Result<bool> fill();
  Result<std::optional<Block>> block();
  Result<std::optional<Block>> header_block();
  Result<void> skip(std::uint64_t bytes);
  Result<void> finish_entry();
  Result<void> drain();
  void start_data(std::uint64_t size);
  Result<std::string> meta_data(std::uint64_t size);
  Result<bool> read_meta(char type, const Block& header);
  Result<void> read_pax(std::string_view records, Extended& into);
  Result<void> apply_pax(std::string_view key, std::string_view value, Extended& into);
  Result<TarEntry> make_entry(char type, const Block& header);

  ByteSource& source_;
  std::uint64_t most_entries_;
  std::uint64_t seen_ = 0;
  std::uint64_t offset_ = 0;  // of window_ in the archive, for messages
  ByteSpan window_;           // what the source gave and nobody has read yet
  std::uint64_t data_left_ = 0;
  std::uint64_t padding_left_ = 0;
  bool at_end_ = false;
  Extended next_;    // of the entry that comes next
  Extended global_;  // of all later ones
};

}  // namespace hod::cache
