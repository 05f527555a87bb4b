// Writes the files of one package below a fresh folder of its own.
//
// What must stay true:
//  (1) Nothing but regular files and folders is ever made, and nothing existing is written through:
//      O_CREAT | O_EXCL | O_NOFOLLOW relative to a handle of the folder (T-TAR-03, T-TAR-04).
//
//  (2) Modes are 0644 or 0755, less the umask (T-TAR-06); times are kFileTime.
//
//  (3) A path written twice holds the last content (T-TAR-08); a path that is a file and a folder
//      at once is an error.
//
// Threads: a value of one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "cache/hash.h"
#include "cache/inflate.h"
#include "cache/store.h"
#include "cache/unpack.h"
#include "core/base/file.h"
#include "core/base/result.h"

namespace hod::cache {

class PackageWriter {
 public:
  // `folder` must exist and be empty. Error: disk_*.
  static Result<PackageWriter> open(const std::string& folder, Stamps stamps = Stamps::now);

  // One file: begin, write any number of times, end. `path` is a path_in_package().
  // Errors: archive_invalid (3), disk_*.
  Result<void> begin(const std::string& path, bool executable);
  Result<void> write(ByteSpan bytes);
  Result<void> end();

  // What was written, sorted by path.
  std::vector<StoredFile> take_files();

 private:
  PackageWriter(std::string folder, Fd root, Stamps stamps)
      : folder_(std::move(folder)), root_(std::move(root)), stamps_(stamps) {}
  Result<void> enter(std::string_view parent);
  Result<void> make_folder(const std::string& path);
  Result<void> create(const std::string& path, const std::string& name);
  Result<void> stamp();
  Error clash(std::string_view path) const;

  std::string folder_;
  Fd root_;
  Stamps stamps_;
  std::string parent_;  // the folder that handle_ is of; "" is the root, whose handle is root_
  Fd handle_;
  std::unordered_set<std::string> folders_;
  std::unordered_map<std::string, std::size_t> places_;  // path → index in files_
  std::vector<StoredFile> files_;
  Fd file_;
  StoredFile current_;
  Xxh3 sum_;
};

}  // namespace hod::cache
