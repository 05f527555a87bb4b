// SPDX-License-Identifier: MIT
// Rows are found by the first 63 bits of the tarball's digest, which makes them the table's own key
// and spares a second tree of 64-byte keys; the whole digest stands in the row and is compared, so
// that a row of another package with the same first bits is no more than a miss.
//
// A package that was not proved for a month counts as never proved: its sums are looked at when it
// is used next.
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

#include <sys/file.h>

#include "cache/hash.h"
#include "cache/sqlite.h"
#include "cache/store_entry.h"
#include "core/base/encoding.h"

namespace hod::cache {

namespace {

constexpr const char* kMigrations[] = {
    // used: days since the epoch, for the collector. boot: in which boot the files were written or
    // last proved.
    "CREATE TABLE packages(key INTEGER PRIMARY KEY, used INTEGER NOT NULL, boot TEXT NOT NULL, "
    "entry BLOB NOT NULL);"
    // digest: algorithm and raw bytes of another digest of the tarball.
    "CREATE TABLE digests(digest BLOB PRIMARY KEY, tarball BLOB NOT NULL)",
    // proved: day of the last look at all sums; rows of format 1 have none. layer: 0, or of which
    // read-only layer the package is.
    "ALTER TABLE packages ADD COLUMN proved INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE packages ADD COLUMN layer INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE facts(name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
};
constexpr DatabaseFormat kFormat{0x686f6453, kMigrations};  // "hodS"

// A database that understands these is of our making.
constexpr const char* kSelect =
    "SELECT used, boot, entry, proved, layer FROM packages WHERE key = ?";
constexpr const char* kSelectOther = "SELECT tarball FROM digests WHERE digest = ?";
constexpr const char* kInsert =
    "INSERT OR REPLACE INTO packages(key, used, boot, entry, proved, layer) "
    "VALUES(?, ?, ?, ?, ?, ?)";
constexpr const char* kInsertUnproved =
    "INSERT OR IGNORE INTO packages(key, used, boot, entry, proved, layer) "
    "VALUES(?, ?, ?, ?, ?, ?)";
constexpr const char* kProof =
    "UPDATE packages SET boot = ?, entry = ?, proved = ?, layer = ? WHERE key = ?";
constexpr const char* kInsertOther = "INSERT OR REPLACE INTO digests(digest, tarball) VALUES(?, ?)";
constexpr const char* kUse = "UPDATE packages SET used = ? WHERE key = ?";
constexpr const char* kErase = "DELETE FROM packages WHERE key = ?";
constexpr const char* kEraseOther = "DELETE FROM digests WHERE tarball = ?";
constexpr const char* kRows =
    "SELECT used, boot, entry, proved, layer, key FROM packages WHERE key > ? ORDER BY key LIMIT ?";
constexpr const char* kFact = "SELECT value FROM facts WHERE name = ?";
constexpr const char* kSetFact = "INSERT OR REPLACE INTO facts(name, value) VALUES(?, ?)";
constexpr const char* kStatements[] = {kSelect, kSelectOther, kInsert, kProof, kInsertOther, kUse,
                                       kErase,  kEraseOther,  kRows,   kFact,  kSetFact};
constexpr std::int64_t kTrustedDays = 30;  // a fence, without a look at the sums

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

// Which layer a row is of. Never 0, which means: no layer.
std::int64_t layer_number(const StoreLayout& layer) {
  const std::string& root = layer.root();
  return static_cast<std::int64_t>(xxh3(std::as_bytes(std::span(root))) >> 1 | 1);
}

}  // namespace

struct StoreIndex::State {
  State(const StoreLayout& the_layout, const StoreLayout* the_layer)
      : layout(the_layout),
        layer(the_layer),
        layer_key(the_layer != nullptr ? layer_number(*the_layer) : 0) {}

  struct Queued {
    StoredPackagePtr package;
    bool used = false;  // else only proved
  };

  const StoreLayout& layout;
  const StoreLayout* layer;
  const std::int64_t layer_key;
  std::mutex mutex;  // of everything below
  std::unique_ptr<Database> reader;
  std::optional<Statement> select;
  std::unique_ptr<Database> writer;  // opened when there is something to write
  std::unordered_map<Digest, Queued> queued;
  std::unordered_map<std::string, Digest> queued_other;
  std::vector<std::int64_t> used;  // keys of rows found today for the first time

