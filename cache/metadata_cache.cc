// SPDX-License-Identifier: MIT
// <root>/metadata/v1/index.db says where a record is and how fresh; <root>/metadata/v1/records-<n>
// holds the records, used in place. Why a pack and not a file a record, nor blobs in SQLite:
// docs/store-format.md, with figures.
//
// What must stay true:
//  (1) A record is given out only for the very registry, identity and name it was put for
//      (T-CACHE-03): the number in the index is only a hash of them, the row holds the texts.
//
//  (2) A record that may be another than the one written is held against its sum before use; one
//      that does not pass is absent. May be: written in another boot (a crash loses data), or the
//      pack's size, time or inode are not those of the last commit (somebody else wrote to it).
//
//  (3) Only a cache: whatever is wrong with it, it starts anew, empty.
//
//  (4) Of a read-only layer nothing is believed without its sum, and nothing is written there
//      (T-CACHE-11).
//
//  (5) Rows are committed after their record's bytes are written; appending happens under the
//      database's write lock.
#include "cache/metadata_cache.h"

#include <functional>
#include <map>
#include <mutex>
#include <unordered_map>

#include "cache/hash.h"
#include "cache/record_pack.h"
#include "cache/sqlite.h"
#include "cache/store_layout.h"
#include "core/base/file.h"

namespace hod::cache {

namespace {

constexpr const char* kMigrations[] = {
    // key: hash of `name`, which is registry, identity and package, each ended by a zero byte.
    // boot: hash of the boot in
    // which the record was written or last held against its sum.
    "CREATE TABLE records(key INTEGER PRIMARY KEY, name TEXT NOT NULL, pack INTEGER NOT NULL, at "
    "INTEGER NOT NULL,"
    " length INTEGER NOT NULL, sum INTEGER NOT NULL, boot INTEGER NOT NULL, fetched INTEGER NOT "
    "NULL,"
    " max_age INTEGER NOT NULL, full_document INTEGER NOT NULL, etag TEXT NOT NULL, last_modified "
    "TEXT NOT NULL);"
    // size, time (mtime, ns), inode: of the file at the last commit.
    "CREATE TABLE packs(pack INTEGER PRIMARY KEY, size INTEGER NOT NULL DEFAULT 0,"
    " time INTEGER NOT NULL DEFAULT 0, inode INTEGER NOT NULL DEFAULT 0);"
    "INSERT INTO packs(pack) VALUES(1)"};
constexpr DatabaseFormat kFormat{0x686f644d, kMigrations};  // "hodM"
constexpr std::uint64_t kCompactFrom = std::uint64_t{64} << 20;
constexpr std::uint64_t kMostPadding = std::uint64_t{1} << 20;  // unused bytes that are let be

// A database that understands these is of our making.
constexpr const char* kSelect =
    "SELECT name, pack, at, length, sum, boot, fetched, max_age, full_document, etag, last_modified"
    " FROM records WHERE key = ?";
constexpr const char* kInsert =
    "INSERT OR REPLACE INTO records(key, name, pack, at, length, sum, boot, fetched, max_age,"
    " full_document, etag, last_modified) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kTouch = "UPDATE records SET fetched = ?, max_age = ? WHERE key = ?";
constexpr const char* kProved = "UPDATE records SET boot = ? WHERE key = ?";
constexpr const char* kPlaces = "SELECT key, pack, at, length FROM records";
constexpr const char* kMove = "UPDATE records SET pack = ?, at = ? WHERE key = ?";
constexpr const char* kLastPack = "SELECT max(pack) FROM packs";
constexpr const char* kStamp = "SELECT pack, size, time, inode FROM packs";
constexpr const char* kStamped = "UPDATE packs SET size = ?, time = ?, inode = ? WHERE pack = ?";
constexpr const char* kDoubt = "UPDATE records SET boot = 0 WHERE pack = ?";
constexpr const char* kLength = "SELECT total(length) FROM records";
constexpr const char* kAll = "SELECT name, pack, at, length, sum, key FROM records";
constexpr const char* kErase = "DELETE FROM records WHERE key = ?";
constexpr const char* kEraseOld = "DELETE FROM records WHERE fetched < ?";
constexpr const char* kStatements[] = {kSelect, kInsert,   kTouch,  kProved,  kPlaces,
                                       kMove,   kLastPack, kLength, kStamp,   kStamped,
                                       kDoubt,  kAll,      kErase,  kEraseOld};

std::uint64_t hash_of(std::string_view text) {
  return xxh3({reinterpret_cast<const std::byte*>(text.data()), text.size()});
}
std::int64_t signed_of(std::uint64_t value) { return static_cast<std::int64_t>(value); }

std::string text_of(const MetadataKey& key) {
  std::string text;
  text.reserve(key.registry.size() + key.identity.size() + key.name.size() + 3);
  for (const std::string* part : {&key.registry, &key.identity, &key.name}) {
    text += *part;
    text += '\0';
  }
  return text;
}

// The package's name in a row's.
std::string package_in(std::string_view text) {
  if (!text.empty() && text.back() == '\0') text.remove_suffix(1);
  return std::string(text.substr(text.rfind('\0') + 1));
}

struct Freshness {
  std::int64_t fetched;
  std::int64_t max_age;
};

// What the index says about a pack. One pack, unless a compaction was stopped.
Result<FileStamp> stamp_in(Database& index, std::int64_t pack) {
  HOD_TRY(Statement rows, index.prepare(kStamp));
  for (;;) {
    HOD_TRY(bool row, rows.step());
    if (!row) return FileStamp{};
    if (rows.integer(0) != pack) continue;
    return FileStamp{static_cast<std::uint64_t>(rows.integer(1)), rows.integer(2),
                     static_cast<std::uint64_t>(rows.integer(3))};
  }
}

}  // namespace

struct MetadataCache::State {
  explicit State(const std::string& root)
      : folder(root + "/metadata/v1"), boot(signed_of(hash_of(boot_id()))), pack(folder) {}

