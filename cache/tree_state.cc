// SPDX-License-Identifier: MIT
// Writing and reading the state file. Reading trusts no length and no path.
#include "cache/tree_state.h"

#include <array>
#include <cstring>
#include <span>

#include "cache/hash.h"
#include "cache/tree_path.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

constexpr std::string_view kStateMagic = "hodtree2";
constexpr std::string_view kJournalMagic = "hodjrnl1";
constexpr std::size_t kStateHeader = 8 + 4 + 4 + 8 + 8;
constexpr std::uint64_t kLargestState = std::uint64_t{1} << 30;

std::uint64_t sum_of(std::string_view bytes) {
  return xxh3(std::as_bytes(std::span(bytes.data(), bytes.size())));
}

class Writer {
 public:
  void number(std::uint64_t value) {  // 7 bits a byte, lowest first
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>((value & 0x7F) | 0x80);
    bytes_ += static_cast<char>(value);
  }
  void text(std::string_view value) {
    number(value.size());
    bytes_ += value;
  }
  // What it shares with the text before stays out.
  void next_text(std::string_view value) {
    std::size_t shared = 0;
    const std::size_t most = std::min(value.size(), last_.size());
    while (shared < most && value[shared] == last_[shared]) ++shared;
    number(shared);
    text(value.substr(shared));
    last_ = value;
  }
  void fixed(std::uint64_t value, std::size_t size) {
    for (; size > 0; --size, value >>= 8) bytes_ += static_cast<char>(value & 0xFF);
  }
  void raw(std::string_view bytes) { bytes_ += bytes; }
  std::string& bytes() { return bytes_; }

 private:
  std::string bytes_;
  std::string_view last_;  // of the caller's, alive while writing
};

// After the first reading beyond the end everything is empty and ok() false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  bool done() const { return ok_ && rest_.empty(); }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::string_view byte = take(1);
      if (byte.empty()) return 0;
      const unsigned char bits = static_cast<unsigned char>(byte[0]);
      value |= std::uint64_t{bits & 0x7FU} << shift;
      if ((bits & 0x80) == 0) return value;
    }
    ok_ = false;
    return 0;
  }
  // A count of things that take at least one byte each.
  std::size_t count() {
    const std::uint64_t value = number();
    if (value > rest_.size()) ok_ = false;
    return ok_ ? static_cast<std::size_t>(value) : 0;
  }
  std::string_view text() { return take(number()); }
  const std::string& next_text() {
    const std::uint64_t shared = number();
    const std::string_view rest = text();
    if (shared > last_.size()) ok_ = false;
    if (!ok_) return last_;
    last_.resize(static_cast<std::size_t>(shared));
    last_ += rest;
    return last_;
  }
  std::uint64_t fixed(std::size_t size) {
    const std::string_view bytes = take(size);
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
      value = value << 8 | static_cast<unsigned char>(bytes[i]);
    }
    return value;
  }
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) ok_ = false;
    if (!ok_) return {};
    const std::string_view out = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(out.size());
    return out;
  }

 private:
  std::string_view rest_;
  std::string last_;
  bool ok_ = true;
};

std::string encode_head(const TreeState& state) {
  Writer out;
  out.text(state.lock_digest);
  out.text(state.settings_digest);
  out.text(state.boot_id);
  out.number(state.inputs.size());
  for (const TreeState::Input& input : state.inputs) {
    out.text(input.path);
    out.number(input.present ? 1 : 0);
    out.number(input.size);
    out.fixed(input.digest, 8);
  }
  return std::move(out.bytes());
}

bool decode_head(std::string_view bytes, TreeState& state) {
  Reader in(bytes);
  state.lock_digest = in.text();
  state.settings_digest = in.text();
  state.boot_id = in.text();
  state.inputs.resize(in.count());
  for (TreeState::Input& input : state.inputs) {
    input.path = in.text();
    input.present = in.number() != 0;
    input.size = in.number();
    input.digest = in.fixed(8);
  }
  return in.done();
}

