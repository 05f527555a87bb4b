// Fills one package folder of a staged tree from the store.
//
// The store's file is looked at in the same pass (testing.md P6): the fence is one stat a file, and
// the sum of those whose stamp is another; with sums each file is read and its XXH3 compared before
// the tree gets it.
// Threads: one builder a thread; the method found to work is shared.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cache/linker.h"
#include "core/base/result.h"

namespace hod::cache {

// How files are brought in, found out by trying: falls from hard link to copy, from reflink to hard
// link, for the whole run (EXDEV, EPERM …); EMLINK only for the one file. What does not work from
// the read-only layer, on its own medium, may still work from the store.
class SharedMethod {
 public:
  explicit SharedMethod(ImportMethod wanted) : of_store_(wanted), of_layer_(wanted) {}
  ImportMethod get(const StoredPackage& from) const {
    return (from.of_layer ? of_layer_ : of_store_).load(std::memory_order_relaxed);
  }
  void fall_back(const StoredPackage& from, ImportMethod to) {
    (from.of_layer ? of_layer_ : of_store_).store(to, std::memory_order_relaxed);
  }

 private:
  std::atomic<ImportMethod> of_store_, of_layer_;
};

// Can files of `from` be shared by reflink with files in the folder `stage`? Tries it with one.
bool reflinks_work(const StoredPackage& from, int stage);
// The same within one folder.
bool reflinks_work_in(int folder);

// Does the first line of the file name an interpreter and end as on Windows, so that no kernel
// finds it? Then the tree gets a mended copy.
bool has_crlf_shebang(const std::string& path);

// stale: whole, but the store's files do not bear the time or inode they were stored with.
enum class Built : std::uint8_t { whole, stale, damaged };

class PackageBuilder {
 public:
  struct Counts {
    std::uint64_t linked = 0, copied = 0, bytes_copied = 0, moved = 0;
  };
  // Which of a package's own files have to stay out, because something is placed there: is there an
  // entry at this path of the project?
  using Occupied = std::function<bool(std::string_view path)>;

  PackageBuilder(SharedMethod& method, Verify verify, std::string boot_id,
                 const Occupied& occupied);

  // Makes the folder `path` below `stage`, whose parent exists, and everything in it.
  // damaged: the store's files are not what they should be (the folder is left half-made).
  Result<Built> build(int stage, const std::string& path, const PlacedPackage& placed,
                      const StoredPackage& stored);

  // The folder of a held package (Store::hold_new) becomes the folder `path` by a rename; what
  // already stands in that folder stays. Nothing of the package may have to differ from what was
  // unpacked (packages_to_move()). damaged: it is not there any more.
  Result<Built> move(int stage, const std::string& path, const PlacedPackage& placed,
                     const StoredPackage& held);

  const Counts& counts() const { return counts_; }
  // All folders made so far, below the stage.
  const std::vector<std::string>& folders() const { return folders_; }

 private:
  struct Package;
  bool proves(const StoredPackage& stored) const;
  Result<Built> fill(const Package& package);
  Result<bool> open_source(const StoredPackage& stored, bool few, Fd& folder, std::string& prefix);
  Result<Built> add(const Package& package, const StoredFile& file);
  Result<Fd> open_stored(const Package& package, const StoredFile& file) const;
  Result<Built> link(const Package& package, const StoredFile& file);
  Result<Built> link_proved(const Package& package, const StoredFile& file);
  Result<Built> copy(const Package& package, const StoredFile& file, bool executable);
  Result<Built> command(const Package& package, const StoredFile& file);
  Result<Built> write_mended(const Package& package, const StoredFile& file, Fd from);
  Result<void> make_folders(const Package& package, std::string_view before, std::string_view path);
  Result<bool> move_entries(int stage, const std::string& path, const StoredPackage& held);
  bool is_occupied(const Package& package, std::string_view path) const;
  bool sum_matches(int fd, const StoredFile& file);
  bool long_sum_matches(int fd, const StoredFile& file);

  SharedMethod& method_;
  const Verify verify_;
  const Occupied& occupied_;
  std::string boot_id_;
  std::unique_ptr<char[]> buffer_;
  Counts counts_;
  bool stale_ = false;  // the package being built
  std::vector<std::string> folders_;
  std::string shelf_;  // the folder two levels above the last small package, and its descriptor
  Fd shelf_folder_;
};

}  // namespace hod::cache