  const std::string folder;
  bool is_layer = false;         // only read
  std::unique_ptr<State> layer;  // below this one
  const std::int64_t boot;
  std::mutex mutex;  // of everything below
  RecordPack pack;
  std::unique_ptr<Database> reader, writer;
  std::optional<Statement> select;
  bool in_snapshot = false;  // one read transaction for many finds
  // Of the snapshot: the pack last read from and its stamp at the last commit.
  std::optional<std::pair<std::int64_t, FileStamp>> committed;
  std::unordered_map<std::string, CachedMetadata> queued;
  std::unordered_map<std::string, Freshness> touched;
  std::vector<std::int64_t> proved;  // keys of records of other boots that passed their sum

  std::string index() const { return folder + "/index.db"; }
  Result<void> open();
  Result<void> open_reader();
  Result<void> start_anew();
  void end_snapshot();
  Result<bool> select_row(std::int64_t key);
  std::optional<CachedMetadata> read(const std::string& text);
  std::optional<CachedMetadata> row_as_entry(std::int64_t key, const std::string& text);
  bool pack_is_as_written(std::int64_t number);
  Result<void> write();
  Result<void> doubt_changed_pack(std::int64_t pack_number);
  Result<void> write_stamp(std::int64_t pack_number);
  Result<void> write_records();
  Result<void> write_marks();
  enum class Compact : std::uint8_t { when_much_is_unused, when_anything_is };
  Result<void> compact(std::int64_t pack_number, Compact when);
  Result<void> change(const std::function<Result<void>()>& body, Compact when);
};

// ---- opening

Result<void> MetadataCache::State::open_reader() {
  HOD_TRY(reader, Database::open(index(), kFormat, is_layer ? Access::immutable : Access::read));
  HOD_TRY(Statement statement, reader->prepare(kSelect));
  select = std::move(statement);
  return {};
}

Result<void> MetadataCache::State::open() {
  Result<void> opened = open_reader();
  if (opened || opened.error().code() == ErrorCode::store_too_new) return opened;
  return start_anew();
}

Result<void> MetadataCache::State::start_anew() {
  select.reset();
  reader.reset();
  writer.reset();
  in_snapshot = false;
  committed.reset();
  bool was_there = file_exists(index()) || directory_exists(index());
  HOD_CHECK(make_directories(folder, 0700));
  if (was_there) {
    // An older format is brought forward; only what is damaged goes.
    Result<std::unique_ptr<Database>> sound = Database::open(index(), kFormat, Access::write);
    bool usable =
        sound && (*sound)->sound(kStatements) && (*sound)->number(kLastPack).value_or(0) > 0;
    if (!usable) {
      if (sound) sound->reset();
      HOD_CHECK(remove_tree(folder));
      HOD_CHECK(make_directories(folder, 0700));
    }
  }
  HOD_TRY(writer, Database::open(index(), kFormat, Access::write));
  return open_reader();
}

// ---- finding

void MetadataCache::State::end_snapshot() {
  if (in_snapshot) static_cast<void>(reader->run("COMMIT"));
  in_snapshot = false;
  committed.reset();
}

Result<bool> MetadataCache::State::select_row(std::int64_t key) {
  if (!in_snapshot) {
    HOD_CHECK(reader->run("BEGIN"));
    in_snapshot = true;
  }
  select->bind(1, key);
  return select->step();
}

std::optional<CachedMetadata> MetadataCache::State::read(const std::string& text) {
  std::int64_t key = signed_of(hash_of(text));
  Result<bool> row = select_row(key);
  if (!row) {
    if (reader->damaged() && !is_layer) static_cast<void>(start_anew());
    return std::nullopt;
  }
  std::optional<CachedMetadata> entry;
  if (*row) entry = row_as_entry(key, text);
  select->reset();
  return entry;
}

std::optional<CachedMetadata> MetadataCache::State::row_as_entry(std::int64_t key,
                                                                 const std::string& text) {
  if (select->text(0) != text) return std::nullopt;
  RecordPack::Place place{select->integer(1), static_cast<std::uint64_t>(select->integer(2)),
                          static_cast<std::uint64_t>(select->integer(3))};
  std::optional<RecordPack::Block> block = pack.read(place);
  if (!block) return std::nullopt;
  if (is_layer || select->integer(5) != boot || !pack_is_as_written(place.pack)) {
    if (signed_of(xxh3(block->bytes)) != select->integer(4)) return std::nullopt;
    if (!is_layer) proved.push_back(key);
  }
  Result<PackageMetadata> metadata =
      PackageMetadata::open(block->bytes, block->owner, RecordTrust::same_bytes);
  if (!metadata) return std::nullopt;
  return CachedMetadata{
      std::move(*metadata), std::string(select->text(9)), std::string(select->text(10)),
      select->integer(6),   select->integer(7),           select->integer(8) != 0};
}

bool MetadataCache::State::pack_is_as_written(std::int64_t number) {
  if (!committed || committed->first != number) {
    Result<FileStamp> stamp = stamp_in(*reader, number);
    if (!stamp) return false;
    committed = {number, *stamp};
  }
  return committed->second == pack.read_stamp();
}

// ---- writing

// What is recorded at the end of this transaction must not cover an edit of before.
Result<void> MetadataCache::State::doubt_changed_pack(std::int64_t pack_number) {
  HOD_TRY(FileStamp expected, stamp_in(*writer, pack_number));
  HOD_TRY(FileStamp found, pack.appended_stamp());
  if (expected == found) return {};
  HOD_TRY(Statement doubt, writer->prepare(kDoubt));
  doubt.bind(1, pack_number);
  return doubt.run();
}

Result<void> MetadataCache::State::write_stamp(std::int64_t pack_number) {
  HOD_TRY(FileStamp stamp, pack.appended_stamp());
  HOD_TRY(Statement stamped, writer->prepare(kStamped));
  stamped.bind(1, static_cast<std::int64_t>(stamp.size));
  stamped.bind(2, stamp.mtime_ns);
  stamped.bind(3, static_cast<std::int64_t>(stamp.inode));
  stamped.bind(4, pack_number);
  return stamped.run();
}

Result<void> MetadataCache::State::write_records() {
  HOD_TRY(Statement insert, writer->prepare(kInsert));
  for (const auto& [text, entry] : queued) {
    std::span<const std::byte> bytes = entry.metadata.bytes();
    HOD_TRY(RecordPack::Place place, pack.append(bytes));
    insert.bind(1, signed_of(hash_of(text)));
    insert.bind_text(2, text);
    insert.bind(3, place.pack);
    insert.bind(4, static_cast<std::int64_t>(place.at));
    insert.bind(5, static_cast<std::int64_t>(place.length));
    insert.bind(6, signed_of(xxh3(bytes)));
    insert.bind(7, boot);
    insert.bind(8, entry.fetched);
    insert.bind(9, entry.max_age);
    insert.bind(10, entry.full_document ? 1 : 0);
    insert.bind_text(11, entry.etag);
    insert.bind_text(12, entry.last_modified);
    HOD_CHECK(insert.run());
  }
  return {};
}

Result<void> MetadataCache::State::write_marks() {
  HOD_TRY(Statement fresh, writer->prepare(kTouch));
  for (const auto& [text, freshness] : touched) {
    fresh.bind(1, freshness.fetched);
    fresh.bind(2, freshness.max_age);
    fresh.bind(3, signed_of(hash_of(text)));
    HOD_CHECK(fresh.run());
  }
  HOD_TRY(Statement good, writer->prepare(kProved));
  for (std::int64_t key : proved) {
    good.bind(1, boot);
    good.bind(2, key);
    HOD_CHECK(good.run());
  }
  return {};
}

// When most of the pack is records that were replaced: copies the others into the next one.
Result<void> MetadataCache::State::compact(std::int64_t pack_number, Compact when) {
  HOD_TRY(std::int64_t live, writer->number(kLength));
  const auto used = static_cast<std::uint64_t>(live);
  const bool worth_it = when == Compact::when_anything_is
                            ? used + kMostPadding < pack.size()
                            : pack.size() >= kCompactFrom && used <= pack.size() / 2;
  if (!worth_it) return {};
  std::int64_t next = pack_number + 1;
  HOD_CHECK(pack.start(next));
  HOD_TRY(Statement all, writer->prepare(kPlaces));
  HOD_TRY(Statement move, writer->prepare(kMove));
  std::map<std::int64_t, RecordPack::Place> places;
  for (;;) {
    HOD_TRY(bool row, all.step());
    if (!row) break;
    places[all.integer(0)] = {all.integer(1), static_cast<std::uint64_t>(all.integer(2)),
                              static_cast<std::uint64_t>(all.integer(3))};
  }
  all.reset();
  for (const auto& [key, place] : places) {
    std::optional<RecordPack::Block> block = pack.read(place);
    if (!block) continue;
    HOD_TRY(RecordPack::Place moved, pack.append(block->bytes));
    move.bind(1, moved.pack);
    move.bind(2, static_cast<std::int64_t>(moved.at));
    move.bind(3, key);
    HOD_CHECK(move.run());
  }
  std::string number = std::to_string(next);
  std::string change = "DELETE FROM records WHERE pack <> " + number +
                       "; DELETE FROM packs; INSERT INTO packs(pack) VALUES(" + number + ")";
  HOD_CHECK(writer->run(change.c_str()));
  return write_stamp(next);
}

// One transaction that ends with the pack's new stamp.
Result<void> MetadataCache::State::change(const std::function<Result<void>()>& body, Compact when) {
  if (!writer) {
    HOD_TRY(writer, Database::open(index(), kFormat, Access::write));
  }
  std::int64_t before = 0;
  HOD_CHECK(writer->transaction([&]() -> Result<void> {
    HOD_TRY(before, writer->number(kLastPack));
    HOD_CHECK(pack.start(before));
    HOD_CHECK(doubt_changed_pack(before));
    HOD_CHECK(body());
    HOD_CHECK(write_stamp(before));
    return compact(before, when);
  }));
  pack.finish();
  HOD_TRY(std::int64_t after, writer->number(kLastPack));
  if (after != before) pack.remove(before);
  return {};
}

Result<void> MetadataCache::State::write() {
  return change(
      [this]() -> Result<void> {
        HOD_CHECK(write_records());
        return write_marks();
      },
      Compact::when_much_is_unused);
}

// ---- the face

MetadataCache::MetadataCache(std::unique_ptr<State> state) : state_(std::move(state)) {}
MetadataCache::~MetadataCache() = default;

Result<std::unique_ptr<MetadataCache>> MetadataCache::open(const std::string& root,
                                                           CacheOwner owner,
                                                           const std::string& layer) {
  HOD_CHECK(check_cache_root(root, owner));
  auto state = std::make_unique<State>(root);
  HOD_CHECK(state->open());
  if (!layer.empty()) {
    auto below = std::make_unique<State>(layer);
    below->is_layer = true;
    // What cannot be read (absent, another format) has nothing to offer.
    if (below->open_reader()) state->layer = std::move(below);
  }
  return std::unique_ptr<MetadataCache>(new MetadataCache(std::move(state)));
}

std::optional<CachedMetadata> MetadataCache::find(const MetadataKey& key) {
  std::lock_guard lock(state_->mutex);
  std::string text = text_of(key);
  auto waiting = state_->queued.find(text);
  if (waiting != state_->queued.end()) return waiting->second;
  std::optional<CachedMetadata> entry = state_->read(text);
  if (!entry && state_->layer) return state_->layer->read(text);
  auto touched = state_->touched.find(text);
  if (entry && touched != state_->touched.end()) {
    entry->fetched = touched->second.fetched;
    entry->max_age = touched->second.max_age;
  }
  return entry;
}

void MetadataCache::put(const MetadataKey& key, CachedMetadata entry) {
  std::lock_guard lock(state_->mutex);
  std::string text = text_of(key);
  state_->touched.erase(text);
  state_->queued.insert_or_assign(std::move(text), std::move(entry));
}

void MetadataCache::touch(const MetadataKey& key, std::int64_t fetched, std::int64_t max_age) {
  std::lock_guard lock(state_->mutex);
  std::string text = text_of(key);
  auto waiting = state_->queued.find(text);
  // What the registry has confirmed becomes ours: nothing can be noted in the layer.
  if (waiting == state_->queued.end() && state_->layer && !state_->read(text)) {
    if (std::optional<CachedMetadata> entry = state_->layer->read(text))
      waiting = state_->queued.emplace(text, std::move(*entry)).first;
  }
  if (waiting != state_->queued.end()) {
    waiting->second.fetched = fetched;
    waiting->second.max_age = max_age;
  } else {
    state_->touched.insert_or_assign(std::move(text), Freshness{fetched, max_age});
  }
}

Result<void> MetadataCache::flush() {
  std::lock_guard lock(state_->mutex);
  State& state = *state_;
  if (state.queued.empty() && state.touched.empty() && state.proved.empty()) return {};
  state.end_snapshot();
  Result<void> written = state.write();
  if (!written && state.writer && state.writer->damaged()) {
    HOD_CHECK(state.start_anew());
    written = state.write();
  }
  if (!written) return written;
  state.queued.clear();
  state.touched.clear();
  state.proved.clear();
  return {};
}

// ---- upkeep

Result<MetadataSize> MetadataCache::size() {
  const std::lock_guard lock(state_->mutex);
  state_->end_snapshot();
  HOD_TRY(const std::int64_t records, state_->reader->number("SELECT count(*) FROM records"));
  HOD_TRY(const std::int64_t bytes, state_->reader->number(kLength));
  return MetadataSize{static_cast<std::size_t>(records), static_cast<std::uint64_t>(bytes)};
}

Result<MetadataSurvey> MetadataCache::survey(bool repair) {
  const std::lock_guard lock(state_->mutex);
  State& state = *state_;
  state.end_snapshot();
  MetadataSurvey survey;
  std::vector<std::int64_t> damaged;
  {
    HOD_TRY(Statement rows, state.reader->prepare(kAll));
    for (;;) {
      HOD_TRY(const bool row, rows.step());
      if (!row) break;
      ++survey.records;
      const std::optional<RecordPack::Block> block =
          state.pack.read({rows.integer(1), static_cast<std::uint64_t>(rows.integer(2)),
                           static_cast<std::uint64_t>(rows.integer(3))});
      if (block && signed_of(xxh3(block->bytes)) == rows.integer(4)) continue;
      damaged.push_back(rows.integer(5));
      survey.damaged.push_back(package_in(rows.text(0)));
    }
  }
  if (!repair || damaged.empty()) return survey;
  HOD_CHECK(state.change(
      [&]() -> Result<void> {
        HOD_TRY(Statement erase, state.writer->prepare(kErase));
        for (const std::int64_t key : damaged) {
          erase.bind(1, key);
          HOD_CHECK(erase.run());
        }
        return {};
      },
      State::Compact::when_much_is_unused));
  return survey;
}

Result<std::size_t> MetadataCache::collect(std::int64_t oldest) {
  const std::lock_guard lock(state_->mutex);
  State& state = *state_;
  state.end_snapshot();
  std::int64_t removed = 0;
  HOD_CHECK(state.change(
      [&]() -> Result<void> {
        HOD_TRY(Statement erase, state.writer->prepare(kEraseOld));
        erase.bind(1, oldest);
        HOD_CHECK(erase.run());
        HOD_TRY(removed, state.writer->number("SELECT changes()"));
        return {};
      },
      State::Compact::when_anything_is));
  HOD_CHECK(state.writer->fold());
  return static_cast<std::size_t>(removed);
}

}  // namespace hod::cache