// `executables` stay out: the identity covers them.
std::string encode_shape(const TreeShape& shape) {
  Writer out;
  out.number(shape.packages.size());
  for (const PlacedPackage& placed : shape.packages) {
    out.next_text(placed.path);
    out.text(placed.identity);
    out.number(placed.copied ? 1 : 0);
  }
  out.number(shape.links.size());
  for (const PlacedLink& link : shape.links) {
    out.next_text(link.path);
    out.text(link.target);
  }
  out.number(shape.bins.size());
  for (const PlacedBin& bin : shape.bins) {
    out.next_text(bin.path);
    out.text(bin.target);
  }
  return std::move(out.bytes());
}

bool decode_shape(std::string_view bytes, TreeShape& shape) {
  Reader in(bytes);
  bool safe = true;
  shape.packages.resize(in.count());
  for (PlacedPackage& placed : shape.packages) {
    placed.path = in.next_text();
    placed.identity = in.text();
    placed.copied = in.number() != 0;
    safe = safe && tree_path_is_safe(placed.path, TreeEntry::package);
  }
  shape.links.resize(in.count());
  for (PlacedLink& link : shape.links) {
    link.path = in.next_text();
    link.target = in.text();
    safe = safe && tree_path_is_safe(link.path, TreeEntry::link);
  }
  shape.bins.resize(in.count());
  for (PlacedBin& bin : shape.bins) {
    bin.path = in.next_text();
    bin.target = in.text();
    safe = safe && tree_path_is_safe(bin.path, TreeEntry::bin);
  }
  return safe && in.done();
}

struct Header {
  std::uint32_t head = 0;
  std::uint32_t body = 0;
  std::uint64_t head_sum = 0;
  std::uint64_t body_sum = 0;
  std::uint64_t total() const { return kStateHeader + std::uint64_t{head} + body; }
};

std::optional<Header> decode_header(std::string_view bytes) {
  Reader in(bytes);
  if (in.take(kStateMagic.size()) != kStateMagic) return std::nullopt;
  Header header;
  header.head = static_cast<std::uint32_t>(in.fixed(4));
  header.body = static_cast<std::uint32_t>(in.fixed(4));
  header.head_sum = in.fixed(8);
  header.body_sum = in.fixed(8);
  if (!in.ok()) return std::nullopt;
  return header;
}

// The sizes belong to what the head's sum covers.
std::uint64_t head_sum(std::uint32_t head, std::uint32_t body, std::string_view bytes) {
  return sum_of(bytes) ^ (std::uint64_t{head} << 32 | body) * 0x9E3779B97F4A7C15U;
}

bool head_is_whole(const Header& header, std::string_view head) {
  return head.size() == header.head && head_sum(header.head, header.body, head) == header.head_sum;
}

// Reads up to `size` bytes at the file's position.
bool read_fully(int fd, char* to, std::size_t size, std::size_t& got) {
  got = 0;
  while (got < size) {
    const ssize_t n = io::read(fd, to + got, size - got);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  return true;
}

struct Opened {
  bool exists = false;
  Fd fd;
  std::uint64_t size = 0;
};

// A link, or anything but a file, exists and is not opened.
Opened open_own_file(const std::string& project_root, const char* path) {
  Opened out;
  const Fd root(io::open(project_root.c_str(), O_PATH | O_DIRECTORY));
  if (!root) return out;
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
  Fd file(io::open_beneath(root.get(), path, kFlags));
  if (!file && (errno == ENOSYS || errno == EPERM || errno == EAGAIN)) {
    file = Fd(io::openat(root.get(), path, kFlags));
  }
  struct stat info {};
  out.exists = file || errno != ENOENT;
  if (!file || io::fstatat(file.get(), "", &info, AT_EMPTY_PATH) != 0 || !S_ISREG(info.st_mode)) {
    return out;
  }
  out.size = static_cast<std::uint64_t>(info.st_size);
  out.fd = std::move(file);
  return out;
}

}  // namespace

