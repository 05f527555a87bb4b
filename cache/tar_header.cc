// SPDX-License-Identifier: MIT
#include "cache/tar_header.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace hod::cache {

// Byte ranges of the fields of a header (POSIX ustar). Of old archives with times behind a prefix
// of 130 bytes nothing is lost: a zero byte ends the prefix there.
constexpr TarHeaderBlock::Field TarHeaderBlock::kName{0, 100};
constexpr TarHeaderBlock::Field TarHeaderBlock::kMode{100, 8};
constexpr TarHeaderBlock::Field TarHeaderBlock::kSize{124, 12};
constexpr TarHeaderBlock::Field TarHeaderBlock::kChecksum{148, 8};
constexpr TarHeaderBlock::Field TarHeaderBlock::kLink{157, 100};
constexpr TarHeaderBlock::Field TarHeaderBlock::kMagic{257, 8};
constexpr TarHeaderBlock::Field TarHeaderBlock::kPrefix{345, 155};

namespace {

constexpr std::size_t kType = 156;
constexpr std::size_t kSparseExtended = 482;
constexpr std::string_view kUstar(
    "ustar\0"
    "00",
    8);

std::string_view trimmed(std::string_view text) {
  std::size_t from = std::min(text.find_first_not_of(' '), text.size());
  text.remove_prefix(from);
  std::size_t last = text.find_last_not_of(' ');
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

}  // namespace

std::string_view TarHeaderBlock::field(Field which) const {
  return {reinterpret_cast<const char*>(bytes_.data()) + which.at, which.size};
}

// Text up to the first zero byte.
std::string_view TarHeaderBlock::text(Field which) const {
  std::string_view all = field(which);
  return all.substr(0, all.find('\0'));
}

// An octal number between blanks up to the first zero byte; blank: 0.
std::optional<std::uint64_t> TarHeaderBlock::octal(Field which) const {
  std::string_view digits = trimmed(text(which));
  if (digits.empty()) return 0;
  std::uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  auto [stop, error] = std::from_chars(digits.data(), end, value, 8);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::uint32_t TarHeaderBlock::sum() const {
  std::uint32_t sum = kChecksum.size * ' ';
  for (unsigned char byte : bytes_) sum += byte;
  for (char byte : field(kChecksum)) sum -= static_cast<unsigned char>(byte);
  return sum;
}

bool TarHeaderBlock::is_zero() const {
  return std::all_of(bytes_.begin(), bytes_.end(), [](unsigned char b) { return b == 0; });
}

bool TarHeaderBlock::checksum_matches() const {
  constexpr std::string_view kAllowed("01234567 \0", 10);
  return field(kChecksum).find_first_not_of(kAllowed) == std::string_view::npos &&
         !trimmed(text(kChecksum)).empty() && octal(kChecksum) == sum();
}

char TarHeaderBlock::type() const { return static_cast<char>(bytes_[kType]); }

// GNU's form: 0x80 and a big-endian number. Negative ones are no size.
std::optional<std::uint64_t> TarHeaderBlock::size() const {
  std::string_view bytes = field(kSize);
  auto first = static_cast<unsigned char>(bytes[0]);
  if ((first & 0x80) == 0) return octal(kSize);
  if (first != 0x80) return std::nullopt;
  std::uint64_t value = 0;
  for (char c : bytes.substr(1)) {
    if (value > kMostTarSize) return std::nullopt;
    value = value << 8 | static_cast<unsigned char>(c);
  }
  return value;
}

bool TarHeaderBlock::executable() const {
  constexpr std::uint64_t kOwnerExecutes = 0100;
  return (octal(kMode).value_or(0) & kOwnerExecutes) != 0;
}

std::string_view TarHeaderBlock::link() const { return text(kLink); }

// GNU's archives have other things in the prefix's place.
bool TarHeaderBlock::has_prefix() const {
  return field(kMagic) == kUstar && !text(kPrefix).empty();
}

bool TarHeaderBlock::named_like_folder() const {
  std::string_view name = text(kName);
  return name.empty() ? has_prefix() : name.ends_with('/');
}

bool TarHeaderBlock::sparse_goes_on() const { return bytes_[kSparseExtended] != 0; }

void TarHeaderBlock::put(Field where, std::string_view text) {
  std::memcpy(bytes_.data() + where.at, text.data(), std::min(text.size(), where.size));
}

void TarHeaderBlock::put_octal(Field where, std::uint64_t value, std::size_t digits) {
  for (std::size_t i = digits; i > 0; --i, value >>= 3) {
    bytes_[where.at + i - 1] = static_cast<unsigned char>('0' + (value & 7));
  }
}

void TarHeaderBlock::append_plain(std::string& archive, const Plain& plain) const {
  TarHeaderBlock made;
  made.put(kName, field(kName));
  if (has_prefix()) made.put(kPrefix, field(kPrefix));
  made.put(kLink, plain.link);
  made.put_octal(kMode, plain.executable ? 0755 : 0644, 7);
  // Twelve octal digits end at 64 GiB; this form does not.
  made.bytes_[kSize.at] = 0x80;
  for (std::size_t i = kSize.size - 1, shift = 0; shift < 64; --i, shift += 8) {
    made.bytes_[kSize.at + i] = static_cast<unsigned char>(plain.size >> shift);
  }
  made.bytes_[kType] = static_cast<unsigned char>(plain.type);
  made.put(kMagic, kUstar);
  made.put_octal(kChecksum, made.sum(), 6);
  made.bytes_[kChecksum.at + 7] = ' ';
  archive.append(reinterpret_cast<const char*>(made.bytes_.data()), kTarBlock);
}

void append_pax_record(std::string& records, std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest + 1;
  while (std::to_string(length).size() + rest > length) ++length;
  records.append(std::to_string(length)).append(1, ' ').append(key).append(1, '=');
  records.append(value).append(1, '\n');
}

void append_pax_header(std::string& archive, std::string_view records) {
  TarHeaderBlock().append_plain(archive, {'x', records.size(), false, {}});
  archive.append(records);
  archive.append(static_cast<std::size_t>(tar_padding(records.size())), '\0');
}

}  // namespace hod::cache
