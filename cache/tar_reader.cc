// SPDX-License-Identifier: MIT
// 512 bytes at a time: a header, its data, padding to a full block.
//
//   header ──x, g, L, K──▶ read its data, remember, next header
//      │ ──file, folder, link …──▶ handed out; data() or the next next() passes its data
//      │ ──two zero blocks, or the end of the bytes──▶ over
//
// What must stay true:
//  (1) Every byte before the end belongs to exactly one header or one entry's data; nothing is
//      searched for.
//
//  (2) A size is believed only when it is written as one, and the data behind it must be there in
//      full.
//
//  (3) Memory does not depend on what the archive claims: headers' own data is limited, entries'
//      data is passed through.
#include "cache/tar_reader.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace hod::cache {

namespace {

constexpr std::uint64_t kMostMetaBytes = std::uint64_t{1}
                                         << 20;  // of one PAX or GNU header's data, as in npm
constexpr std::uint64_t kMostSize =
    (std::uint64_t{1} << 53) - 1;  // what JavaScript readers can hold

// Byte ranges of the fields of a header (POSIX ustar).
struct Field {
  std::size_t at, size;
};
constexpr Field kName{0, 100}, kMode{100, 8}, kSize{124, 12}, kChecksum{148, 8}, kLink{157, 100};
constexpr Field kMagic{257, 8}, kPrefix{345, 155};
constexpr std::size_t kType = 156;
constexpr std::size_t kShortPrefix =
    130;  // xstar keeps times behind it; byte 475 tells whether the prefix is long
constexpr std::size_t kLongPrefixMark = 475;
constexpr std::size_t kSparseExtended = 482;  // old GNU sparse: more header blocks follow

template <class Block>
std::string_view field(const Block& header, Field f) {
  return {reinterpret_cast<const char*>(header.data()) + f.at, f.size};
}

// Text up to the first zero byte.
template <class Block>
std::string_view text(const Block& header, Field f) {
  std::string_view all = field(header, f);
  return all.substr(0, all.find('\0'));
}

std::string_view trimmed(std::string_view text) {
  std::size_t from = std::min(text.find_first_not_of(' '), text.size());
  text.remove_prefix(from);
  std::size_t last = text.find_last_not_of(' ');
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

// An octal number between blanks up to the first zero byte; blank: 0.
template <class Block>
std::optional<std::uint64_t> octal(const Block& header, Field f) {
  std::string_view digits = trimmed(text(header, f));
  if (digits.empty()) return 0;
  std::uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  auto [stop, error] = std::from_chars(digits.data(), end, value, 8);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

// octal(), or GNU's base-256 form: 0x80 and a big-endian number. Negative ones are no size.
template <class Block>
std::optional<std::uint64_t> size_field(const Block& header) {
  std::string_view bytes = field(header, kSize);
  auto first = static_cast<unsigned char>(bytes[0]);
  if ((first & 0x80) == 0) return octal(header, kSize);
  if (first != 0x80) return std::nullopt;
  std::uint64_t value = 0;
  for (char c : bytes.substr(1)) {
    if (value > kMostSize) return std::nullopt;
    value = value << 8 | static_cast<unsigned char>(c);
  }
  return value;
}

// The sum of all bytes, the checksum's own taken for blanks.
template <class Block>
bool checksum_matches(const Block& header) {
  std::uint32_t sum = kChecksum.size * ' ';
  for (unsigned char byte : header) sum += byte;
  for (char byte : field(header, kChecksum)) sum -= static_cast<unsigned char>(byte);
  constexpr std::string_view kAllowed("01234567 \0", 10);
  return field(header, kChecksum).find_first_not_of(kAllowed) == std::string_view::npos &&
         !trimmed(text(header, kChecksum)).empty() && octal(header, kChecksum) == sum;
}

template <class Block>
bool is_zero(const Block& block) {
  return std::all_of(block.begin(), block.end(), [](unsigned char b) { return b == 0; });
}

// Garbage in the mode field is no reason to refuse a package: it gets plain 0644, as in npm.
template <class Block>
bool is_executable(const Block& header) {
  constexpr std::uint64_t kOwnerExecutes = 0100;
  return (octal(header, kMode).value_or(0) & kOwnerExecutes) != 0;
}

template <class Block>
std::string header_path(const Block& header) {
  std::string name(text(header, kName));
  if (field(header, kMagic) != std::string_view("ustar\0"
                                                "00",
                                                kMagic.size))
    return name;
  Field prefix = kPrefix;
  if (header[kLongPrefixMark] == 0) prefix.size = kShortPrefix;
  std::string_view before = text(header, prefix);
  return before.empty() ? name : std::string(before) + "/" + name;
}

std::string_view name_of_other(char type) {
  switch (type) {
    case '1':
      return "hard link";
    case '2':
      return "symbolic link";
    case '3':
    case '4':
      return "device";
    case '6':
      return "named pipe";
    case 'S':
      return "sparse file";
    default:
      return "entry of an unknown kind";
  }
}

Error invalid(std::string what) {
  return Error(ErrorCode::archive_invalid, "the archive " + std::move(what));
}

std::optional<std::uint64_t> decimal(std::string_view digits) {
  std::uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (digits.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

}  // namespace

// Is there a byte to read?
Result<bool> TarReader::fill() {
  if (!window_.empty()) return true;
  HOD_TRY(window_, source_.next());
  return !window_.empty();
}

// The next 512 bytes; nothing at the end of the bytes. Zero bytes short of a block are no block.
Result<std::optional<TarReader::Block>> TarReader::block() {
  Block block;
  std::size_t filled = 0;
  while (filled < kBlock) {
    HOD_TRY(bool more, fill());
    if (!more) break;
    std::size_t part = std::min(kBlock - filled, window_.size());
    std::memcpy(block.data() + filled, window_.data(), part);
    window_ = window_.subspan(part);
    filled += part;
  }
  offset_ += filled;
  if (filled == kBlock) return std::optional<Block>(block);
  if (std::any_of(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(filled),
                  [](unsigned char b) { return b != 0; })) {
    return failure(invalid("ends inside a header"));
  }
  return std::optional<Block>{};
}

// The next header; nothing at the end of the archive. One zero block alone is passed over, as in
// npm.
Result<std::optional<TarReader::Block>> TarReader::header_block() {
  for (bool zero_before = false;;) {
    HOD_TRY(std::optional<Block> next, block());
    if (!next) return next;
    if (!is_zero(*next)) {
      if (checksum_matches(*next)) return next;
      if (seen_ == 0) return failure(invalid("is no package: it begins with neither gzip nor tar"));
      return failure(invalid("has a damaged header (wrong checksum)")
                         .at("byte " + std::to_string(offset_ - kBlock)));
    }
    if (zero_before) return std::optional<Block>{};
    zero_before = true;
  }
}

Result<void> TarReader::skip(std::uint64_t bytes) {
  while (bytes > 0) {
    HOD_TRY(bool more, fill());
    if (!more) return failure(invalid("ends in the middle of an entry"));
    auto part = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, window_.size()));
    window_ = window_.subspan(part);
    offset_ += part;
    bytes -= part;
  }
  return {};
}

Result<void> TarReader::finish_entry() {
  HOD_CHECK(skip(data_left_));
  HOD_CHECK(skip(padding_left_));
  data_left_ = padding_left_ = 0;
  return {};
}

// What stands behind the end is not looked at, but a compressed stream proves itself only at its
// end.
Result<void> TarReader::drain() {
  at_end_ = true;
  for (;;) {
    window_ = {};
    HOD_TRY(bool more, fill());
    if (!more) return {};
  }
}

void TarReader::start_data(std::uint64_t size) {
  data_left_ = size;
  padding_left_ = (kBlock - size % kBlock) % kBlock;
}

Result<ByteSpan> TarReader::data() {
  if (data_left_ == 0) return ByteSpan{};
  HOD_TRY(bool more, fill());
  if (!more) return failure(invalid("ends in the middle of an entry"));
  auto part = static_cast<std::size_t>(std::min<std::uint64_t>(data_left_, window_.size()));
  ByteSpan piece = window_.first(part);
  window_ = window_.subspan(part);
  offset_ += part;
  data_left_ -= part;
  return piece;
}

Result<std::string> TarReader::meta_data(std::uint64_t size) {
  if (size > kMostMetaBytes) return failure(invalid("has an extended header of more than 1 MiB"));
  start_data(size);
  std::string bytes;
  for (;;) {
    HOD_TRY(ByteSpan piece, data());
    if (piece.empty()) break;
    bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  }
  HOD_CHECK(finish_entry());
  return bytes;
}

Result<std::optional<TarEntry>> TarReader::next() {
  HOD_CHECK(finish_entry());
  while (!at_end_) {
    HOD_TRY(std::optional<Block> header, header_block());
    if (!header) {
      HOD_CHECK(drain());
      break;
    }
    if (++seen_ > most_entries_) {
      return failure(
          Error(ErrorCode::archive_hostile,
                "the archive has more than " + std::to_string(most_entries_) + " entries"));
    }
    char type = static_cast<char>((*header)[kType]);
    HOD_TRY(bool was_meta, read_meta(type, *header));
    if (was_meta) continue;
    HOD_TRY(TarEntry entry, make_entry(type, *header));
    next_ = {};
    return std::optional<TarEntry>(std::move(entry));
  }
  return std::optional<TarEntry>{};
}

// Headers that speak about later entries. False: this is none.
Result<bool> TarReader::read_meta(char type, const Block& header) {
  constexpr std::string_view kMetaTypes = "xXgLNK";
  if (kMetaTypes.find(type) == std::string_view::npos) return false;
  std::optional<std::uint64_t> size = size_field(header);
  if (!size) return failure(invalid("has an extended header without a valid size"));
  HOD_TRY(std::string bytes, meta_data(*size));
  switch (type) {
    case 'x':
    case 'X':
      HOD_CHECK(read_pax(bytes, next_));
      break;
    case 'g':
      HOD_CHECK(read_pax(bytes, global_));
      global_.path.reset();  // npm and libarchive: a path for every file makes no sense
      global_.target.reset();
      break;
    case 'K':
      next_.target = bytes.substr(0, bytes.find('\0'));
      break;
    default:
      next_.path = bytes.substr(0, bytes.find('\0'));
  }
  return true;
}

// Records "<length> <key>=<value>\n", the length counting all of it.
Result<void> TarReader::read_pax(std::string_view records, Extended& into) {
  while (!records.empty()) {
    std::size_t blank = records.find(' ');
    std::optional<std::uint64_t> length =
        decimal(records.substr(0, std::min(blank, records.size())));
    if (!length || *length > records.size() || *length < blank + 3 ||
        records[*length - 1] != '\n') {
      return failure(invalid("has a malformed PAX record"));
    }
    std::string_view record = records.substr(blank + 1, *length - blank - 2);
    std::size_t equals = record.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return failure(invalid("has a malformed PAX record"));
    }
    HOD_CHECK(apply_pax(record.substr(0, equals), record.substr(equals + 1), into));
    records.remove_prefix(static_cast<std::size_t>(*length));
  }
  return {};
}

Result<void> TarReader::apply_pax(std::string_view key, std::string_view value, Extended& into) {
  if (key == "path") {
    into.path = value;
  } else if (key == "linkpath") {
    into.target = value;
  } else if (key == "size") {
    into.size = decimal(value);
    if (!into.size) return failure(invalid("has a PAX size that is no number"));
  } else if (key.starts_with("GNU.sparse.")) {
    // The data behind such a header is not the file's content.
    return failure(invalid("holds a sparse file"));
  }
  return {};
}

Result<TarEntry> TarReader::make_entry(char type, const Block& header) {
  TarEntry entry;
  entry.path = next_.path ? *next_.path : header_path(header);
  if (entry.path.empty()) return failure(invalid("has an entry without a name"));
  entry.target = next_.target ? *next_.target : std::string(text(header, kLink));
  std::optional<std::uint64_t> size = size_field(header);
  if (global_.size) size = global_.size;
  if (next_.size) size = next_.size;
  if (!size || *size > kMostSize) return failure(invalid("has an entry without a valid size"));
  entry.size = *size;
  entry.executable = is_executable(header);

  bool plain = type == '0' || type == '\0' || type == '7';
  bool folder = type == '5' || (plain && type != '7' && entry.path.ends_with('/'));
  if (folder) {
    // Some writers put the folder's own size there; nobody puts data behind it.
    entry.kind = TarEntry::Kind::folder;
    entry.size = 0;
  } else if (type == 'D') {
    entry.kind = TarEntry::Kind::folder;  // GNU: with a list of names as data
  } else if (plain) {
    // Readers disagree whether such an entry is a file, and so where the next header is.
    if (!text(header, kLink).empty())
      return failure(invalid("has a file with the target of a link"));
    if (entry.path.ends_with('/')) return failure(invalid("has a file named like a folder"));
  } else {
    if (type == 'S' && header[kSparseExtended] != 0) return failure(invalid("holds a sparse file"));
    entry.kind = TarEntry::Kind::other;
    entry.other_kind = name_of_other(type);
  }
  start_data(entry.size);
  return entry;
}

}  // namespace hod::cache
