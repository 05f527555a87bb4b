// The content-addressed store: unpacked packages by the SHA-512 of their tarball, shared by all
// projects of this user. Below <root>/store/v1/, as docs/store-format.md describes:
//
//   index.db                        SQLite: one row a package with its file list; a package exists
//                                   when its row does
//   packages/<2 hex>/<64 hex>/      its files, modes 0644/0755, never written again by us
//   packages/<2 hex>/<64 hex>.list  what is in it, for making the index anew
//   tmp/                            staging, and what is held; same file system
//   gc.lock                         held shared by whoever has the store open
//   downloads.lock                  a byte a package: who is fetching it now
//
// Below it may be a read-only layer: another root, of any owner, perhaps on a medium that cannot be
// written. Its packages are proved like ours (T-CACHE-11) and used where they lie; nothing is ever
// written, made or locked there. What is damaged in it is stored anew, in ours.
//
// Threads: any; rows are queued and committed by flush() in one transaction; what is queued is
// found like what is written. Processes: several may share one root. A root not owned by this user
// or writable by others is refused (T-CACHE-06).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/file.h"
#include "core/base/result.h"
#include "core/model/integrity.h"

namespace hod::cache {

// One file of a stored package. `path` is relative, "/"-separated, safe (T-TAR-01). Sorted by path
// bytes.
struct StoredFile {
  std::string path;
  bool executable = false;
  std::uint64_t size = 0;
  std::uint64_t xxh3 = 0;
  std::int64_t mtime_ns = 0;  // as published: the fence
  std::uint64_t inode = 0;
};

struct StoredPackage {
  TarballDigest digest;
  std::string folder;             // absolute
  std::vector<StoredFile> files;  // without folders; parents are implied
  std::string boot_id;            // of the boot in which it was written or last proved
  std::string
      manifest_name;  // name and version of the package.json inside, for T-LINK-05 and T-RES-01
  std::string manifest_version;
  bool has_install_script =
      false;  // scripts.{preinstall,install,postinstall} or binding.gyp inside
  std::vector<std::string> skipped;  // entries left out (links, devices), for notices
  bool of_layer = false;             // lies in the read-only layer
  bool held = false;                 // lies in tmp/, nobody else's yet: Store::hold_new()
};
using StoredPackagePtr = std::shared_ptr<const StoredPackage>;

enum class Verify : std::uint8_t { fence, sums };

struct UnpackedPackage;  // unpack.h

struct StoreOptions {
  bool trust_owner = false;  // take a root that is another user's or writable by others
  bool durable = false;      // sync the file system before rows are committed (HOD_DURABLE=1)
  std::string layer;         // root of a cache made elsewhere, only read; "" = none
};

class Store {
 public:
  // Makes it if absent. Errors: store_too_new, cache_refused, cache_locked, disk_failed …
  static Result<std::unique_ptr<Store>> open(const std::string& root, StoreOptions options = {});
  ~Store();

  // Many look-ups in one read transaction. result[i] is null where digests[i] is not stored.
  Result<std::vector<StoredPackagePtr>> find(std::span<const TarballDigest> digests);
  // Finds by another digest (sha1, sha256, sha384) that was checked when the tarball was stored.
  Result<StoredPackagePtr> find_by(const IntegrityHash& hash);

  // Checks the tarball's bytes against `expected`, unpacks (unpack.h's rules), publishes by one
  // rename and queues the row. An empty `expected` checks nothing: whether a source may go without
  // is the caller's policy. Storing the same twice is cheap and harmless. `what`: "name@version"
  // and `url` for messages. Any thread. Errors: integrity_mismatch, archive_invalid,
  // archive_hostile, disk_*.
  Result<StoredPackagePtr> add_tarball(std::string_view bytes, const Integrity& expected,
                                       std::string_view what, std::string_view url);
  // The same from a file on disk, streaming: for tarballs above the in-memory limit.
  Result<StoredPackagePtr> add_tarball_file(const std::string& path, const Integrity& expected,
                                            std::string_view what, std::string_view url);

  // A package that no archive holds, made of others: `make` writes it into the folder it is given,
  // which exists and is empty. `digest` says what it is made of. Any thread. Errors: those of
  // `make`, disk_*.
  Result<StoredPackagePtr> add_made(
      const TarballDigest& digest,
      const std::function<Result<UnpackedPackage>(const std::string& folder)>& make);

  // Several processes that miss the same package need not all fetch it. claim(): is it ours to
  // fetch? False: another process is at it; look with find_published() now and then, but not for
  // ever: whoever is tired of waiting may fetch it all the same. Given up by release_claim() or
  // with the process.
  bool claim(const TarballDigest& digest);
  void release_claim(const TarballDigest& digest);
  // A package that another process has published, whether or not its row is committed. Null: none.
  StoredPackagePtr find_published(const TarballDigest& digest);

  // Link later (handover.h): but for the first `published` packages, what is added stays in tmp/,
  // unpacked and proved, without a row, its files' inodes not looked at. Nobody else sees it until
  // it is published, here or by adopt() after it was moved into a tree.
  void hold_new(std::size_t published = 0);
  // Makes a held package one of the store. Errors: disk_*.
  Result<StoredPackagePtr> publish(const StoredPackagePtr& held);
  // All that are still there. Tries every one; the first error.
  Result<void> publish_held();
  // These were moved into a tree. Claims them, and gives the locks that keep the collector and
  // other downloaders away while somebody holds a copy of the descriptors.
  std::vector<Fd> hand_over(std::span<const StoredPackagePtr> moved);
  // Stores the package whose files stand in `folder`, by hard links where that works, each file
  // proved by its sum. Null: they are not what was unpacked. Errors: disk_*.
  Result<StoredPackagePtr> adopt(const StoredPackage& package, const std::string& folder);

  // Commits queued rows. Call before the state file is written.
  Result<void> flush();

  // Files that are not as they were stored. fence: size, mtime, inode, and the sum only of files
  // whose stamp differs or that were proved in another boot. sums: every file's sum. When all are
  // right, stamps that differ (a copied cache, a `touch`) are put right and the package counts as
  // proved in this boot. Cost: one stat a file, or one read.
  std::vector<std::string> damaged_files(const StoredPackage& package, Verify strength);
  // Somebody has just found every sum right: fences may trust the package again. Where only the
  // inode is another than recorded (a copied cache) it is recorded; a file with another time is
  // looked at once more.
  void mark_proved(const StoredPackage& package);
  // Moves a damaged package out of the way so that it is fetched again; one of the layer is not
  // looked at any more by this process.
  Result<void> quarantine(const TarballDigest& digest);

  const std::string& root() const;

 private:
  struct State;
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace hod::cache
