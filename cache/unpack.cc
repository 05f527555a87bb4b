// SPDX-License-Identifier: MIT
// From tarball to files:
//
//   bytes ──inflate.h──▶ tar stream ──tar_reader.h──▶ entries ──tar_path.h──▶ paths
//                                                             ──package_writer.h──▶ files
//
// Archives are inflated whole, in one call, which takes less than half the time of streaming them;
// streamed is what would need too much memory, by itself or together with what other threads hold.
// The limits of T-TAR-10 are looked at before bytes are written, not after.
#include "cache/unpack.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <utility>

#include "cache/inflate.h"
#include "cache/package_writer.h"
#include "cache/path_fold.h"
#include "cache/tar_path.h"
#include "cache/tar_reader.h"
#include "core/base/io.h"
#include "core/base/printable.h"

namespace hod::cache {

namespace {

constexpr std::string_view kManifest = "package.json";

Error hostile(std::string what) {
  return Error(ErrorCode::archive_hostile, "the archive " + std::move(what));
}

// Passes pieces on and stops a bomb: more than the limits allow for so many packed bytes.
class BoundedSource : public ByteSource {
 public:
  BoundedSource(ByteSource& source, std::uint64_t packed, const UnpackLimits& limits)
      : source_(source), packed_(packed), limits_(limits) {}

  Result<ByteSpan> next() override {
    HOD_TRY(ByteSpan piece, source_.next());
    passed_ += piece.size();
    // Headers and padding come on top of the files: never more than 1 KiB a file and 2 MiB of long
    // names.
    if (passed_ > limits_.total_bytes + limits_.entries * 1024 + (std::uint64_t{2} << 20)) {
      return failure(
          hostile("unpacks to more than " + std::to_string(limits_.total_bytes) + " bytes"));
    }
    if (passed_ > limits_.ratio_from && passed_ / limits_.ratio > packed_) {
      return failure(
          hostile("unpacks to more than " + std::to_string(limits_.ratio) + " times its size"));
    }
    return piece;
  }

 private:
  ByteSource& source_;
  std::uint64_t packed_;
  const UnpackLimits& limits_;
  std::uint64_t passed_ = 0;
};

// Hands out a first piece that was already read, then the rest.
class PrefixedSource : public ByteSource {
 public:
  PrefixedSource(ByteSpan first, ByteSource& rest) : first_(first), rest_(rest) {}
  Result<ByteSpan> next() override {
    if (!first_.empty()) return std::exchange(first_, {});
    return rest_.next();
  }

 private:
  ByteSpan first_;
  ByteSource& rest_;
};

class Unpacker {
 public:
  Unpacker(ByteSource& tar, PackageWriter writer, const UnpackLimits& limits)
      : reader_(tar, limits.entries), writer_(std::move(writer)), limits_(limits) {}

  Result<UnpackedPackage> run() {
    for (;;) {
      HOD_TRY(std::optional<TarEntry> entry, reader_.next());
      if (!entry) break;
      HOD_CHECK(take(*entry));
    }
    if (!has_manifest_) {
      return failure(ErrorCode::archive_invalid, "the archive has no package.json in its folder");
    }
    package_.files = writer_.take_files();
    find_alike();
    return std::move(package_);
  }

 private:
  Result<void> take(const TarEntry& entry) {
    HOD_TRY(std::string path, path_in_package(entry.path, {limits_.depth, limits_.path_bytes}));
    if (entry.kind == TarEntry::Kind::folder) return {};  // made when a file needs it
    if (entry.kind == TarEntry::Kind::other) {
      skip(entry);
      return {};
    }
    if (path.empty()) {
      package_.skipped.push_back("file `" + printable(entry.path) +
                                 "` outside of the package's folder");
      return {};
    }
    total_ += entry.size;
    if (total_ > limits_.total_bytes) {
      return failure(
          hostile("unpacks to more than " + std::to_string(limits_.total_bytes) + " bytes"));
    }
    return write(path, entry);
  }

  void skip(const TarEntry& entry) {
    std::string line = std::string(entry.other_kind) + " `" + printable(entry.path) + "`";
    if (!entry.target.empty()) line += " to `" + printable(entry.target) + "`";
    package_.skipped.push_back(std::move(line));
  }

