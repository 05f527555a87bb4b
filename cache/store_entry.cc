// SPDX-License-Identifier: MIT
// Numbers are LEB128 (seven bits a byte, low ones first), sums are eight bytes, low ones first.
// Paths are sorted, so each is written as "so many bytes of the one before, then these".
//
// Decoding is on the path of every warm install (42,000 files: 3 ms), and its input may be anything
// a crash or a disk made of it: the sum over all bytes is checked first, and every length against
// what is left all the same.
#include "cache/store_entry.h"

#include <algorithm>
#include <cstring>

#include "cache/hash.h"
#include "cache/unpack.h"

namespace hod::cache {

namespace {

constexpr char kFormat = 1;
constexpr std::size_t kDigestBytes = 64;
constexpr std::size_t kSumBytes = 8;
constexpr std::uint64_t kFixedTime = std::uint64_t{kFileTime} * 1'000'000'000;
// Flags of a file, below its size.
constexpr std::uint64_t kExecutable = 1;
constexpr std::uint64_t kOtherTime = 2;
constexpr unsigned kFlagBits = 2;

std::uint64_t sum_of(std::string_view bytes) {
  return xxh3({reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()});
}

class Writer {
 public:
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<char>(value | 0x80));
    out_.push_back(static_cast<char>(value));
  }
  void fixed(std::uint64_t value) {
    for (int i = 0; i < 8; ++i, value >>= 8) out_.push_back(static_cast<char>(value & 0xff));
  }
  void text(std::string_view text) {
    number(text.size());
    out_ += text;
  }
  void raw(std::string_view bytes) { out_ += bytes; }
  std::string& out() { return out_; }

 private:
  std::string out_;
};

// Once something did not fit, everything that follows is zero and good() is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (left_.empty()) break;
      auto byte = static_cast<unsigned char>(left_.front());
      left_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return value;
    }
    return fail();
  }
  std::uint64_t fixed() {
    std::string_view bytes = raw(8);
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;)
      value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
  }
  std::string_view raw(std::uint64_t size) {
    if (size > left_.size()) {
      fail();
      return {};
    }
    std::string_view bytes = left_.substr(0, static_cast<std::size_t>(size));
    left_.remove_prefix(bytes.size());
    return bytes;
  }
  std::string_view text() { return raw(number()); }
  std::size_t left() const { return left_.size(); }
  bool good() const { return good_; }

 private:
  std::uint64_t fail() {
    good_ = false;
    left_ = {};
    return 0;
  }
  std::string_view left_;
  bool good_ = true;
};

std::size_t shared_start(std::string_view a, std::string_view b) {
  auto ends = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(ends.first - a.begin());
}

void write_file(Writer& out, const StoredFile& file, std::string_view before) {
  std::size_t shared = shared_start(before, file.path);
  out.number(shared);
  out.text(std::string_view(file.path).substr(shared));
  bool other_time = static_cast<std::uint64_t>(file.mtime_ns) != kFixedTime;
  out.number(file.size << kFlagBits | (file.executable ? kExecutable : 0) |
             (other_time ? kOtherTime : 0));
  out.fixed(file.xxh3);
  out.number(file.inode);
  if (other_time) out.fixed(static_cast<std::uint64_t>(file.mtime_ns));
}

void read_file(Reader& in, StoredFile& file, std::string_view before) {
  std::uint64_t shared = in.number();
  std::string_view rest = in.text();
  std::string_view start =
      before.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(shared, before.size())));
  file.path.reserve(start.size() + rest.size());
  file.path.append(start).append(rest);
  std::uint64_t size = in.number();
  file.executable = (size & kExecutable) != 0;
  file.size = size >> kFlagBits;
  file.xxh3 = in.fixed();
  file.inode = in.number();
  file.mtime_ns = static_cast<std::int64_t>((size & kOtherTime) != 0 ? in.fixed() : kFixedTime);
}

}  // namespace

std::string encode_entry(const StoredPackage& package) {
  Writer out;
  out.out().push_back(kFormat);
  out.raw(package.digest.bytes);
  out.text(package.manifest_name);
  out.text(package.manifest_version);
  out.number(package.has_install_script ? 1 : 0);
  out.number(package.skipped.size());
  for (const std::string& line : package.skipped) out.text(line);
  out.number(package.files.size());
  std::string_view before;
  for (const StoredFile& file : package.files) {
    write_file(out, file, before);
    before = file.path;
  }
  std::uint64_t sum = sum_of(out.out());
  out.fixed(sum);
  return std::move(out.out());
}

std::optional<StoredPackage> decode_entry(std::string_view bytes) {
  if (bytes.size() < 1 + kDigestBytes + kSumBytes || bytes[0] != kFormat) return std::nullopt;
  std::string_view content = bytes.substr(0, bytes.size() - kSumBytes);
  if (Reader(bytes.substr(content.size())).fixed() != sum_of(content)) return std::nullopt;

  Reader in(content.substr(1));
  StoredPackage package;
  package.digest.bytes = in.raw(kDigestBytes);
  package.manifest_name = in.text();
  package.manifest_version = in.text();
  package.has_install_script = in.number() != 0;
  std::uint64_t skipped = in.number();
  for (; skipped > 0 && in.good(); --skipped) package.skipped.emplace_back(in.text());
  std::uint64_t count = in.number();
  package.files.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(count, in.left())));
  std::string_view before;
  for (; count > 0 && in.good(); --count) {
    StoredFile& file = package.files.emplace_back();
    read_file(in, file, before);
    before = file.path;
  }
  if (!in.good() || in.left() != 0) return std::nullopt;
  return package;
}

}  // namespace hod::cache
