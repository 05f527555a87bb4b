// gzip, whole in memory or as a stream, behind one face: a source of bytes.
//
// Rules (T-TAR-11): several members are one stream; after the last one only zero bytes may follow;
// the CRC and length of every member are checked; a stream that ends early is an error, never short
// data.
//
// Threads: objects are not shared; free functions: any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/file.h"
#include "core/base/result.h"

namespace hod::cache {

using ByteSpan = std::span<const std::byte>;

// Bytes in pieces. A piece is valid until the next call; an empty one: the end.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual Result<ByteSpan> next() = 0;
};

class MemorySource : public ByteSource {
 public:
  explicit MemorySource(ByteSpan bytes) : bytes_(bytes) {}
  Result<ByteSpan> next() override { return std::exchange(bytes_, {}); }

 private:
  ByteSpan bytes_;
};

class FileSource : public ByteSource {
 public:
  FileSource(const Fd& fd, std::string path);
  Result<ByteSpan> next() override;

 private:
  const Fd& fd_;
  std::string path_;
  std::unique_ptr<std::byte[]> buffer_;
};

// Inflates what `packed` gives. Errors: archive_invalid.
class GunzipSource : public ByteSource {
 public:
  explicit GunzipSource(ByteSource& packed);
  ~GunzipSource() override;
  Result<ByteSpan> next() override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

bool is_gzip(ByteSpan start);

// How long the result says it is going to be. A hint: several members, or a lie, make it wrong.
std::size_t claimed_size(ByteSpan packed);

// Inflates all of `packed` into a buffer of this thread, which stays valid until the next call on
// it. Nothing when the result would have more than `limit` bytes. Error: archive_invalid.
Result<std::optional<ByteSpan>> gunzip(ByteSpan packed, std::size_t limit);
// Gives back what a large result left in memory, before the next call does.
void release_gunzip_buffer();

}  // namespace hod::cache
