// The entries of a tar stream, as libarchive reads them: V7, ustar, GNU long names and PAX.
//
// libarchive sees only the plain archive that tar_guard.h makes; of its formats only tar is there,
// of its filters none. Paths are handed out raw: tar_path.h decides about them.
// docs/decisions/0007-libarchive-behind-a-guard.md says why two.
//
// Threads: an object of one thread. The source must outlive the reader.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "cache/inflate.h"
#include "cache/tar_guard.h"
#include "core/base/result.h"

struct archive;
struct archive_entry;

namespace hod::cache {

struct TarEntry {
  using Kind = TarKind;
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
  TarReader(ByteSource& source, std::uint64_t most_entries) : guard_(source, most_entries) {}
  TarReader(const TarReader&) = delete;
  TarReader& operator=(const TarReader&) = delete;

  // The next entry; what is left of the one before is skipped. Nothing at the end of the archive.
  // Errors: archive_invalid, archive_hostile, or the source's; the same one again when asked again.
  Result<std::optional<TarEntry>> next();

  // The next piece of the current entry's data; empty at its end. Valid until the next call.
  Result<ByteSpan> data();

 private:
  struct Free {
    void operator()(archive* reader) const;
  };

  static ssize_t give(archive* reader, void* self, const void** bytes);
  bool open();
  tl::unexpected<Error> fail();
  std::optional<TarEntry> make_entry(archive_entry* entry) const;

  TarGuard guard_;
  std::unique_ptr<archive, Free> archive_;
  std::optional<Error> failed_;
};

}  // namespace hod::cache