  Result<void> open();
  Result<void> open_reader();
  Result<void> open_writer();
  Result<void> start_anew();
  Result<void> rebuild_if_empty();
  Result<void> read(std::span<const TarballDigest> digests, std::vector<StoredPackagePtr>& found);
  std::optional<StoredPackage> decoded(const Statement& row) const;
  StoredPackagePtr found(const TarballDigest& digest);
  Result<void> write();
  Result<void> write_rows();
  Result<void> write_packages();

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
    if (migrated) migrated = rebuild_if_empty();
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
  bool was_there = file_exists(layout.index()) || directory_exists(layout.index());
  if (was_there && open_writer() && writer->sound(kStatements)) {
    HOD_CHECK(rebuild_if_empty());
    return open_reader();
  }
  writer.reset();
  if (was_there) {
    for (const char* ending : {"", "-wal", "-shm"}) {
      HOD_CHECK(layout.move_aside(layout.index() + ending, "index"));
    }
  }
  HOD_CHECK(open_writer());
  HOD_CHECK(rebuild_if_empty());
  return open_reader();
}

// From the lists beside the package folders. A list proves itself by its sum; what it says is held
// against the files when the package is used, like every other row.
Result<void> StoreIndex::State::rebuild_if_empty() {
  HOD_TRY(const std::int64_t rows, writer->number("SELECT count(*) FROM packages"));
  if (rows > 0) return {};
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
        insert.bind(5, 0);
        insert.bind(6, 0);
        HOD_CHECK(insert.run());
      }
    }
    return {};
  });
}

// ---- looking up

// The package of the row that a statement stands on, if it is sound.
std::optional<StoredPackage> StoreIndex::State::decoded(const Statement& row) const {
  std::optional<StoredPackage> package = decode_entry(row.blob(2));
  const std::int64_t of_layer = row.integer(4);
  if (!package || (of_layer != 0 && of_layer != layer_key)) return std::nullopt;
  if (row.integer(3) + kTrustedDays >= today()) package->boot_id = row.text(1);
  package->of_layer = of_layer != 0;
  package->folder = (package->of_layer ? *layer : layout).package(package->digest);
  return package;
}

// What `select` has found.
StoredPackagePtr StoreIndex::State::found(const TarballDigest& digest) {
  std::optional<StoredPackage> package = decoded(*select);
  if (!package || package->digest != digest) return nullptr;
  if (select->integer(0) < today()) used.push_back(key_of(digest.bytes));
  return std::make_shared<const StoredPackage>(std::move(*package));
}

Result<void> StoreIndex::State::read(std::span<const TarballDigest> digests,
                                     std::vector<StoredPackagePtr>& out) {
  HOD_CHECK(reader->run("BEGIN"));
  Result<void> done;
  for (std::size_t i = 0; i < digests.size() && done; ++i) {
    auto waiting = queued.find(digests[i].bytes);
    if (waiting != queued.end()) {
      out[i] = waiting->second.package;
      continue;
    }
    select->bind(1, key_of(digests[i].bytes));
    Result<bool> row = select->step();
    if (!row) {
      done = failure(std::move(row).error());
    } else if (*row) {
      out[i] = found(digests[i]);
    }
    select->reset();
  }
  Result<void> ended = reader->run("COMMIT");
  return done ? std::move(ended) : std::move(done);
}

// ---- writing

Result<void> StoreIndex::State::write_packages() {
  HOD_TRY(Statement insert, writer->prepare(kInsert));
  HOD_TRY(Statement insert_unproved, writer->prepare(kInsertUnproved));
  HOD_TRY(Statement proof, writer->prepare(kProof));
  for (const auto& [digest, row] : queued) {
    const StoredPackage& package = *row.package;
    const std::string entry = encode_entry(package);
    // Published by another process, whose own row says more.
    const bool unproved = package.boot_id.empty();
    const std::int64_t proved = unproved ? 0 : today();
    const std::int64_t of_layer = package.of_layer ? layer_key : 0;
    Statement& statement = !row.used ? proof : unproved ? insert_unproved : insert;
    int column = 0;
    if (row.used) {
      statement.bind(++column, key_of(digest));
      statement.bind(++column, today());
    }
    statement.bind_text(++column, package.boot_id);
    statement.bind_blob(++column, entry);
    statement.bind(++column, proved);
    statement.bind(++column, of_layer);
    if (!row.used) statement.bind(++column, key_of(digest));
    HOD_CHECK(statement.run());
  }
  return {};
}

