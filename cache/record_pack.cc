// SPDX-License-Identifier: MIT
// A file is mapped whole, and anew when it has grown past the mapping; records keep the mapping
// they came from alive.
#include "cache/record_pack.h"

#include <array>
#include <cerrno>

#include <sys/mman.h>

#include "core/base/io.h"

namespace hod::cache {

namespace {

constexpr std::uint64_t kAlignment = 8;

FileStamp stamp_of(const struct stat& info) {
  return {static_cast<std::uint64_t>(info.st_size),
          std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec,
          static_cast<std::uint64_t>(info.st_ino)};
}

}  // namespace

struct RecordPack::Mapping {
  std::int64_t pack = 0;
  const std::byte* data = nullptr;
  std::size_t size = 0;
  ~Mapping() {
    if (data != nullptr) ::munmap(const_cast<std::byte*>(data), size);
  }
};

std::string RecordPack::path(std::int64_t pack) const {
  return folder_ + "/records-" + std::to_string(pack);
}

// The whole file as it is now. Earlier mappings live as long as records in them.
bool RecordPack::map(std::int64_t pack) {
  Fd fd(io::open(path(pack).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  struct stat info {};
  if (!fd || io::fstatat(fd.get(), "", &info, AT_EMPTY_PATH) != 0 || info.st_size == 0)
    return false;
  auto size = static_cast<std::size_t>(info.st_size);
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd.get(), 0);
  if (data == MAP_FAILED) return false;
  auto mapping = std::make_shared<Mapping>();
  mapping->pack = pack;
  mapping->data = static_cast<const std::byte*>(data);
  mapping->size = size;
  mapped_ = std::move(mapping);
  read_stamp_ = stamp_of(info);
  return true;
}

std::optional<RecordPack::Block> RecordPack::read(const Place& place) {
  auto inside = [&] {
    return mapped_ && mapped_->pack == place.pack && place.at <= mapped_->size &&
           place.length <= mapped_->size - place.at;
  };
  if (place.at % kAlignment != 0) return std::nullopt;
  if (!inside() && !(map(place.pack) && inside())) return std::nullopt;
  return Block{{mapped_->data + place.at, static_cast<std::size_t>(place.length)}, mapped_};
}

Result<void> RecordPack::start(std::int64_t pack) {
  std::string file = path(pack);
  out_ = Fd(io::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600));
  if (!out_) return failure(system_error(errno, "open", file));
  struct stat info {};
  if (io::fstatat(out_.get(), "", &info, AT_EMPTY_PATH) != 0) {
    return failure(system_error(errno, "look at", file));
  }
  out_pack_ = pack;
  end_ = static_cast<std::uint64_t>(info.st_size);
  return {};
}

Result<void> RecordPack::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    ssize_t written = io::write(out_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failure(system_error(errno, "write", path(out_pack_)));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    end_ += static_cast<std::uint64_t>(written);
  }
  return {};
}

Result<RecordPack::Place> RecordPack::append(std::span<const std::byte> block) {
  constexpr std::array<std::byte, kAlignment> kZeros{};
  std::uint64_t padding = (kAlignment - end_ % kAlignment) % kAlignment;
  HOD_CHECK(write(std::span(kZeros).first(static_cast<std::size_t>(padding))));
  Place place{out_pack_, end_, block.size()};
  HOD_CHECK(write(block));
  return place;
}

void RecordPack::finish() {
  out_.reset();
  mapped_.reset();
}

Result<FileStamp> RecordPack::appended_stamp() const {
  struct stat info {};
  if (io::fstatat(out_.get(), "", &info, AT_EMPTY_PATH) != 0) {
    return failure(system_error(errno, "look at", path(out_pack_)));
  }
  return stamp_of(info);
}

void RecordPack::remove(std::int64_t pack) {
  io::unlinkat(AT_FDCWD, path(pack).c_str(), 0);  // what stays is removed with the next one
}

}  // namespace hod::cache
