// SPDX-License-Identifier: MIT
// Rows are found by the first 63 bits of the tarball's digest, which makes them the table's own key
// and spares a second tree of 64-byte keys; the whole digest stands in the row and is compared, so
// that a row of another package with the same first bits is no more than a miss.
//
// What must stay true:
//  (1) A row is given out only if its sum is right and its digest is the one asked for: bytes
//      changed in any page of the database can lose packages, never change them (P2).
//
//  (2) Whatever state the database is in, opening ends with a working one or with an error that
//      names the reason.
#include "cache/store_index.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include <dirent.h>
#include <sys/file.h>

#include "cache/sqlite.h"
#include "cache/store_entry.h"
#include "core/base/encoding.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

constexpr const char* kMigrations[] = {
    // used: days since the epoch, for the collector. boot: in which boot the files were written or
    // last proved.
    "CREATE TABLE packages(key INTEGER PRIMARY KEY, used INTEGER NOT NULL, boot TEXT NOT NULL, "
    "entry BLOB NOT NULL);"
    // digest: algorithm and raw bytes of another digest of the tarball.
    "CREATE TABLE digests(digest BLOB PRIMARY KEY, tarball BLOB NOT NULL)",
};
constexpr DatabaseFormat kFormat{0x686f6453, kMigrations};  // "hodS"

// A database that understands these is of our making.
constexpr const char* kSelect = "SELECT used, boot, entry FROM packages WHERE key = ?";
constexpr const char* kSelectOther = "SELECT tarball FROM digests WHERE digest = ?";
constexpr const char* kInsert =
    "INSERT OR REPLACE INTO packages(key, used, boot, entry) VALUES(?, ?, ?, ?)";
constexpr const char* kInsertOther = "INSERT OR REPLACE INTO digests(digest, tarball) VALUES(?, ?)";
constexpr const char* kUse = "UPDATE packages SET used = ? WHERE key = ?";
constexpr const char* kStatements[] = {kSelect, kSelectOther, kInsert, kInsertOther, kUse};

using Digest = std::string;  // raw bytes of a tarball's SHA-512

std::int64_t key_of(std::string_view digest) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, digest.data(), std::min(sizeof bits, digest.size()));
  return static_cast<std::int64_t>(bits >> 1);
}

