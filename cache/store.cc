// SPDX-License-Identifier: MIT
// The store: from a tarball's bytes to a published package.
//
//   digest ──▶ checked ──▶ unpacked in tmp/ ──one rename──▶ packages/
//                                          ──list written, row queued──▶ flush() ──▶ exists
//
// Held packages (hold_new) wait in tmp/ for publish(), or are moved into a tree and come back by
// adopt(), as links to the tree's files.
//
// What must stay true:
//  (1) Nothing is visible under packages/ whose tarball did not have the digest asked for.
//
//  (2) The row comes after the content; stopped in between, there is a folder without a row, which
//      the next one to store the package compares and takes over or replaces (T-CACHE-04).
//
//  (3) Files of a published package are never opened for writing here.
#include "cache/store.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <map>
#include <mutex>
#include <set>

#include "cache/download_claims.h"
#include "cache/hash.h"
#include "cache/inflate.h"
#include "cache/json_scan.h"
#include "cache/package_builder.h"
#include "cache/store_check.h"
#include "cache/store_index.h"
#include "cache/store_layout.h"
#include "cache/store_list.h"
#include "cache/unpack.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

// Removes the staging folder unless it was published.
class Staging {
 public:
  explicit Staging(std::string path) : path_(std::move(path)) {}
  ~Staging() {
    if (!path_.empty()) static_cast<void>(remove_tree(path_));
  }
  Staging(const Staging&) = delete;
  const std::string& path() const { return path_; }
  void published() { path_.clear(); }

 private:
  std::string path_;
};

struct ManifestFacts {
  std::string name, version;
  bool has_install_script = false;
};

// Only what the store keeps; a manifest that cannot be read has no name, and whoever asked for one
// will refuse it.
ManifestFacts read_manifest(std::string_view text) {
  ManifestFacts facts;
  JsonScan scan(text);
  scan.object([&](std::string_view key) {
    if (key == "name") {
      facts.name = scan.string().value_or("");
    } else if (key == "version") {
      facts.version = scan.string().value_or("");
    } else if (key == "scripts") {
      facts.has_install_script = false;
      scan.object([&](std::string_view script) {
        bool runs = script == "preinstall" || script == "install" || script == "postinstall";
        if (!scan.string().value_or("").empty() && runs) facts.has_install_script = true;
      });
    } else {
      scan.skip();
    }
  });
  return scan.failed() ? ManifestFacts{} : facts;
}

bool holds_binding_gyp(const std::vector<StoredFile>& files) {
  for (const StoredFile& file : files) {
    if (file.path == "binding.gyp") return true;  // T-SCR-02: npm would build it
  }
  return false;
}

