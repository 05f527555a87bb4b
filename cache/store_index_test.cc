// SPDX-License-Identifier: MIT
#include "cache/store_index.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <span>

#include <doctest/doctest.h>

#include "cache/hash.h"
#include "cache/sqlite.h"
#include "cache/store_entry.h"
#include "cache/test_folder.h"

using namespace hod;
using namespace hod::cache;

namespace {

StoredPackagePtr package_number(int number) {
  auto package = std::make_shared<StoredPackage>();
  package->digest.bytes = digest_of(DigestAlgorithm::sha512, std::to_string(number));
  package->manifest_name = "package-" + std::to_string(number);
  package->manifest_version = "1.0.0";
  package->boot_id = "boot";
  for (int i = 0; i < 20; ++i) {
    package->files.push_back({"lib/file-" + std::to_string(i + 10), false, 1, 2, 3, 4});
  }
  return package;
}

std::vector<StoredPackagePtr> all_found(StoreIndex& index, int count) {
  std::vector<TarballDigest> digests;
  for (int i = 0; i < count; ++i) digests.push_back(package_number(i)->digest);
  return must(index.find(digests));
}

// A cache with `count` packages in its index, and their lists where `lists`.
void fill(const StoreLayout& layout, int count, bool lists) {
  auto index = must(StoreIndex::open(layout));
  for (int i = 0; i < count; ++i) {
    StoredPackagePtr package = package_number(i);
    if (lists) {
      std::string list = layout.list(package->digest);
      must(make_directories(list.substr(0, list.rfind('/'))));
      must(write_file_atomic(list, encode_entry(*package), Durable::no));
    }
    index->put(package);
  }
  must(index->flush());
}

// The index's database, as somebody else would open it.
std::unique_ptr<Database> plain_database(const StoreLayout& layout,
                                         std::span<const char* const> migrations) {
  return must(Database::open(layout.index(), {0x686f6453, migrations}, Access::write));
}

constexpr const char* kAsItIs[] = {"", ""};
constexpr const char* kLater[] = {"", "", "CREATE TABLE later(x)"};
// Format 1, as the first hod made it.
constexpr const char* kFirst[] = {
    "CREATE TABLE packages(key INTEGER PRIMARY KEY, used INTEGER NOT NULL, boot TEXT NOT NULL, "
    "entry BLOB NOT NULL);"
    "CREATE TABLE digests(digest BLOB PRIMARY KEY, tarball BLOB NOT NULL)"};

// So that everything stands in the database itself.
void fold_wal(const StoreLayout& layout) {
  must(plain_database(layout, kAsItIs)->run("PRAGMA wal_checkpoint(TRUNCATE)"));
}

}  // namespace

TEST_CASE("rows are found when queued, when written, and in the order asked") {
  TestFolder folder;
  StoreLayout layout = must(StoreLayout::open(folder.path("cache"), CacheOwner::check));
  auto index = must(StoreIndex::open(layout));
  index->put(package_number(1));
  index->put(package_number(3));
  for (int round = 0; round < 2; ++round) {
    std::vector<StoredPackagePtr> found = all_found(*index, 5);
    CHECK(found[0] == nullptr);
    REQUIRE(found[1] != nullptr);
    CHECK(found[1]->manifest_name == "package-1");
    CHECK(found[1]->files.size() == 20);
    CHECK(found[2] == nullptr);
    REQUIRE(found[3] != nullptr);
    CHECK(found[3]->manifest_name == "package-3");
    must(index->flush());
  }
  must(index->remove(package_number(3)->digest));
  CHECK(all_found(*index, 5)[3] == nullptr);
  CHECK(all_found(*index, 5)[1] != nullptr);
}

TEST_CASE("a row of another package with the same key is a miss") {
  TestFolder folder;
  StoreLayout layout = must(StoreLayout::open(folder.path("cache"), CacheOwner::check));
  auto index = must(StoreIndex::open(layout));
  index->put(package_number(1));
  must(index->flush());
  TarballDigest alike = package_number(1)->digest;
  alike.bytes[63] = static_cast<char>(alike.bytes[63] ^ 1);
  CHECK(must(index->find({&alike, 1}))[0] == nullptr);
}

TEST_CASE("a store of a later format is refused by name, and left alone") {
  TestFolder folder;
  StoreLayout layout = must(StoreLayout::open(folder.path("cache"), CacheOwner::check));
  fill(layout, 3, true);
  plain_database(layout, kLater).reset();
  Result<std::unique_ptr<StoreIndex>> refused = StoreIndex::open(layout);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code() == ErrorCode::store_too_new);
  CHECK(file_exists(layout.index()));
}

