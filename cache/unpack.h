// Unpacking package tarballs: gzip and tar only, every path decided here, files written by our own
// writer (groups TAR of the threat list). As in npm one leading component is stripped and the last
// entry of a name wins.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cache/store.h"
#include "core/base/result.h"

namespace hod::cache {

struct UnpackLimits {
  std::uint64_t total_bytes = std::uint64_t{4} << 30;
  std::uint64_t ratio = 200;  // unpacked : packed, looked at above ratio_from
  std::uint64_t ratio_from = std::uint64_t{256} << 20;
  std::uint64_t entries = 300'000;
  std::uint32_t depth = 64;
  std::uint32_t path_bytes = 1024;
  std::uint64_t manifest_bytes = std::uint64_t{8} << 20;
  // Inflated sizes: small ones are always inflated in memory; larger ones while all that are being
  // unpacked fit into the second limit, else streamed.
  std::uint64_t in_memory = std::uint64_t{8} << 20;
  std::uint64_t in_memory_of_all = std::uint64_t{46} << 20;
};

struct UnpackedPackage {
  std::vector<StoredFile> files;     // sorted by path bytes
  std::string manifest_text;         // package.json at its root
  std::vector<std::string> skipped;  // "symbolic link `a` to `b`"
  std::vector<std::string>
      alike;  // "`A` and `a`": one file where letter case does not count (T-TAR-07)
};

// Every file gets this time (1985-10-26T08:15:00Z, as in npm's own archives): trees of one lockfile
// are equal byte for byte.
inline constexpr std::int64_t kFileTime = 499'162'500;

// later: StoredFile::inode stays 0, which saves a call a file.
enum class Stamps : std::uint8_t { now, later };

// Unpacks a .tgz (or plain tar) below `folder`, which exists and is empty. On error nothing below
// it may be kept by the caller. An archive without a package.json at its root is no package.
// Errors: archive_invalid (malformed, short, not a tar), archive_hostile (paths that leave,
// limits), disk_*.
Result<UnpackedPackage> unpack_tarball(std::string_view bytes, const std::string& folder,
                                       const UnpackLimits& limits = {},
                                       Stamps stamps = Stamps::now);
Result<UnpackedPackage> unpack_tarball_file(const std::string& path, const std::string& folder,
                                            const UnpackLimits& limits = {},
                                            Stamps stamps = Stamps::now);

}  // namespace hod::cache