// What Stamps::later left open.
Result<void> stamp_files(StoredPackage& package) {
  const Fd folder(io::open(package.folder.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW));
  if (!folder) return failure(system_error(errno, "open", package.folder));
  for (StoredFile& file : package.files) {
    struct stat info {};
    const std::string path = package.folder + "/" + file.path;
    if (io::fstatat(folder.get(), file.path.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
      return failure(system_error(errno, "look at", path));
    if (static_cast<std::uint64_t>(info.st_size) != file.size)
      return failure(system_error(EIO, "write", path));
    file.inode = info.st_ino;
  }
  return {};
}

Error named(Error error, std::string_view what, std::string_view url) {
  return std::move(error)
      .at(std::string(url))
      .during("storing the archive of `" + std::string(what) + "`");
}

// The digests of one tarball: always SHA-512, and the algorithm it is to be checked by.
struct Digests {
  TarballDigest tarball;
  DigestAlgorithm checked = DigestAlgorithm::sha512;
  std::string checked_digest;
};

DigestAlgorithm algorithm_to_check(const Integrity& expected) {
  const IntegrityHash* strongest = expected.strongest();
  return strongest != nullptr ? strongest->algorithm : DigestAlgorithm::sha512;
}

Digests digests_of(std::string_view bytes, const Integrity& expected) {
  Digests digests;
  digests.tarball.bytes = digest_of(DigestAlgorithm::sha512, bytes);
  digests.checked = algorithm_to_check(expected);
  digests.checked_digest = digests.checked == DigestAlgorithm::sha512
                               ? digests.tarball.bytes
                               : digest_of(digests.checked, bytes);
  return digests;
}

Result<Digests> digests_of_file(const std::string& path, const Integrity& expected) {
  Fd fd(io::open(path.c_str(), O_RDONLY));
  if (!fd) return failure(system_error(errno, "open", path));
  Digests digests;
  digests.checked = algorithm_to_check(expected);
  const std::array<DigestAlgorithm, 2> both = {DigestAlgorithm::sha512, digests.checked};
  bool one = digests.checked == DigestAlgorithm::sha512;
  Hasher hasher(std::span<const DigestAlgorithm>(both).first(one ? 1 : 2));
  FileSource file(fd, path);
  for (;;) {
    HOD_TRY(ByteSpan piece, file.next());
    if (piece.empty()) break;
    hasher.update(piece);
  }
  std::vector<std::string> values = hasher.finish();
  digests.tarball.bytes = values.front();
  digests.checked_digest = values.back();
  return digests;
}

}  // namespace

struct Store::State {
  State(StoreLayout the_layout, StoreOptions the_options)
      : layout(std::move(the_layout)),
        options(std::move(the_options)),
        layer(StoreLayout::of_layer(options.layer)),
        boot(boot_id()),
        claims(layout.downloads_lock()) {}

  StoreLayout layout;
  StoreOptions options;
  StoreLayout layer;
  std::string boot;
  std::unique_ptr<StoreIndex> index;
  DownloadClaims claims;
  std::atomic<bool> changed{false};  // something was published or taken out by this process
  std::mutex mutex;                  // of what follows
  std::set<std::string> refused;     // digests that are damaged in the layer
  bool holds = false;
  std::size_t published_first = 0;               // packages before any is held
  std::map<std::string, StoredPackagePtr> held;  // by digest

  template <class Unpack>
  Result<StoredPackagePtr> add(const Digests& digests, const Integrity& expected, Unpack&& unpack);
  std::shared_ptr<StoredPackage> describe(const TarballDigest& digest,
                                          UnpackedPackage unpacked) const;
  Result<StoredPackagePtr> publish(Staging& staging, std::shared_ptr<StoredPackage> package);
  template <class Unpack>
  Result<StoredPackagePtr> unpack_new(const TarballDigest& digest, Unpack&& unpack);
  StoredPackagePtr hold(Staging& staging, std::shared_ptr<StoredPackage> package);
  Result<void> move_into_place(Staging& staging, StoredPackage& package);
  Result<void> replace(Staging& staging, const std::string& folder);
  StoredPackagePtr find_in_layer(const TarballDigest& digest);
  void put_checked(const StoredPackage& package, CheckedPackage checked);
};

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}

// What earlier runs left behind is cleared by runs that write anyway, after their work.
Store::~Store() {
  if (state_->changed) state_->layout.remove_stale();
}

Result<std::unique_ptr<Store>> Store::open(const std::string& root, StoreOptions options) {
  HOD_TRY(StoreLayout layout,
          StoreLayout::open(root, options.trust_owner ? CacheOwner::trust : CacheOwner::check));
  auto state = std::make_unique<State>(std::move(layout), std::move(options));
  const bool layered = !state->options.layer.empty();
  HOD_TRY(state->index, StoreIndex::open(state->layout, layered ? &state->layer : nullptr));
  return std::unique_ptr<Store>(new Store(std::move(state)));
}

const std::string& Store::root() const { return state_->layout.root(); }

