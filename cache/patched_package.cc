// SPDX-License-Identifier: MIT
// Changes are carried out on a table of paths; only then the files are written, all of them anew,
// by the writer that archives go through (O_EXCL, O_NOFOLLOW, below a folder's handle).
//
// What must stay true:
//  (1) No file of the base is written to or linked: what the patch leaves alone is copied, after
//      its sum was found right.
//  (2) Nothing is published unless every hunk fits.
#include "cache/patched_package.h"

#include <map>
#include <optional>
#include <span>

#include "cache/hash.h"
#include "cache/package_writer.h"
#include "cache/patch_apply.h"
#include "cache/unpack.h"
#include "core/base/file.h"

namespace hod::cache {

namespace {

// A file of the base, or a text that the patch made.
struct Entry {
  const StoredFile* stored = nullptr;
  std::string text;
  bool executable = false;
};

class Patcher {
 public:
  Patcher(const StoredPackage& base, const Patch& patch, std::string_view what)
      : base_(base), patch_(patch), what_(what) {
    for (const StoredFile& file : base.files) entries_[file.path] = {&file, {}, file.executable};
  }

  bool found_damage() const { return damaged_; }

  Result<UnpackedPackage> make(const std::string& folder) {
    for (const FileChange& change : patch_.changes) HOD_CHECK(carry_out(change));
    HOD_TRY(PackageWriter writer, PackageWriter::open(folder));
    UnpackedPackage made;
    for (const auto& [path, entry] : entries_) {
      HOD_TRY(const std::string text, text_of(entry));
      Result<void> written = write(writer, path, entry.executable, text);
      if (!written && written.error().code() == ErrorCode::archive_invalid) {
        return failed("`" + path + "` would be a file and a folder", 0);
      }
      if (!written) return failure(std::move(written.error()));
      if (path == "package.json") made.manifest_text = text;
    }
    if (made.manifest_text.empty()) return failed("it leaves the package no package.json", 0);
    made.files = writer.take_files();
    made.skipped = base_.skipped;
    return made;
  }

 private:
  Result<void> carry_out(const FileChange& change) {
    const bool makes = change.kind == FileChange::Kind::create;
    Entry entry;
    if (!makes) {
      const auto found = entries_.find(change.old_path);
      if (found == entries_.end()) return failed("there is no `" + change.old_path + "` in it", 0);
      entry = found->second;
      if (!change.hunks.empty() || change.kind == FileChange::Kind::remove) {
        HOD_TRY(entry.text, text_of(entry));
        entry.stored = nullptr;
      }
      const bool stays = change.kind == FileChange::Kind::copy;
      if (!stays) entries_.erase(found);
    }
    PatchedText patched = apply_hunks(entry.text, change.hunks);
    if (patched.failed) {
      return failed(std::string(patched.failed->why) + " (`" + change.old_path + "`)",
                    patched.failed->text_line);
    }
    if (change.kind == FileChange::Kind::remove) {
      return patched.text.empty()
                 ? Result<void>()
                 : failed("it removes `" + change.old_path + "`, which holds more", 0);
    }
    if (entry.stored == nullptr) entry.text = std::move(patched.text);
    if (change.executable) entry.executable = *change.executable;
    if (!entries_.try_emplace(change.new_path, std::move(entry)).second) {
      return failed("`" + change.new_path + "` is there already", 0);
    }
    return {};
  }

  Result<std::string> text_of(const Entry& entry) {
    if (entry.stored == nullptr) return entry.text;
    const StoredFile& file = *entry.stored;
    Result<std::string> text = read_file(base_.folder + "/" + file.path, file.size + 1);
    damaged_ =
        !text || text->size() != file.size || xxh3(std::as_bytes(std::span(*text))) != file.xxh3;
    if (!damaged_) return text;
    return failure(ErrorCode::disk_failed, "the cache has lost `" + file.path + "`");
  }

  static Result<void> write(PackageWriter& writer, const std::string& path, bool executable,
                            std::string_view text) {
    HOD_CHECK(writer.begin(path, executable));
    if (!text.empty()) HOD_CHECK(writer.write(std::as_bytes(std::span(text))));
    return writer.end();
  }

  tl::unexpected<Error> failed(std::string why, std::size_t line) const {
    const std::string place = patch_.origin + (line > 0 ? ":" + std::to_string(line) : "");
    return failure(
        Error(ErrorCode::patch_failed,
              "the patch does not fit `" + std::string(what_) + "`: " + std::move(why))
            .at(place)
            .hint("make the patch anew for this version, or pin the one it was made for"));
  }

  const StoredPackage& base_;
  const Patch& patch_;
  std::string_view what_;
  std::map<std::string, Entry, std::less<>> entries_;
  bool damaged_ = false;
};

}  // namespace

TarballDigest patched_digest(const TarballDigest& base, std::string_view patch_hash) {
  std::string text = "hod: patched package\n";
  text.append(base.bytes).append(patch_hash);
  return {digest_of(DigestAlgorithm::sha512, text)};
}

Result<StoredPackagePtr> patched_package(Store& store, const StoredPackage& base,
                                         const Patch& patch, std::string_view what) {
  const TarballDigest digest = patched_digest(base.digest, patch.hash);
  HOD_TRY(std::vector<StoredPackagePtr> found, store.find({&digest, 1}));
  if (found[0]) return std::move(found[0]);
  Patcher patcher(base, patch, what);
  Result<StoredPackagePtr> made =
      store.add_made(digest, [&](const std::string& folder) { return patcher.make(folder); });
  if (!made && patcher.found_damage()) return StoredPackagePtr{};
  return made;
}

}  // namespace hod::cache