std::int64_t today() {
  using Days = std::chrono::duration<std::int64_t, std::ratio<86'400>>;
  return std::chrono::duration_cast<Days>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string other_key(DigestAlgorithm algorithm, std::string_view digest) {
  std::string key(algorithm_name(algorithm));
  key += '-';
  key += digest;
  return key;
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  std::unique_ptr<DIR, CloseFolder> folder(::opendir(path.c_str()));
  if (!folder) return names;
  while (const dirent* entry = ::readdir(folder.get())) names.emplace_back(entry->d_name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

struct StoreIndex::State {
  explicit State(const StoreLayout& the_layout) : layout(the_layout) {}

  const StoreLayout& layout;
  std::mutex mutex;  // of everything below
  std::unique_ptr<Database> reader;
  std::optional<Statement> select;
  std::unique_ptr<Database> writer;  // opened when there is something to write
  std::unordered_map<Digest, StoredPackagePtr> queued;
  std::unordered_map<std::string, Digest> queued_other;
  std::vector<std::int64_t> used;  // keys of rows found today for the first time

  Result<void> open();
  Result<void> open_reader();
  Result<void> open_writer();
  Result<void> start_anew();
  Result<void> rebuild();
  Result<void> read(std::span<const TarballDigest> digests, std::vector<StoredPackagePtr>& found);
  StoredPackagePtr decoded(const TarballDigest& digest);
  Result<void> write();
  Result<void> write_rows();

  // Runs `body`; if it shows that the database is damaged, makes a new one and runs it once more.
  template <class Body>
  Result<void> healing(Body&& body) {
    Result<void> done = body();
    bool damaged = (reader && reader->damaged()) || (writer && writer->damaged());
    if (done || !damaged) return done;
    HOD_CHECK(start_anew());
    return body();
  }
};

// ---- opening

Result<void> StoreIndex::State::open_reader() {
  HOD_TRY(reader, Database::open(layout.index(), kFormat, Access::read));
  HOD_TRY(Statement statement, reader->prepare(kSelect));
  select = std::move(statement);
  return {};
}

Result<void> StoreIndex::State::open_writer() {
  if (writer) return {};
  HOD_TRY(writer, Database::open(layout.index(), kFormat, Access::write));
  return {};
}

// The usual case touches one file. Otherwise: absent, of an older format, or damaged.
Result<void> StoreIndex::State::open() {
  Result<void> opened = open_reader();
  if (opened || opened.error().code() == ErrorCode::store_too_new) return opened;
  if (!file_exists(layout.index())) return start_anew();
  if (opened.error().code() == ErrorCode::file_missing) {
    Result<void> migrated = open_writer();
    if (migrated) return open_reader();
    opened = std::move(migrated);
  }
  if (opened.error().code() != ErrorCode::cache_refused) return opened;
  return start_anew();
}

// One process does it; others that come to the same conclusion wait and find a sound database.
Result<void> StoreIndex::State::start_anew() {
  select.reset();
  reader.reset();
  writer.reset();
  HOD_CHECK(make_directories(layout.packages(), 0700));
  HOD_TRY(Fd lock, lock_file(layout.index_lock(), LOCK_EX));
  bool was_there = file_exists(layout.index());
  if (was_there && open_writer() && writer->sound(kStatements)) return open_reader();
  writer.reset();
  if (was_there) {
    HOD_CHECK(make_directories(layout.root() + "/store/v1/tmp", 0700));
    std::string aside = layout.temporary_name("index");
    for (const char* ending : {"", "-wal", "-shm"}) {
      std::string part = layout.index() + ending;
      if (io::rename(part.c_str(), (aside + ending).c_str()) != 0 && errno != ENOENT) {
        return failure(system_error(errno, "move aside", part));
      }
    }
  }
  HOD_CHECK(open_writer());
  if (was_there) HOD_CHECK(rebuild());
  return open_reader();
}

// From the lists beside the package folders. A list proves itself by its sum; what it says is held
// against the files when the package is used, like every other row.
Result<void> StoreIndex::State::rebuild() {
  HOD_TRY(Statement insert, writer->prepare(kInsert));
  return writer->transaction([&]() -> Result<void> {
    for (const std::string& group : names_in(layout.packages())) {
      std::string folder = layout.packages() + "/" + group;
      for (const std::string& name : names_in(folder)) {
        if (!name.ends_with(".list")) continue;
        Result<std::string> bytes = hod::read_file(folder + "/" + name);
        if (!bytes) continue;
        std::optional<StoredPackage> package = decode_entry(*bytes);
        if (!package || layout.list(package->digest) != folder + "/" + name) continue;
        insert.bind(1, key_of(package->digest.bytes));
        insert.bind(2, today());
        insert.bind_text(3, "");
        insert.bind_blob(4, *bytes);
        HOD_CHECK(insert.run());
      }
    }
    return {};
  });
}

// ---- looking up

// The row that `select` stands on, if it is sound and of this digest.
StoredPackagePtr StoreIndex::State::decoded(const TarballDigest& digest) {
  std::optional<StoredPackage> package = decode_entry(select->blob(2));
  if (!package || package->digest != digest) return nullptr;
  package->boot_id = select->text(1);
  package->folder = layout.package(digest);
  if (select->integer(0) < today()) used.push_back(key_of(digest.bytes));
  return std::make_shared<const StoredPackage>(std::move(*package));
}

Result<void> StoreIndex::State::read(std::span<const TarballDigest> digests,
                                     std::vector<StoredPackagePtr>& found) {
  HOD_CHECK(reader->run("BEGIN"));
  Result<void> done;
  for (std::size_t i = 0; i < digests.size() && done; ++i) {
    auto waiting = queued.find(digests[i].bytes);
    if (waiting != queued.end()) {
      found[i] = waiting->second;
      continue;
    }
    select->bind(1, key_of(digests[i].bytes));
    Result<bool> row = select->step();
    if (!row) {
      done = failure(std::move(row).error());
    } else if (*row) {
      found[i] = decoded(digests[i]);
    }
    select->reset();
  }
  Result<void> ended = reader->run("COMMIT");
  return done ? std::move(ended) : std::move(done);
}

// ---- writing

Result<void> StoreIndex::State::write_rows() {
  HOD_TRY(Statement insert, writer->prepare(kInsert));
  HOD_TRY(Statement other, writer->prepare(kInsertOther));
  HOD_TRY(Statement use, writer->prepare(kUse));
  for (const auto& [digest, package] : queued) {
    std::string entry = encode_entry(*package);
    insert.bind(1, key_of(digest));
    insert.bind(2, today());
    insert.bind_text(3, package->boot_id);
    insert.bind_blob(4, entry);
    HOD_CHECK(insert.run());
  }
  for (const auto& [key, tarball] : queued_other) {
    other.bind_blob(1, key);
    other.bind_blob(2, tarball);
    HOD_CHECK(other.run());
  }
  for (std::int64_t key : used) {
    use.bind(1, today());
    use.bind(2, key);
    HOD_CHECK(use.run());
  }
  return {};
}

Result<void> StoreIndex::State::write() {
  HOD_CHECK(open_writer());
  return writer->transaction([this] { return write_rows(); });
}

// ---- the face

StoreIndex::StoreIndex(std::unique_ptr<State> state) : state_(std::move(state)) {}
StoreIndex::~StoreIndex() = default;

Result<std::unique_ptr<StoreIndex>> StoreIndex::open(const StoreLayout& layout) {
  auto state = std::make_unique<State>(layout);
  HOD_CHECK(state->open());
  return std::unique_ptr<StoreIndex>(new StoreIndex(std::move(state)));
}

Result<std::vector<StoredPackagePtr>> StoreIndex::find(std::span<const TarballDigest> digests) {
  std::lock_guard lock(state_->mutex);
  std::vector<StoredPackagePtr> found(digests.size());
  HOD_CHECK(state_->healing([&] { return state_->read(digests, found); }));
  return found;
}

Result<StoredPackagePtr> StoreIndex::find_other(DigestAlgorithm algorithm,
                                                std::string_view digest) {
  TarballDigest tarball;
  {
    std::lock_guard lock(state_->mutex);
    std::string key = other_key(algorithm, digest);
    auto waiting = state_->queued_other.find(key);
    if (waiting != state_->queued_other.end()) {
      tarball.bytes = waiting->second;
    } else {
      HOD_CHECK(state_->healing([&]() -> Result<void> {
        HOD_TRY(Statement look, state_->reader->prepare(kSelectOther));
        look.bind_blob(1, key);
        HOD_TRY(bool row, look.step());
        if (row) tarball.bytes = look.blob(0);
        return {};
      }));
    }
  }
  if (tarball.bytes.size() != digest_size(DigestAlgorithm::sha512)) return StoredPackagePtr{};
  HOD_TRY(std::vector<StoredPackagePtr> found, find({&tarball, 1}));
  return std::move(found[0]);
}

void StoreIndex::put(StoredPackagePtr package) {
  std::lock_guard lock(state_->mutex);
  state_->queued[package->digest.bytes] = std::move(package);
}

void StoreIndex::put_other(DigestAlgorithm algorithm, std::string_view digest,
                           const TarballDigest& tarball) {
  std::lock_guard lock(state_->mutex);
  state_->queued_other[other_key(algorithm, digest)] = tarball.bytes;
}

Result<void> StoreIndex::flush() {
  std::lock_guard lock(state_->mutex);
  if (state_->queued.empty() && state_->queued_other.empty() && state_->used.empty()) return {};
  HOD_CHECK(state_->healing([this] { return state_->write(); }));
  state_->queued.clear();
  state_->queued_other.clear();
  state_->used.clear();
  return {};
}

Result<void> StoreIndex::remove(const TarballDigest& digest) {
  std::lock_guard lock(state_->mutex);
  state_->queued.erase(digest.bytes);
  return state_->healing([&]() -> Result<void> {
    HOD_CHECK(state_->open_writer());
    return state_->writer->transaction([&]() -> Result<void> {
      HOD_TRY(Statement erase, state_->writer->prepare("DELETE FROM packages WHERE key = ?"));
      erase.bind(1, key_of(digest.bytes));
      return erase.run();
    });
  });
}

}  // namespace hod::cache
