// SPDX-License-Identifier: MIT
// The one-shot way is libdeflate's, 2.4 times as fast as zlib but without streaming; what is too
// large for memory goes through zlib.
#include "cache/inflate.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <libdeflate.h>
#include <sys/mman.h>
#include <zlib.h>

#include "core/base/assert.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

constexpr std::size_t kFilePiece = std::size_t{256} << 10;
constexpr std::size_t kStreamPiece = std::size_t{256} << 10;
constexpr std::size_t kSmallestBuffer = std::size_t{64} << 10;
// What a thread's buffer keeps in memory between uses; a worker should not sit on the largest
// package it ever met.
constexpr std::size_t kKeptBuffer = std::size_t{4} << 20;
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

// A place for a thread's results: address space that grows without copying and of which only what
// was written to costs memory. Kept from use to use, so that the kernel need not clear fresh pages
// for every package.
class Mapping {
 public:
  Mapping() = default;
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (start_ != nullptr) ::munmap(start_, size_);
  }

  std::byte* start() const { return start_; }
  std::size_t size() const { return size_; }

  void grow(std::size_t size) {
    if (size <= size_) return;
    size = (size + kStep - 1) / kStep * kStep;
    void* grown = start_ == nullptr ? ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
                                    : ::mremap(start_, size_, size, MREMAP_MAYMOVE);
    HOD_ASSERT(grown != MAP_FAILED);  // as for any memory that cannot be had
    start_ = static_cast<std::byte*>(grown);
    size_ = size;
    ::madvise(start_, size_, MADV_HUGEPAGE);  // refused: 512 times as many faults, nothing else
  }

  void give_back_beyond(std::size_t kept) {
    if (size_ > kept) ::madvise(start_ + kept, size_ - kept, MADV_DONTNEED);
  }

 private:
  static constexpr std::size_t kStep = std::size_t{1} << 20;
  std::byte* start_ = nullptr;
  std::size_t size_ = 0;
};

// What one thread keeps between packages.
class Inflater {
 public:
  Result<std::optional<ByteSpan>> run(ByteSpan packed, std::size_t limit) {
    give_back();
    buffer_.grow(first_guess(packed, limit));
    filled_ = 0;
    do {
      std::size_t used = 0;
      std::size_t made = 0;
      std::size_t room = std::min(buffer_.size(), limit);
      libdeflate_result result =
          libdeflate_gzip_decompress_ex(decompressor_.get(), packed.data(), packed.size(),
                                        buffer_.start() + filled_, room - filled_, &used, &made);
      largest_ = room;  // unless it is known better
      if (result == LIBDEFLATE_INSUFFICIENT_SPACE) {
        if (room == limit) return std::optional<ByteSpan>{};
        buffer_.grow(std::min(room * 2, limit));
        continue;
      }
      if (result != LIBDEFLATE_SUCCESS) return failure(damaged());
      filled_ += made;
      packed = packed.subspan(used);
    } while (is_gzip(packed));
    if (!all_zero(packed)) return failure(garbage_behind());
    largest_ = filled_;
    return std::optional<ByteSpan>(ByteSpan(buffer_.start(), filled_));
  }

  void give_back() {
    if (std::exchange(largest_, 0) > kKeptBuffer) buffer_.give_back_beyond(kKeptBuffer);
  }

 private:
  static std::size_t first_guess(ByteSpan packed, std::size_t limit) {
    return std::clamp(claimed_size(packed), std::min(kSmallestBuffer, limit), limit);
  }

  std::unique_ptr<libdeflate_decompressor, DecompressorFree> decompressor_{
      libdeflate_alloc_decompressor()};
  Mapping buffer_;
  std::size_t filled_ = 0;
  std::size_t largest_ = 0;  // bytes touched since they were last given back
};

Inflater& inflater_of_thread() {
  thread_local Inflater inflater;
  return inflater;
}

}  // namespace

bool is_gzip(ByteSpan start) {
  return start.size() >= 2 && start[0] == std::byte{0x1f} && start[1] == std::byte{0x8b};
}

// The trailer's length is the sender's claim: believed as far as DEFLATE could make it true.
std::size_t claimed_size(ByteSpan packed) {
  std::uint32_t claimed = 0;
  if (packed.size() >= kTrailerBytes) std::memcpy(&claimed, &packed[packed.size() - 4], 4);
  return std::min(std::size_t{claimed}, packed.size() * kMostExpansion);
}

Result<std::optional<ByteSpan>> gunzip(ByteSpan packed, std::size_t limit) {
  return inflater_of_thread().run(packed, limit);
}

void release_gunzip_buffer() { inflater_of_thread().give_back(); }

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