Result<std::vector<StoredPackagePtr>> Store::find(std::span<const TarballDigest> digests) {
  HOD_TRY(std::vector<StoredPackagePtr> found, state_->index->find(digests));
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i]) found[i] = state_->find_in_layer(digests[i]);
  }
  return found;
}

// By its list: no database of somebody else's has to be opened, whose log may be missing.
StoredPackagePtr Store::State::find_in_layer(const TarballDigest& digest) {
  if (options.layer.empty()) return nullptr;
  {
    const std::lock_guard lock(mutex);
    if (refused.contains(digest.bytes)) return nullptr;
  }
  const StoredPackagePtr listed = read_list(layer, digest);
  if (!listed) return nullptr;
  auto package = std::make_shared<StoredPackage>(*listed);
  package->of_layer = true;
  return package;
}

Result<StoredPackagePtr> Store::find_by(const IntegrityHash& hash) {
  std::optional<std::string> digest = hash.digest();
  if (!digest) return StoredPackagePtr{};
  if (hash.algorithm != DigestAlgorithm::sha512)
    return state_->index->find_other(hash.algorithm, *digest);
  TarballDigest tarball{std::move(*digest)};
  HOD_TRY(std::vector<StoredPackagePtr> found, find({&tarball, 1}));
  return std::move(found[0]);
}

// ---- adding

template <class Unpack>
Result<StoredPackagePtr> Store::State::add(const Digests& digests, const Integrity& expected,
                                           Unpack&& unpack) {
  if (!expected.empty() && !expected.accepts(digests.checked, digests.checked_digest)) {
    return failure(integrity_error(expected, digests.checked, digests.checked_digest));
  }
  HOD_TRY(std::vector<StoredPackagePtr> found, index->find({&digests.tarball, 1}));
  StoredPackagePtr package = std::move(found[0]);
  if (package && package->of_layer) package.reset();
  if (!package || !directory_exists(package->folder)) {
    HOD_TRY(package, unpack_new(digests.tarball, unpack));
  }
  if (digests.checked != DigestAlgorithm::sha512) {
    index->put_other(digests.checked, digests.checked_digest, digests.tarball);
  }
  return package;
}

template <class Unpack>
Result<StoredPackagePtr> Store::State::unpack_new(const TarballDigest& digest, Unpack&& unpack) {
  bool hold_it = false;
  {
    const std::lock_guard lock(mutex);
    if (const auto known = held.find(digest.bytes); known != held.end()) return known->second;
    hold_it = holds && published_first == 0;
    if (holds && published_first > 0) --published_first;
  }
  HOD_TRY(std::string path, layout.stage());
  Staging staging(std::move(path));
  HOD_TRY(UnpackedPackage unpacked, unpack(staging.path(), hold_it ? Stamps::later : Stamps::now));
  auto package = describe(digest, std::move(unpacked));
  return hold_it ? hold(staging, std::move(package)) : publish(staging, std::move(package));
}

std::shared_ptr<StoredPackage> Store::State::describe(const TarballDigest& digest,
                                                      UnpackedPackage unpacked) const {
  ManifestFacts manifest = read_manifest(unpacked.manifest_text);
  auto package = std::make_shared<StoredPackage>();
  package->digest = digest;
  package->files = std::move(unpacked.files);
  package->boot_id = boot;
  package->manifest_name = std::move(manifest.name);
  package->manifest_version = std::move(manifest.version);
  package->has_install_script = manifest.has_install_script || holds_binding_gyp(package->files);
  package->skipped = std::move(unpacked.skipped);
  return package;
}

Result<StoredPackagePtr> Store::State::publish(Staging& staging,
                                               std::shared_ptr<StoredPackage> package) {
  package->folder = layout.package(package->digest);
  HOD_CHECK(move_into_place(staging, *package));
  write_list(layout, *package);
  StoredPackagePtr stored = std::move(package);
  index->put(stored);
  return stored;
}

