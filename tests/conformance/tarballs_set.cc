// SPDX-License-Identifier: MIT
// Set `tarballs`: each archive is stored in a fresh store, and everything that then lies in the
// sandbox around it is held against the row: the right files with the right modes, and nothing
// anywhere else.
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <stdlib.h>
#include <sys/stat.h>

#include "cache/hash.h"
#include "cache/store.h"
#include "core/base/encoding.h"
#include "core/base/file.h"
#include "tests/conformance/all_sets.h"

namespace hod::conformance {

namespace {

namespace fs = std::filesystem;
constexpr std::size_t kShownSha1 = 12;

// In `archives/`, beside the list, or where $HOD_TARBALLS says. Empty: nowhere.
std::string archive_of(const Row& row, const std::string& name) {
  fs::path here = fs::path(row.file).parent_path();
  std::vector<fs::path> folders = {here / "archives", here};
  if (const char* elsewhere = std::getenv("HOD_TARBALLS")) folders.emplace_back(elsewhere);
  for (const fs::path& folder : folders) {
    fs::path path = folder / (name + ".tgz");
    if (fs::exists(path)) return path.string();
  }
  return "";
}

// A folder of its own, with room around the store for what might climb out of it.
class Sandbox {
 public:
  Sandbox() {
    const char* base = std::getenv("TMPDIR");
    path_ = std::string(base != nullptr ? base : "/tmp") + "/hod-tarballs-XXXXXX";
    HOD_ASSERT(::mkdtemp(path_.data()) != nullptr);
  }
  ~Sandbox() { static_cast<void>(remove_tree(path_)); }
  Sandbox(const Sandbox&) = delete;
  const std::string& path() const { return path_; }
  std::string cache() const { return path_ + "/a/b/cache"; }

 private:
  std::string path_;
};

struct FoundFile {
  unsigned mode = 0;
  std::uint64_t size = 0;
  std::string path;  // absolute
};
using Listing = std::map<std::string, FoundFile>;  // by path below the folder

// Folders aside. `fault`: something that is neither a file nor a folder, or has other names.
Listing listing_below(const std::string& folder, std::string& fault) {
  Listing found;
  if (!fs::exists(folder)) return found;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    struct stat info {};
    std::string path = entry.path().string();
    if (::lstat(path.c_str(), &info) != 0 || S_ISDIR(info.st_mode)) continue;
    if (!S_ISREG(info.st_mode) || info.st_nlink != 1) fault = "is no plain file: " + path;
    found[fs::relative(entry.path(), folder).string()] = {
        info.st_mode & 07777U, static_cast<std::uint64_t>(info.st_size), path};
  }
  return found;
}

// What the store itself may have in the sandbox.
bool is_of_the_store(const std::string& path) {
  constexpr std::string_view kStore = "a/b/cache/store/v1/";
  if (!path.starts_with(kStore)) return false;
  std::string_view rest = std::string_view(path).substr(kStore.size());
  return rest.starts_with("index.") || rest == "gc.lock" ||
         (rest.starts_with("packages/") && rest.ends_with(".list"));
}

std::string octal(unsigned mode) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "%o", mode);
  return digits;
}

// Empty when the file is as the row's `expected` says.
std::string difference(const Json& expected, const FoundFile& found) {
  const std::string* mode = expected.find_string("mode");
  if (mode != nullptr && octal(found.mode) != *mode) return "has mode " + octal(found.mode);
  const Json* size = expected.find("size");
  if (size != nullptr && static_cast<double>(found.size) != size->as_number()) {
    return "has " + std::to_string(found.size) + " bytes";
  }
  const std::string* sha1 = expected.find_string("sha1");
  if (sha1 == nullptr) return "";
  std::string bytes = must(read_file(found.path));
  std::string got = to_hex(cache::digest_of(DigestAlgorithm::sha1, bytes)).substr(0, kShownSha1);
  return got == *sha1 ? "" : "has sha1 " + got;
}

// Empty when exactly the files of `expected` are there.
std::string difference(const Json& expected, const Listing& found) {
  for (const Json& file : expected.elements()) {
    const std::string* path = file.find_string("path");
    auto place = path == nullptr ? found.end() : found.find(*path);
    if (place == found.end()) return "lacks " + (path == nullptr ? "" : *path);
    std::string why = difference(file, place->second);
    if (!why.empty()) return *path + " " + why;
  }
  if (found.size() != expected.elements().size()) {
    return "has " + std::to_string(found.size()) + " files";
  }
  return "";
}

struct Verdict {
  bool accepted = false;
  std::string error;
  Listing files;
  std::string fault;  // what must never be, whatever the row says
};

Verdict store_archive(const Sandbox& sandbox, const std::string& archive) {
  Verdict verdict;
  std::string package;
  {
    auto store = must(cache::Store::open(sandbox.cache()));
    Result<cache::StoredPackagePtr> added =
        store->add_tarball(must(read_file(archive)), Integrity(), "odd@1.0.0", archive);
    verdict.accepted = added.has_value();
    if (!added) verdict.error = added.error().text();
    if (added) package = (*added)->folder;
    must(store->flush());
  }
  std::string inside = package.empty() ? "" : fs::relative(package, sandbox.path()).string() + "/";
  for (auto& [path, file] : listing_below(sandbox.path(), verdict.fault)) {
    if (!inside.empty() && path.starts_with(inside)) {
      if (file.mode != 0644 && file.mode != 0755) verdict.fault = "has a mode: " + path;
      verdict.files[path.substr(inside.size())] = file;
    } else if (!is_of_the_store(path)) {
      verdict.fault = "lies outside of the package: " + path;
    }
  }
  return verdict;
}

Outcome judged(const Json& expected, const Verdict& verdict) {
  if (!verdict.fault.empty()) return {Outcome::Kind::failed, verdict.fault};
  const std::string* outcome = expected.find_string("outcome");
  std::string wanted = outcome != nullptr ? *outcome : "";
  std::string got = verdict.accepted ? "accepted" : "refused: " + verdict.error;
  if (!verdict.accepted) {
    return {wanted == "accept" ? Outcome::Kind::failed : Outcome::Kind::passed, got};
  }
  if (wanted == "refuse") return {Outcome::Kind::failed, got};
  const Json* count = expected.find("fileCount");
  if (count != nullptr && static_cast<double>(verdict.files.size()) != count->as_number()) {
    return {Outcome::Kind::failed, "has " + std::to_string(verdict.files.size()) + " files"};
  }
  const Json* files = expected.find(wanted == "accept" ? "files" : "filesIfAccepted");
  std::string why = files != nullptr ? difference(*files, verdict.files) : "";
  return {why.empty() ? Outcome::Kind::passed : Outcome::Kind::failed, got + ", " + why};
}

}  // namespace

Outcome run_tarballs_row(const Row& row) {
  const std::string* name = row.data.find_string("name");
  const Json* expected = row.data.find("expected");
  if (name == nullptr || expected == nullptr) return {Outcome::Kind::failed, "no row of this set"};
  std::string archive = archive_of(row, *name);
  if (archive.empty()) return not_run("the archive of `" + *name + "` is not here");
  mode_t before = ::umask(022);
  Sandbox sandbox;
  Outcome outcome = judged(*expected, store_archive(sandbox, archive));
  ::umask(before);
  outcome.got = *name + ": " + outcome.got;  // the row itself has no `op` to be told by
  return outcome;
}

}  // namespace hod::conformance
