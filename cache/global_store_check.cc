// SPDX-License-Identifier: MIT
// The files of an entry are other names of the store's inodes, so looking at them is looking at the
// store's; what is a file of its own (no hard links here, a command whose store file is none) is
// told by its inode and read.
#include "cache/global_store_check.h"

#include <algorithm>
#include <cerrno>
#include <span>

#include "cache/file_fence.h"
#include "cache/hash.h"
#include "cache/tree_path.h"
#include "core/base/file.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

constexpr std::size_t kPiece = std::size_t{128} << 10;

bool is_command(const PlacedPackage& placed, const StoredFile& file) {
  return std::binary_search(placed.executables.begin(), placed.executables.end(), file.path);
}

// A tarball's own file where a link of ours stands.
bool is_covered(const PlacedPackage& placed, const StoredFile& file,
                const std::vector<PlacedLink>& links) {
  if (!file.path.starts_with("node_modules/")) return false;
  const std::string path = joined(placed.path, file.path);
  return std::any_of(links.begin(), links.end(), [&path](const PlacedLink& link) {
    return path == link.path || path_is_below(path, link.path);
  });
}

}  // namespace

EntryState EntryChecker::check(int folder, const PlacedPackage& placed, const StoredPackage& stored,
                               const std::vector<PlacedLink>& links, Verify strength) {
  if (!links_are_right(folder, links)) return EntryState::wrong;
  const Fd package(io::openat(folder, placed.path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  if (!package) return EntryState::wrong;
  const Verify needed = stored.boot_id == boot_id_ ? strength : Verify::sums;
  EntryState state = EntryState::right;
  for (const StoredFile& file : stored.files) {
    if (is_covered(placed, file, links)) continue;
    const EntryState found = check_file(package.get(), file, is_command(placed, file), needed);
    if (found == EntryState::wrong) return found;
    if (found == EntryState::stale) state = found;
  }
  return state;
}

bool EntryChecker::links_are_right(int folder, const std::vector<PlacedLink>& links) const {
  char text[4096];
  return std::all_of(links.begin(), links.end(), [&](const PlacedLink& link) {
    const ssize_t size = io::readlinkat(folder, link.path.c_str(), text, sizeof text);
    return size >= 0 && std::string_view(text, static_cast<std::size_t>(size)) == link.target;
  });
}

EntryState EntryChecker::check_file(int package, const StoredFile& file, bool command,
                                    Verify strength) {
  struct stat info {};
  if (io::fstatat(package, file.path.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 ||
      !S_ISREG(info.st_mode)) {
    return EntryState::wrong;
  }
  const std::uint64_t size = static_cast<std::uint64_t>(info.st_size);
  const bool fits = size == file.size || (command && size + 1 == file.size);
  if (!fits || !mode_matches(info, file.executable || command)) return EntryState::wrong;
  if (strength == Verify::fence && stamp_matches(info, file)) return EntryState::right;
  if (!content_is_right(package, file, size)) return EntryState::wrong;
  return mtime_of(info) == file.mtime_ns ? EntryState::right : EntryState::stale;
}

// A command whose first line ended with CRLF is one byte shorter: with that byte its sum is the
// stored one.
bool EntryChecker::content_is_right(int package, const StoredFile& file, std::uint64_t size) {
  const Fd fd(io::openat(package, file.path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  if (!fd) return false;
  const bool mended = size != file.size;
  Xxh3 sum;
  std::uint64_t total = 0;
  for (bool first_line = mended;;) {
    text_.resize(kPiece);
    const ssize_t got = io::read(fd.get(), text_.data(), text_.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) break;
    text_.resize(static_cast<std::size_t>(got));
    if (const std::size_t end = first_line ? text_.find('\n') : std::string::npos;
        end != std::string::npos) {
      text_.insert(end, 1, '\r');
      first_line = false;
    }
    total += text_.size();
    sum.update(std::as_bytes(std::span(text_)));
  }
  return total == file.size && sum.value() == file.xxh3;
}

}  // namespace hod::cache