Result<void> Store::State::move_into_place(Staging& staging, StoredPackage& package) {
  changed = true;
  const std::string& folder = package.folder;
  for (bool made = false;;) {
    if (io::renameat2(AT_FDCWD, staging.path().c_str(), AT_FDCWD, folder.c_str(),
                      RENAME_NOREPLACE) == 0 ||
        (errno == EINVAL && io::rename(staging.path().c_str(), folder.c_str()) == 0)) {
      staging.published();
      return {};
    }
    if (errno != ENOENT || made) break;
    HOD_CHECK(make_directories(folder.substr(0, folder.rfind('/')), 0700));
    made = true;
  }
  if (errno != EEXIST && errno != ENOTEMPTY) return failure(system_error(errno, "publish", folder));
  // Left by a run that was stopped, or just made by another process, which may be linking from it
  // already: kept if it is right, so that both write the same row.
  CheckedPackage there = check_package(package, Verify::sums);
  if (!there.damaged.empty()) return replace(staging, folder);
  if (!there.restamped.empty()) package.files = std::move(there.restamped);
  return {};
}

Result<void> Store::State::replace(Staging& staging, const std::string& folder) {
  HOD_CHECK(layout.move_aside(folder, "replaced"));
  if (io::rename(staging.path().c_str(), folder.c_str()) != 0) {
    return failure(system_error(errno, "publish", folder));
  }
  staging.published();
  return {};
}

Result<StoredPackagePtr> Store::add_tarball(std::string_view bytes, const Integrity& expected,
                                            std::string_view what, std::string_view url) {
  Result<StoredPackagePtr> added = state_->add(digests_of(bytes, expected), expected,
                                               [&](const std::string& folder, Stamps stamps) {
                                                 return unpack_tarball(bytes, folder, {}, stamps);
                                               });
  if (!added) return failure(named(std::move(added).error(), what, url));
  return added;
}

Result<StoredPackagePtr> Store::add_tarball_file(const std::string& path, const Integrity& expected,
                                                 std::string_view what, std::string_view url) {
  HOD_TRY(Digests digests, digests_of_file(path, expected));
  Result<StoredPackagePtr> added =
      state_->add(digests, expected, [&](const std::string& folder, Stamps stamps) {
        return unpack_tarball_file(path, folder, {}, stamps);
      });
  if (!added) return failure(named(std::move(added).error(), what, url));
  return added;
}

// ---- link later

void Store::hold_new(std::size_t published) {
  const std::lock_guard lock(state_->mutex);
  state_->holds = true;
  state_->published_first = published;
}

StoredPackagePtr Store::State::hold(Staging& staging, std::shared_ptr<StoredPackage> package) {
  package->folder = staging.path();
  package->held = true;
  changed = true;
  const std::lock_guard lock(mutex);
  const auto [row, fresh] = held.try_emplace(package->digest.bytes, std::move(package));
  if (fresh) staging.published();  // else two threads had the same package at the same time
  return row->second;
}

Result<StoredPackagePtr> Store::publish(const StoredPackagePtr& held) {
  auto package = std::make_shared<StoredPackage>(*held);
  package->held = false;
  HOD_CHECK(stamp_files(*package));
  Staging staging(held->folder);
  HOD_TRY(StoredPackagePtr stored, state_->publish(staging, std::move(package)));
  const std::lock_guard lock(state_->mutex);
  state_->held.erase(stored->digest.bytes);
  return stored;
}

Result<void> Store::publish_held() {
  std::map<std::string, StoredPackagePtr> held;
  {
    const std::lock_guard lock(state_->mutex);
    held = state_->held;
  }
  Result<void> first;
  for (const auto& [digest, package] : held) {
    if (!directory_exists(package->folder)) continue;  // moved, and lost with what it was moved to
    Result<StoredPackagePtr> published = publish(package);
    if (!published && first) first = failure(std::move(published.error()));
  }
  return first;
}

