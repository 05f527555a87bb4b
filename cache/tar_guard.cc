// SPDX-License-Identifier: MIT
// 512 bytes at a time: a header, its data, padding to a full block.
//
//   header ──x, g, L, K──▶ read its data, remember, next header
//      │ ──file──▶ plain headers; its data is passed on piece by piece as it comes
//      │ ──folder, link, device …──▶ plain headers of an entry without data; its data is dropped
//      │ ──two zero blocks, or the end of the bytes──▶ two zero blocks, over
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
//
//  (4) No header goes on as it was: of each entry the plain archive has one header of the types 0,
//      1, 2 and 5, and before it at most one PAX header with a path and a link's target. So two
//      readers can disagree about none, and libarchive never comes to sparse files, ACLs,
//      attributes, volumes, or names that would have to be turned into the locale's.
#include "cache/tar_guard.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace hod::cache {

namespace {

constexpr std::uint64_t kMostMetaBytes = std::uint64_t{1}
                                         << 20;  // of one PAX or GNU header's data, as in npm

constexpr char kHardLink = '1', kSymbolicLink = '2', kFolder = '5', kFile = '0';

std::string_view name_of_other(char type) {
  switch (type) {
    case kHardLink:
      return "hard link";
    case kSymbolicLink:
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

ByteSpan bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

}  // namespace

Result<ByteSpan> TarGuard::next() {
  if (passing_ > 0) {
    HOD_TRY(bool more, fill());
    if (!more) return failure(invalid("ends in the middle of an entry"));
    const ByteSpan piece = take(passing_);
    passing_ -= piece.size();
    return piece;
  }
  if (over_) return ByteSpan{};
  HOD_CHECK(skip(std::exchange(dropping_, 0)));
  HOD_CHECK(pass_headers());
  return bytes_of(plain_);
}

// Is there a byte to read?
Result<bool> TarGuard::fill() {
  if (!window_.empty()) return true;
  HOD_TRY(window_, source_.next());
  return !window_.empty();
}

ByteSpan TarGuard::take(std::uint64_t most) {
  const ByteSpan part =
      window_.first(static_cast<std::size_t>(std::min<std::uint64_t>(most, window_.size())));
  window_ = window_.subspan(part.size());
  offset_ += part.size();
  return part;
}

// The next 512 bytes, into header_; false: the end of the bytes. Zero bytes short of a block are no
// block.
Result<bool> TarGuard::read_block() {
  std::size_t filled = 0;
  while (filled < kTarBlock) {
    HOD_TRY(bool more, fill());
    if (!more) break;
    const ByteSpan part = take(kTarBlock - filled);
    std::memcpy(header_.data() + filled, part.data(), part.size());
    filled += part.size();
  }
  if (filled == kTarBlock) return true;
  std::memset(header_.data() + filled, 0, kTarBlock - filled);
  if (!header_.is_zero()) return failure(invalid("ends inside a header"));
  return false;
}

// The next header, into header_; false: the end of the archive. One zero block alone is passed
// over, as in npm.
Result<bool> TarGuard::read_header() {
  for (bool zero_before = false;;) {
    HOD_TRY(bool more, read_block());
    if (!more) return false;
    if (!header_.is_zero()) {
      if (header_.checksum_matches()) return true;
      if (seen_ == 0) return failure(invalid("is no package: it begins with neither gzip nor tar"));
      return failure(invalid("has a damaged header (wrong checksum)")
                         .at("byte " + std::to_string(offset_ - kTarBlock)));
    }
    if (zero_before) return false;
    zero_before = true;
  }
}

Result<void> TarGuard::skip(std::uint64_t bytes) {
  while (bytes > 0) {
    HOD_TRY(bool more, fill());
    if (!more) return failure(invalid("ends in the middle of an entry"));
    bytes -= take(bytes).size();
  }
  return {};
}

// What stands behind the end is not looked at, but a compressed stream proves itself only at its
// end.
Result<void> TarGuard::end() {
  over_ = true;
  for (bool more = true; more;) {
    window_ = {};
    HOD_TRY(more, fill());
  }
  plain_.assign(2 * kTarBlock, '\0');
  return {};
}

Result<void> TarGuard::pass_headers() {
  for (;;) {
    HOD_TRY(bool more, read_header());
    if (!more) return end();
    if (++seen_ > most_entries_) {
      return failure(
          Error(ErrorCode::archive_hostile,
                "the archive has more than " + std::to_string(most_entries_) + " entries"));
    }
    HOD_TRY(bool was_meta, read_meta());
    if (!was_meta) return pass_entry();
  }
}

Result<std::string> TarGuard::meta_data(std::uint64_t size) {
  if (size > kMostMetaBytes) return failure(invalid("has an extended header of more than 1 MiB"));
  std::string bytes;
  while (bytes.size() < size) {
    HOD_TRY(bool more, fill());
    if (!more) return failure(invalid("ends in the middle of an entry"));
    const ByteSpan piece = take(size - bytes.size());
    bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  }
  HOD_CHECK(skip(tar_padding(size)));
  return bytes;
}

// Headers that speak about later entries. False: this is none.
Result<bool> TarGuard::read_meta() {
  constexpr std::string_view kMetaTypes = "xXgLNK";
  const char type = header_.type();
  if (kMetaTypes.find(type) == std::string_view::npos) return false;
  std::optional<std::uint64_t> size = header_.size();
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
Result<void> TarGuard::read_pax(std::string_view records, Extended& into) {
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

Result<void> TarGuard::apply_pax(std::string_view key, std::string_view value, Extended& into) {
  if (key == "path") {
    into.path = value;
  } else if (key == "linkpath") {
    into.target = value.substr(0, value.find('\0'));  // nothing is made of it: for messages
  } else if (key == "size") {
    into.size = decimal(value);
    if (!into.size) return failure(invalid("has a PAX size that is no number"));
  } else if (key.starts_with("GNU.sparse.")) {
    // The data behind such a header is not the file's content.
    return failure(invalid("holds a sparse file"));
  }
  return {};
}

// What the entry is, and how much data stands behind its header: passing_ or dropping_.
Result<void> TarGuard::classify() {
  std::optional<std::uint64_t> size = header_.size();
  if (global_.size) size = global_.size;
  if (next_.size) size = next_.size;
  if (!size || *size > kMostTarSize) return failure(invalid("has an entry without a valid size"));

  const char type = header_.type();
  const bool plain = type == kFile || type == '\0' || type == '7';
  const bool slash = next_.path ? next_.path->ends_with('/') : header_.named_like_folder();
  passed_ = {};
  if (type == kFolder || (plain && type != '7' && slash)) {
    // Some writers put the folder's own size there; nobody puts data behind it.
    passed_.kind = TarKind::folder;
    return {};
  }
  const std::uint64_t stored = *size + tar_padding(*size);
  if (plain) {
    // Readers disagree whether such an entry is a file, and so where the next header is.
    if (!header_.link().empty()) return failure(invalid("has a file with the target of a link"));
    if (slash) return failure(invalid("has a file named like a folder"));
    passed_.size = *size;
    passing_ = stored;
    return {};
  }
  dropping_ = stored;
  if (type == 'D') {
    passed_.kind = TarKind::folder;  // GNU: with a list of names as data
    return {};
  }
  if (type == 'S' && header_.sparse_goes_on()) return failure(invalid("holds a sparse file"));
  passed_.kind = TarKind::other;
  passed_.other_kind = name_of_other(type);
  return {};
}

Result<void> TarGuard::pass_entry() {
  if (next_.path && next_.path->empty()) return failure(invalid("has an entry without a name"));
  if (next_.path && next_.path->find('\0') != std::string::npos) {
    return failure(invalid("has a name with a zero byte"));
  }
  HOD_CHECK(classify());
  write_plain();
  next_ = {};
  return {};
}

void TarGuard::write_plain() {
  plain_.clear();
  const char type = header_.type();
  const bool link = type == kHardLink || type == kSymbolicLink;
  std::string_view target;
  if (link) target = next_.target ? std::string_view(*next_.target) : header_.link();
  if (next_.path || (link && next_.target)) {
    std::string records;
    append_pax_record(records, "hdrcharset", "BINARY");  // bytes as they are
    if (next_.path) append_pax_record(records, "path", *next_.path);
    if (link && next_.target) append_pax_record(records, "linkpath", target);
    append_pax_header(plain_, records);
  }
  char plain_type = passed_.kind == TarKind::folder ? kFolder : kFile;
  if (link) plain_type = type;
  header_.append_plain(plain_, {.type = plain_type,
                                .size = passed_.size,
                                .executable = header_.executable(),
                                .link = target});
}

}  // namespace hod::cache
