// SPDX-License-Identifier: MIT
//   bytes ──tar_guard.h──▶ plain archive ──libarchive──▶ entries and data
//
// The guard hands out an entry's headers in one piece and its data in others, so libarchive has no
// reason to look further than the entry it is asked for: passed() speaks about that one, and data
// is not copied between the guard's source and data().
#include "cache/tar_reader.h"

#include <archive.h>
#include <archive_entry.h>

namespace hod::cache {

namespace {

std::string text_or_nothing(const char* text) { return text == nullptr ? "" : text; }

}  // namespace

void TarReader::Free::operator()(archive* reader) const { archive_read_free(reader); }

// libarchive asks for input.
ssize_t TarReader::give(archive*, void* self, const void** bytes) {
  auto& reader = *static_cast<TarReader*>(self);
  Result<ByteSpan> piece = reader.guard_.next();
  if (!piece) {
    reader.failed_ = std::move(piece).error();
    return -1;
  }
  *bytes = piece->data();
  return static_cast<ssize_t>(piece->size());
}

bool TarReader::open() {
  archive_.reset(archive_read_new());
  return archive_ && archive_read_support_format_tar(archive_.get()) == ARCHIVE_OK &&
         archive_read_open(archive_.get(), this, nullptr, give, nullptr) == ARCHIVE_OK;
}

// The guard's reason if it has one, else libarchive's.
tl::unexpected<Error> TarReader::fail() {
  if (!failed_) {
    std::string why = archive_ ? text_or_nothing(archive_error_string(archive_.get())) : "";
    failed_ = Error(ErrorCode::archive_invalid, "the archive cannot be read as tar")
                  .detail(why.empty() ? "out of memory" : std::move(why));
  }
  return failure(failed_->clone());
}

Result<std::optional<TarEntry>> TarReader::next() {
  if (failed_ || (!archive_ && !open())) return fail();
  archive_entry* entry = nullptr;
  const int result = archive_read_next_header(archive_.get(), &entry);
  if (result == ARCHIVE_EOF) return std::optional<TarEntry>{};
  // The plain archive has nothing to warn about: a warning is as bad as an error.
  if (result != ARCHIVE_OK) return fail();
  std::optional<TarEntry> made = make_entry(entry);
  if (!made) {
    failed_ =
        Error(ErrorCode::archive_invalid, "the archive has an entry that readers disagree about");
    return fail();
  }
  if (made->path.empty()) {
    failed_ = Error(ErrorCode::archive_invalid, "the archive has an entry without a name");
    return fail();
  }
  return made;
}

// Nothing: this is not the entry that the guard passed on.
std::optional<TarEntry> TarReader::make_entry(archive_entry* entry) const {
  const TarGuard::Passed& passed = guard_.passed();
  const bool folder = archive_entry_filetype(entry) == AE_IFDIR;  // by a slash others too
  if ((passed.kind != TarKind::other && folder != (passed.kind == TarKind::folder)) ||
      static_cast<std::uint64_t>(archive_entry_size(entry)) != passed.size) {
    return std::nullopt;
  }
  TarEntry made;
  made.kind = passed.kind;
  made.path = text_or_nothing(archive_entry_pathname(entry));
  if (passed.kind == TarKind::other) {
    const char* symbolic = archive_entry_symlink(entry);
    made.target = text_or_nothing(symbolic != nullptr ? symbolic : archive_entry_hardlink(entry));
  }
  made.size = passed.size;
  made.executable = (archive_entry_mode(entry) & S_IXUSR) != 0;
  made.other_kind = passed.other_kind;
  return made;
}

Result<ByteSpan> TarReader::data() {
  if (failed_) return fail();
  const void* bytes = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  const int result = archive_read_data_block(archive_.get(), &bytes, &size, &offset);
  if (result == ARCHIVE_EOF) return ByteSpan{};
  if (result != ARCHIVE_OK) return fail();
  return ByteSpan(static_cast<const std::byte*>(bytes), size);
}

}  // namespace hod::cache
