// The 512 bytes of a tar header: what of them counts, read as npm reads it, and plain ones made of
// that.
//
// A plain header says one entry's kind, size and mode in one way of writing each, and what it has
// of names; owners, times, devices and whatever else stood there are not taken over.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hod::cache {

inline constexpr std::size_t kTarBlock = 512;
inline constexpr std::uint64_t kMostTarSize =
    (std::uint64_t{1} << 53) - 1;  // what JavaScript readers can hold

// How many bytes stand behind `size` bytes of data, up to a full block.
constexpr std::uint64_t tar_padding(std::uint64_t size) {
  return (kTarBlock - size % kTarBlock) % kTarBlock;
}

class TarHeaderBlock {
 public:
  unsigned char* data() { return bytes_.data(); }

  bool is_zero() const;
  // The sum of all bytes, the checksum's own taken for blanks; signed sums are none.
  bool checksum_matches() const;
  char type() const;
  // Nothing: what stands there is no size. Octal between blanks, or GNU's base-256 form.
  std::optional<std::uint64_t> size() const;
  // The owner's x bit. Garbage in the mode is no reason to refuse a package.
  bool executable() const;
  std::string_view link() const;
  bool named_like_folder() const;
  bool sparse_goes_on() const;  // old GNU sparse files: more header blocks follow

  struct Plain {
    char type = '0';
    std::uint64_t size = 0;
    bool executable = false;
    std::string_view link;  // what fits of it
  };
  void append_plain(std::string& archive, const Plain& plain) const;

 private:
  struct Field {
    std::size_t at, size;
  };
  static const Field kName, kMode, kSize, kChecksum, kLink, kMagic, kPrefix;

  std::string_view field(Field which) const;
  std::string_view text(Field which) const;
  std::optional<std::uint64_t> octal(Field which) const;
  std::uint32_t sum() const;
  bool has_prefix() const;
  void put(Field where, std::string_view text);
  void put_octal(Field where, std::uint64_t value, std::size_t digits);

  std::array<unsigned char, kTarBlock> bytes_{};
};

// "<length> <key>=<value>\n", the length counting all of it.
void append_pax_record(std::string& records, std::string_view key, std::string_view value);
// Records as an extended header of the entry that comes next.
void append_pax_header(std::string& archive, std::string_view records);

}  // namespace hod::cache