std::vector<Fd> Store::hand_over(std::span<const StoredPackagePtr> moved) {
  for (const StoredPackagePtr& package : moved) {
    state_->claims.take(package->digest);
    const std::lock_guard lock(state_->mutex);
    state_->held.erase(package->digest.bytes);
  }
  std::vector<Fd> locks;
  locks.push_back(state_->layout.lock());
  locks.push_back(state_->claims.copy());
  return locks;
}

Result<StoredPackagePtr> Store::adopt(const StoredPackage& package, const std::string& folder) {
  auto adopted = std::make_shared<StoredPackage>(package);
  adopted->held = false;
  adopted->folder = folder;
  adopted->boot_id = state_->boot;
  HOD_TRY(std::string path, state_->layout.stage());
  Staging staging(std::move(path));
  SharedMethod method(ImportMethod::hardlink);
  const PackageBuilder::Occupied nothing = [](std::string_view) { return false; };
  PackageBuilder builder(method, Verify::sums, state_->boot, nothing);
  HOD_TRY(const Built built, builder.build(AT_FDCWD, staging.path(), {}, *adopted));
  if (built == Built::damaged) return StoredPackagePtr{};
  adopted->folder = staging.path();
  HOD_CHECK(stamp_files(*adopted));
  return state_->publish(staging, std::move(adopted));
}

Result<StoredPackagePtr> Store::add_made(
    const TarballDigest& digest,
    const std::function<Result<UnpackedPackage>(const std::string& folder)>& make) {
  Digests digests;
  digests.tarball = digest;
  const auto unpack = [&](const std::string& folder, auto&&...) { return make(folder); };
  return state_->add(digests, Integrity(), unpack);
}

// ---- keeping

Result<void> Store::flush() {
  if (state_->options.durable) {
    Fd fd(io::open(state_->layout.packages().c_str(), O_RDONLY | O_DIRECTORY));
    if (fd && io::syncfs(fd.get()) != 0) return failure(system_error(errno, "sync", root()));
  }
  return state_->index->flush();
}

void Store::State::put_checked(const StoredPackage& package, CheckedPackage checked) {
  auto proved = std::make_shared<StoredPackage>(package);
  proved->boot_id = boot;
  if (!checked.restamped.empty()) proved->files = std::move(checked.restamped);
  if (package.of_layer) return index->put(std::move(proved));  // the first row about it, perhaps
  index->put_proof(std::move(proved));
}

std::vector<std::string> Store::damaged_files(const StoredPackage& package, Verify strength) {
  const bool other_boot = package.boot_id != state_->boot;
  if (other_boot) strength = Verify::sums;
  CheckedPackage checked = check_package(package, strength);
  // The row will say that all sums were right today.
  if (strength == Verify::fence && checked.damaged.empty() && !checked.restamped.empty()) {
    strength = Verify::sums;
    checked = check_package(package, strength);
  }
  if (checked.damaged.empty() && strength == Verify::sums)
    state_->put_checked(package, std::move(checked));
  return std::move(checked.damaged);
}

void Store::mark_proved(const StoredPackage& package) {
  CheckedPackage checked = check_just_read(package);
  if (!checked.damaged.empty()) return;
  if (package.boot_id == state_->boot && checked.restamped.empty()) return;
  state_->put_checked(package, std::move(checked));
}

bool Store::claim(const TarballDigest& digest) { return state_->claims.take(digest); }

void Store::release_claim(const TarballDigest& digest) { state_->claims.give_back(digest); }

StoredPackagePtr Store::find_published(const TarballDigest& digest) {
  StoredPackagePtr package = read_list(state_->layout, digest);
  if (!package || !directory_exists(package->folder)) return nullptr;
  state_->index->put(package);
  return package;
}

Result<void> Store::quarantine(const TarballDigest& digest) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->refused.insert(digest.bytes);
  }
  state_->changed = true;
  return take_out_package(state_->layout, *state_->index, digest);
}

}  // namespace hod::cache