  Result<void> write(const std::string& path, const TarEntry& entry) {
    bool manifest = path == kManifest;
    if (manifest) {
      if (entry.size > limits_.manifest_bytes)
        return failure(hostile("has a package.json of more than " +
                               std::to_string(limits_.manifest_bytes) + " bytes"));
      package_.manifest_text.clear();
      has_manifest_ = true;
    }
    HOD_CHECK(writer_.begin(path, entry.executable));
    for (;;) {
      HOD_TRY(ByteSpan piece, reader_.data());
      if (piece.empty()) break;
      if (manifest) {
        package_.manifest_text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
      }
      HOD_CHECK(writer_.write(piece));
    }
    return writer_.end();
  }

  void find_alike() {
    std::vector<std::pair<std::string, const std::string*>> folded;
    folded.reserve(package_.files.size());
    for (const StoredFile& file : package_.files)
      folded.emplace_back(folded_path(file.path), &file.path);
    std::stable_sort(folded.begin(), folded.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t i = 1; i < folded.size(); ++i) {
      if (folded[i].first != folded[i - 1].first) continue;
      package_.alike.push_back("`" + printable(*folded[i - 1].second) + "` and `" +
                               printable(*folded[i].second) + "`");
    }
  }

  TarReader reader_;
  PackageWriter writer_;
  const UnpackLimits& limits_;
  UnpackedPackage package_;
  std::uint64_t total_ = 0;
  bool has_manifest_ = false;
};

// A share in what all threads together may use for inflated archives that are not small.
class LargeShare {
 public:
  LargeShare(std::size_t bytes, const UnpackLimits& limits) {
    if (bytes <= limits.in_memory) return;
    bytes_ = bytes;
    granted_ = taken_.fetch_add(bytes) + bytes <= limits.in_memory_of_all;
  }
  ~LargeShare() {
    if (bytes_ == 0) return;
    if (granted_) release_gunzip_buffer();
    taken_.fetch_sub(bytes_);
  }
  LargeShare(const LargeShare&) = delete;
  LargeShare& operator=(const LargeShare&) = delete;

  bool granted() const { return granted_; }

 private:
  static inline std::atomic<std::size_t> taken_{0};
  std::size_t bytes_ = 0;
  bool granted_ = true;
};

Result<UnpackedPackage> unpack_tar(ByteSource& tar, std::uint64_t packed, const std::string& folder,
                                   const UnpackLimits& limits, Stamps stamps) {
  BoundedSource bounded(tar, packed, limits);
  HOD_TRY(PackageWriter writer, PackageWriter::open(folder, stamps));
  return Unpacker(bounded, std::move(writer), limits).run();
}

}  // namespace

Result<UnpackedPackage> unpack_tarball(std::string_view bytes, const std::string& folder,
                                       const UnpackLimits& limits, Stamps stamps) {
  ByteSpan packed(reinterpret_cast<const std::byte*>(bytes.data()), bytes.size());
  if (packed.empty()) return failure(ErrorCode::archive_invalid, "the archive is empty");
  MemorySource source(packed);
  if (!is_gzip(packed)) return unpack_tar(source, packed.size(), folder, limits, stamps);
  const std::size_t size = claimed_size(packed);
  if (const LargeShare share(size, limits); share.granted()) {
    HOD_TRY(std::optional<ByteSpan> whole, gunzip(packed, std::max(size, limits.in_memory)));
    if (whole) {
      MemorySource tar(*whole);
      return unpack_tar(tar, packed.size(), folder, limits, stamps);
    }
  }
  GunzipSource tar(source);
  return unpack_tar(tar, packed.size(), folder, limits, stamps);
}

Result<UnpackedPackage> unpack_tarball_file(const std::string& path, const std::string& folder,
                                            const UnpackLimits& limits, Stamps stamps) {
  Fd fd(io::open(path.c_str(), O_RDONLY));
  if (!fd) return failure(system_error(errno, "open", path));
  struct stat info {};
  if (io::fstatat(fd.get(), "", &info, AT_EMPTY_PATH) != 0) {
    return failure(system_error(errno, "look at", path));
  }
  auto packed = static_cast<std::uint64_t>(info.st_size);
  FileSource file(fd, path);
  HOD_TRY(ByteSpan first, file.next());
  if (first.empty()) return failure(ErrorCode::archive_invalid, "the archive is empty");
  PrefixedSource source(first, file);
  if (!is_gzip(first)) return unpack_tar(source, packed, folder, limits, stamps);
  GunzipSource tar(source);
  return unpack_tar(tar, packed, folder, limits, stamps);
}

}  // namespace hod::cache