Result<void> StoreIndex::State::write_rows() {
  HOD_CHECK(write_packages());
  HOD_TRY(Statement other, writer->prepare(kInsertOther));
  HOD_TRY(Statement use, writer->prepare(kUse));
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

Result<std::unique_ptr<StoreIndex>> StoreIndex::open(const StoreLayout& layout,
                                                     const StoreLayout* layer) {
  auto state = std::make_unique<State>(layout, layer);
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
  State::Queued& row = state_->queued[package->digest.bytes];
  row.package = std::move(package);
  row.used = true;
}

void StoreIndex::put_proof(StoredPackagePtr package) {
  std::lock_guard lock(state_->mutex);
  State::Queued& row = state_->queued[package->digest.bytes];
  row.package = std::move(package);
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
      HOD_TRY(Statement erase, state_->writer->prepare(kErase));
      erase.bind(1, key_of(digest.bytes));
      return erase.run();
    });
  });
}

// ---- upkeep

Result<std::vector<IndexRow>> StoreIndex::rows_after(std::int64_t key, std::size_t limit) {
  std::lock_guard lock(state_->mutex);
  std::vector<IndexRow> rows;
  HOD_CHECK(state_->healing([&]() -> Result<void> {
    rows.clear();
    HOD_TRY(Statement select, state_->reader->prepare(kRows));
    select.bind(1, key);
    select.bind(2, static_cast<std::int64_t>(limit));
    for (;;) {
      HOD_TRY(const bool more, select.step());
      if (!more) return {};
      std::optional<StoredPackage> package = state_->decoded(select);
      StoredPackagePtr shared;
      if (package) shared = std::make_shared<const StoredPackage>(std::move(*package));
      rows.push_back(
          {select.integer(5), select.integer(0), select.integer(4) != 0, std::move(shared)});
    }
  }));
  return rows;
}

Result<void> StoreIndex::remove_rows(std::span<const IndexRow> rows) {
  std::lock_guard lock(state_->mutex);
  HOD_CHECK(state_->open_writer());
  return state_->writer->transaction([&]() -> Result<void> {
    HOD_TRY(Statement erase, state_->writer->prepare(kErase));
    HOD_TRY(Statement other, state_->writer->prepare(kEraseOther));
    for (const IndexRow& row : rows) {
      erase.bind(1, row.key);
      HOD_CHECK(erase.run());
      if (!row.package) continue;
      state_->queued.erase(row.package->digest.bytes);
      other.bind_blob(1, row.package->digest.bytes);
      HOD_CHECK(other.run());
    }
    return {};
  });
}

Result<std::int64_t> StoreIndex::fact(std::string_view name) {
  std::lock_guard lock(state_->mutex);
  HOD_TRY(Statement select, state_->reader->prepare(kFact));
  select.bind_text(1, name);
  HOD_TRY(const bool there, select.step());
  return there ? select.integer(0) : 0;
}

Result<void> StoreIndex::set_fact(std::string_view name, std::int64_t value) {
  std::lock_guard lock(state_->mutex);
  HOD_CHECK(state_->open_writer());
  HOD_TRY(Statement set, state_->writer->prepare(kSetFact));
  set.bind_text(1, name);
  set.bind(2, value);
  return set.run();
}

Result<bool> StoreIndex::sound() {
  std::lock_guard lock(state_->mutex);
  return state_->reader->sound(kStatements);
}

Result<void> StoreIndex::fold() {
  std::lock_guard lock(state_->mutex);
  HOD_CHECK(state_->open_writer());
  return state_->writer->fold();
}

}  // namespace hod::cache