std::string encode_state(const TreeState& state, const TreeShape& shape) {
  const std::string head = encode_head(state);
  const std::string body = encode_shape(shape);
  const std::uint32_t head_size = static_cast<std::uint32_t>(head.size());
  const std::uint32_t body_size = static_cast<std::uint32_t>(body.size());
  Writer out;
  out.raw(kStateMagic);
  out.fixed(head_size, 4);
  out.fixed(body_size, 4);
  out.fixed(head_sum(head_size, body_size, head), 8);
  out.fixed(sum_of(body), 8);
  out.raw(head);
  out.raw(body);
  return std::move(out.bytes());
}

std::optional<TreeState> decode_state(std::string_view bytes) {
  const std::optional<Header> header = decode_header(bytes);
  if (!header || bytes.size() != header->total()) return std::nullopt;
  const std::string_view head = bytes.substr(kStateHeader, header->head);
  const std::string_view body = bytes.substr(kStateHeader + header->head);
  TreeState state;
  if (!head_is_whole(*header, head) || !decode_head(head, state)) return std::nullopt;
  if (sum_of(body) != header->body_sum || !decode_shape(body, state.shape)) return std::nullopt;
  return state;
}

std::string encode_journal(const std::vector<std::string>& paths) {
  Writer list;
  list.number(paths.size());
  for (const std::string& path : paths) list.next_text(path);
  Writer out;
  out.raw(kJournalMagic);
  out.fixed(sum_of(list.bytes()), 8);
  out.raw(list.bytes());
  return std::move(out.bytes());
}

std::optional<std::vector<std::string>> decode_journal(std::string_view bytes) {
  if (bytes.size() < kJournalMagic.size() + 8 || !bytes.starts_with(kJournalMagic)) {
    return std::nullopt;
  }
  bytes.remove_prefix(kJournalMagic.size());
  const std::uint64_t sum = Reader(bytes).fixed(8);
  bytes.remove_prefix(8);
  if (sum_of(bytes) != sum) return std::nullopt;
  Reader in(bytes);
  std::vector<std::string> paths(in.count());
  for (std::string& path : paths) path = in.next_text();
  if (!in.done()) return std::nullopt;
  return paths;
}

OwnFile read_own_file(const std::string& project_root, const char* path) {
  OwnFile out;
  const Opened file = open_own_file(project_root, path);
  out.exists = file.exists;
  if (!file.fd || file.size > kLargestState) return out;
  out.bytes.resize(static_cast<std::size_t>(file.size));
  std::size_t got = 0;
  if (!read_fully(file.fd.get(), out.bytes.data(), out.bytes.size(), got)) got = 0;
  out.bytes.resize(got);
  return out;
}

std::optional<TreeState> read_state_head(const std::string& project_root) {
  const Opened file = open_own_file(project_root, kStateFile);
  if (!file.fd) return std::nullopt;
  std::array<char, 4096> first;  // a head of a usual project
  std::size_t got = 0;
  if (!read_fully(file.fd.get(), first.data(), first.size(), got)) return std::nullopt;
  std::string_view bytes(first.data(), got);
  const std::optional<Header> header = decode_header(bytes);
  if (!header || header->total() != file.size) return std::nullopt;
  std::string whole;
  if (kStateHeader + header->head > bytes.size()) {
    whole = bytes;
    whole.resize(kStateHeader + header->head);
    char* const rest = whole.data() + bytes.size();
    if (!read_fully(file.fd.get(), rest, whole.size() - bytes.size(), got)) return std::nullopt;
    bytes = whole;
  }
  const std::string_view head = bytes.substr(kStateHeader, header->head);
  TreeState state;
  if (!head_is_whole(*header, head) || !decode_head(head, state)) return std::nullopt;
  if (open_own_file(project_root, kJournalFile).exists) return std::nullopt;
  return state;
}

std::optional<TreeState> read_state(const std::string& project_root) {
  return decode_state(read_own_file(project_root, kStateFile).bytes);
}

}  // namespace hod::cache