TEST_CASE("T-CACHE-10 a database that is no database is made anew from the lists") {
  TestFolder folder;
  StoreLayout layout = must(StoreLayout::open(folder.path("cache"), CacheOwner::check));
  fill(layout, 30, true);
  must(write_file_atomic(layout.list(package_number(5)->digest), "damaged", Durable::no));
  must(remove_tree(layout.index() + "-wal"));
  must(remove_tree(layout.index() + "-shm"));
  must(write_file_atomic(layout.index(), std::string(20'000, 'x'), Durable::no));
  auto index = must(StoreIndex::open(layout));
  std::vector<StoredPackagePtr> found = all_found(*index, 30);
  for (int i = 0; i < 30; ++i) {
    CAPTURE(i);
    CHECK((found[static_cast<std::size_t>(i)] == nullptr) == (i == 5));
  }
  CHECK(found[0]->boot_id.empty());  // so that its files are proved before use
}

TEST_CASE(
    "T-CACHE-10 an absent, empty or cut database is no hindrance, nor a folder in its place") {
  for (int scene = 0; scene < 5; ++scene) {
    CAPTURE(scene);
    TestFolder folder;
    StoreLayout layout = must(StoreLayout::open(folder.path("cache"), CacheOwner::check));
    fill(layout, 30, true);
    fold_wal(layout);
    std::string bytes = must(read_file(layout.index()));
    must(remove_tree(layout.index() + "-wal"));
    must(remove_tree(layout.index() + "-shm"));
    must(remove_tree(layout.index()));
    if (scene == 1) must(write_file_atomic(layout.index(), "", Durable::no));
    if (scene == 2)
      must(write_file_atomic(layout.index(), bytes.substr(0, bytes.size() / 2), Durable::no));
    if (scene == 3) must(make_directories(layout.index(), 0700));
    if (scene == 4) {
      must(write_file_atomic(layout.index(), bytes, Durable::no));
      must(make_directories(layout.index() + "-wal", 0700));
    }
    auto index = must(StoreIndex::open(layout));
    for (const StoredPackagePtr& package : all_found(*index, 30)) {
      if (package) CHECK(package->files.size() == 20);
    }
    index->put(package_number(1));
    must(index->flush());
    CHECK(all_found(*index, 2)[1] != nullptr);
  }
}

TEST_CASE("T-CACHE-10 bytes flipped in each page lose packages at most, never change them") {
  TestFolder folder;
  StoreLayout layout = must(StoreLayout::open(folder.path("cache"), CacheOwner::check));
  constexpr int kPackages = 40;
  fill(layout, kPackages, true);
  fold_wal(layout);
  std::string sound = must(read_file(layout.index()));
  std::mt19937 random(5);
  constexpr std::size_t kPage = 4096;
  for (std::size_t page = 0; page * kPage < sound.size(); ++page) {
    for (int round = 0; round < 3; ++round) {
      std::string bytes = sound;
      for (int flips = 0; flips < 1 + round * 20; ++flips) {
        std::size_t at = page * kPage + random() % std::min(kPage, sound.size() - page * kPage);
        bytes[at] = static_cast<char>(random());
      }
      must(remove_tree(layout.index() + "-wal"));
      must(remove_tree(layout.index() + "-shm"));
      must(write_file_atomic(layout.index(), bytes, Durable::no));
      Result<std::unique_ptr<StoreIndex>> index = StoreIndex::open(layout);
      if (!index) {
        // The only refusal that a flipped byte can bring about: a version number that looks later.
        CHECK(index.error().code() == ErrorCode::store_too_new);
        continue;
      }
      for (const StoredPackagePtr& package : all_found(**index, kPackages)) {
        if (!package) continue;
        bool same = package->files.size() == 20 && package->manifest_name.starts_with("package-");
        if (!same) FAIL("a damaged row was given out");
      }
      (*index)->put(package_number(7));
      must((*index)->flush());
      CHECK(all_found(**index, 8)[7] != nullptr);
    }
  }
}

TEST_CASE("two indexes of one store see each other's rows") {
  TestFolder folder;
  StoreLayout layout = must(StoreLayout::open(folder.path("cache"), CacheOwner::check));
  auto first = must(StoreIndex::open(layout));
  auto second = must(StoreIndex::open(layout));
  first->put(package_number(0));
  must(first->flush());
  CHECK(all_found(*second, 1)[0] != nullptr);
  second->put(package_number(1));
  must(second->flush());
  CHECK(all_found(*first, 2)[1] != nullptr);
  CHECK(must(first->find_other(DigestAlgorithm::sha1, "x")) == nullptr);
  second->put_other(DigestAlgorithm::sha1, "x", package_number(1)->digest);
  must(second->flush());
  CHECK(must(first->find_other(DigestAlgorithm::sha1, "x"))->manifest_name == "package-1");
}

TEST_CASE("an index of format 1 is brought forward: its packages are found, and proved anew") {
  TestFolder folder;
  StoreLayout layout = must(StoreLayout::open(folder.path("cache"), CacheOwner::check));
  must(make_directories(layout.packages()));
  const StoredPackagePtr package = package_number(1);
  {
    auto first = plain_database(layout, kFirst);
    std::int64_t key = 0;
    std::memcpy(&key, package->digest.bytes.data(), sizeof key);
    key = static_cast<std::int64_t>(static_cast<std::uint64_t>(key) >> 1);
    Statement insert = must(first->prepare("INSERT INTO packages VALUES(?, 20000, 'boot', ?)"));
    const std::string entry = encode_entry(*package);
    insert.bind(1, key);
    insert.bind_blob(2, entry);
    must(insert.run());
    must(first->run("INSERT INTO digests VALUES(x'73', x'00')"));
  }
  {
    auto index = must(StoreIndex::open(layout));
    const StoredPackagePtr found = all_found(*index, 2)[1];
    REQUIRE(found != nullptr);
    CHECK(found->files.size() == 20);
    CHECK(found->boot_id.empty());
    index->put_proof(package);
    must(index->flush());
    CHECK(all_found(*index, 2)[1]->boot_id == "boot");
  }
  CHECK(must(plain_database(layout, kAsItIs)->number("PRAGMA user_version")) == 2);
  const Result<std::unique_ptr<Database>> older =
      Database::open(layout.index(), {0x686f6453, kFirst}, Access::write);
  REQUIRE_FALSE(older.has_value());
  CHECK(older.error().code() == ErrorCode::store_too_new);
}

TEST_CASE("T-CACHE-01 a package not proved for a month counts as never proved") {
  TestFolder folder;
  StoreLayout layout = must(StoreLayout::open(folder.path("cache"), CacheOwner::check));
  fill(layout, 2, false);
  must(plain_database(layout, kAsItIs)->run("UPDATE packages SET proved = proved - 30"));
  CHECK(all_found(*must(StoreIndex::open(layout)), 1)[0]->boot_id == "boot");
  must(plain_database(layout, kAsItIs)->run("UPDATE packages SET proved = proved - 1"));
  auto index = must(StoreIndex::open(layout));
  CHECK(all_found(*index, 1)[0]->boot_id.empty());
  index->put_proof(package_number(0));
  must(index->flush());
  CHECK(all_found(*index, 1)[0]->boot_id == "boot");
}

TEST_CASE("the day of use is written with the next flush, a proof does not change it") {
  TestFolder folder;
  StoreLayout layout = must(StoreLayout::open(folder.path("cache"), CacheOwner::check));
  fill(layout, 2, false);
  must(plain_database(layout, kAsItIs)->run("UPDATE packages SET used = 5"));
  const auto used_days = [&](StoreIndex& index) {
    std::vector<std::int64_t> days;
    for (const IndexRow& row : must(index.rows_after(-1, 10))) days.push_back(row.used);
    return days;
  };
  auto index = must(StoreIndex::open(layout));
  index->put_proof(package_number(0));
  index->put_proof(package_number(1));
  must(index->flush());
  CHECK(used_days(*index) == std::vector<std::int64_t>{5, 5});
  REQUIRE(all_found(*index, 1)[0] != nullptr);
  CHECK(used_days(*index) == std::vector<std::int64_t>{5, 5});
  must(index->flush());
  std::vector<std::int64_t> days = used_days(*index);
  std::sort(days.begin(), days.end());
  CHECK(days[0] == 5);
  CHECK(days[1] > 20'000);
}

TEST_CASE("rows are walked in pages, removed together, and facts are kept beside them") {
  TestFolder folder;
  StoreLayout layout = must(StoreLayout::open(folder.path("cache"), CacheOwner::check));
  fill(layout, 7, false);
  auto index = must(StoreIndex::open(layout));
  index->put_other(DigestAlgorithm::sha1, "x", package_number(1)->digest);
  must(index->flush());
  std::vector<IndexRow> all;
  for (std::int64_t last = -1;;) {
    const std::vector<IndexRow> rows = must(index->rows_after(last, 3));
    if (rows.empty()) break;
    CHECK(rows.size() <= 3);
    all.insert(all.end(), rows.begin(), rows.end());
    last = rows.back().key;
  }
  CHECK(all.size() == 7);
  must(index->remove_rows(all));
  CHECK(must(index->rows_after(-1, 10)).empty());
  CHECK(must(index->find_other(DigestAlgorithm::sha1, "x")) == nullptr);
  CHECK(must(index->fact("a")) == 0);
  must(index->set_fact("a", 42));
  must(index->set_fact("a", 43));
  CHECK(must(index->fact("a")) == 43);
  CHECK(must(index->sound()));
  must(index->fold());
  CHECK(must(read_file(layout.index() + "-wal")).empty());
}
