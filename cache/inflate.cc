// SPDX-License-Identifier: MIT
// The one-shot way is libdeflate's, 2.4 times as fast as zlib but without streaming; what is too
// large for memory goes through zlib.
#include "cache/inflate.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <libdeflate.h>
#include <zlib.h>

#include "core/base/io.h"

namespace hod::cache {

namespace {

constexpr std::size_t kFilePiece = std::size_t{256} << 10;
constexpr std::size_t kStreamPiece = std::size_t{256} << 10;
constexpr std::size_t kSmallestBuffer = std::size_t{64} << 10;
// A buffer beyond this is given back after use: a worker should not sit on the largest package it
// ever met.
constexpr std::size_t kKeptBuffer = std::size_t{8} << 20;
constexpr std::size_t kMostExpansion = 1032;  // DEFLATE cannot do better
constexpr std::size_t kTrailerBytes = 8;

Error damaged() {
  return Error(ErrorCode::archive_invalid, "the archive's gzip stream is damaged or cut off");
}

Error garbage_behind() {
  return Error(ErrorCode::archive_invalid,
               "there are other bytes behind the archive's gzip stream");
}

bool all_zero(ByteSpan bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

struct DecompressorFree {
  void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
};

// What one thread keeps between packages.
class Inflater {
 public:
  Result<std::optional<ByteSpan>> run(ByteSpan packed, std::size_t limit) {
    reserve(first_guess(packed, limit), 0);
    std::size_t filled = 0;
    do {
      std::size_t used = 0;
      std::size_t made = 0;
      libdeflate_result result = libdeflate_gzip_decompress_ex(
          decompressor_.get(), packed.data(), packed.size(), buffer_.get() + filled,
          std::min(capacity_, limit) - filled, &used, &made);
      if (result == LIBDEFLATE_INSUFFICIENT_SPACE) {
        if (capacity_ >= limit) return std::optional<ByteSpan>{};
        reserve(std::min(capacity_ * 2, limit), filled);
        continue;
      }
      if (result != LIBDEFLATE_SUCCESS) return failure(damaged());
      filled += made;
      packed = packed.subspan(used);
    } while (is_gzip(packed));
    if (!all_zero(packed)) return failure(garbage_behind());
    return std::optional<ByteSpan>(ByteSpan(buffer_.get(), filled));
  }

  void shrink() {
    if (capacity_ <= kKeptBuffer) return;
    buffer_.reset();
    capacity_ = 0;
  }

 private:
  // The trailer's length is the sender's claim: believed as far as DEFLATE could make it true.
  static std::size_t first_guess(ByteSpan packed, std::size_t limit) {
    std::uint32_t claimed = 0;
    if (packed.size() >= kTrailerBytes) std::memcpy(&claimed, &packed[packed.size() - 4], 4);
    std::size_t most = std::min(limit, packed.size() * kMostExpansion);
    return std::clamp(std::size_t{claimed}, std::min(kSmallestBuffer, limit),
                      std::max(most, std::min(kSmallestBuffer, limit)));
  }

  void reserve(std::size_t size, std::size_t filled) {
    if (size <= capacity_) return;
    auto larger = std::make_unique_for_overwrite<std::byte[]>(size);
    if (filled > 0) std::memcpy(larger.get(), buffer_.get(), filled);
    buffer_ = std::move(larger);
    capacity_ = size;
  }

  std::unique_ptr<libdeflate_decompressor, DecompressorFree> decompressor_{
      libdeflate_alloc_decompressor()};
  std::unique_ptr<std::byte[]> buffer_;
  std::size_t capacity_ = 0;
};

}  // namespace

bool is_gzip(ByteSpan start) {
  return start.size() >= 2 && start[0] == std::byte{0x1f} && start[1] == std::byte{0x8b};
}

Result<std::optional<ByteSpan>> gunzip(ByteSpan packed, std::size_t limit) {
  thread_local Inflater inflater;
  inflater.shrink();
  return inflater.run(packed, limit);
}

FileSource::FileSource(const Fd& fd, std::string path)
    : fd_(fd),
      path_(std::move(path)),
      buffer_(std::make_unique_for_overwrite<std::byte[]>(kFilePiece)) {}

Result<ByteSpan> FileSource::next() {
  for (;;) {
    ssize_t got = io::read(fd_.get(), buffer_.get(), kFilePiece);
    if (got >= 0) return ByteSpan(buffer_.get(), static_cast<std::size_t>(got));
    if (errno != EINTR) return failure(system_error(errno, "read", path_));
  }
}

// One stream.   inside ──end of member──▶ between ──1f──▶ inside
//                                            └──00, or the end──▶ over
struct GunzipSource::State {
  enum class Phase { inside, between, over };

  explicit State(ByteSource& source)
      : packed(source), out(std::make_unique_for_overwrite<std::byte[]>(kStreamPiece)) {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    HOD_ASSERT(inflateInit2(&z, kGzipOnly) == Z_OK);
  }
  ~State() { inflateEnd(&z); }

  // Makes bytes available in z.next_in; false at the end of the packed bytes.
  Result<bool> fill() {
    if (z.avail_in > 0) return true;
    HOD_TRY(ByteSpan piece, packed.next());
    z.next_in =
        const_cast<Bytef*>(reinterpret_cast<const Bytef*>(piece.data()));  // zlib only reads
    z.avail_in = static_cast<uInt>(piece.size());
    return !piece.empty();
  }

  Result<void> look_behind_member() {
    HOD_TRY(bool more, fill());
    if (!more) {
      phase = Phase::over;
    } else if (*z.next_in == 0x1f) {
      HOD_ASSERT(inflateReset(&z) == Z_OK);
      phase = Phase::inside;
    } else {
      phase = Phase::over;
      while (more) {
        if (!all_zero({reinterpret_cast<const std::byte*>(z.next_in), z.avail_in})) {
          return failure(garbage_behind());
        }
        z.avail_in = 0;
        HOD_TRY(more, fill());
      }
    }
    return {};
  }

  // Inflates until the buffer is full or the member ends.
  Result<std::size_t> run_member() {
    z.next_out = reinterpret_cast<Bytef*>(out.get());
    z.avail_out = kStreamPiece;
    while (z.avail_out > 0) {
      HOD_TRY(bool more, fill());
      if (!more) return failure(damaged());
      int result = inflate(&z, Z_NO_FLUSH);
      if (result == Z_STREAM_END) {
        phase = Phase::between;
        break;
      }
      if (result != Z_OK) return failure(damaged());
    }
    return kStreamPiece - z.avail_out;
  }

  ByteSource& packed;
  z_stream z{};
  std::unique_ptr<std::byte[]> out;
  Phase phase = Phase::inside;
};

GunzipSource::GunzipSource(ByteSource& packed) : state_(std::make_unique<State>(packed)) {}
GunzipSource::~GunzipSource() = default;

Result<ByteSpan> GunzipSource::next() {
  for (;;) {
    switch (state_->phase) {
      case State::Phase::over:
        return ByteSpan{};
      case State::Phase::between:
        HOD_CHECK(state_->look_behind_member());
        break;
      case State::Phase::inside: {
        HOD_TRY(std::size_t made, state_->run_member());
        if (made > 0) return ByteSpan(state_->out.get(), made);
      }
    }
  }
}

}  // namespace hod::cache
