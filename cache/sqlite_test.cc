// SPDX-License-Identifier: MIT
#include "cache/sqlite.h"

#include <cstdlib>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "cache/test_folder.h"
#include "core/base/file.h"

using namespace hod;
using namespace hod::cache;

namespace {

constexpr const char* kFirst[] = {"CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, data BLOB)"};
constexpr const char* kSecond[] = {kFirst[0], "ALTER TABLE t ADD COLUMN extra INTEGER DEFAULT 7"};
constexpr DatabaseFormat kFormat{0x686f6454, kFirst};
constexpr DatabaseFormat kLaterFormat{0x686f6454, kSecond};

std::unique_ptr<Database> writable(const TestFolder& folder) {
  return must(Database::open(folder.path("x.db"), kFormat, Access::write));
}

}  // namespace

TEST_CASE("rows come back as they went in, with zero bytes and empty values") {
  TestFolder folder;
  auto database = writable(folder);
  Statement insert = must(database->prepare("INSERT INTO t(id, name, data) VALUES(?, ?, ?)"));
  std::string blob("a\0b", 3);
  must(database->transaction([&]() -> Result<void> {
    insert.bind(1, 42);
    insert.bind_text(2, "name");
    insert.bind_blob(3, blob);
    HOD_CHECK(insert.run());
    insert.bind(1, 43);
    insert.bind_text(2, {});
    insert.bind_blob(3, {});
    return insert.run();
  }));
  auto reader = must(Database::open(folder.path("x.db"), kFormat, Access::read));
  Statement select = must(reader->prepare("SELECT id, name, data FROM t ORDER BY id"));
  REQUIRE(must(select.step()));
  CHECK(select.integer(0) == 42);
  CHECK(select.text(1) == "name");
  CHECK(select.blob(2) == blob);
  REQUIRE(must(select.step()));
  CHECK(select.text(1).empty());
  CHECK(select.blob(2).empty());
  CHECK_FALSE(must(select.step()));
  CHECK_FALSE(reader->run("DELETE FROM t").has_value());
}

TEST_CASE("a transaction whose body fails leaves nothing") {
  TestFolder folder;
  auto database = writable(folder);
  Result<void> failed = database->transaction([&]() -> Result<void> {
    HOD_CHECK(database->run("INSERT INTO t(name) VALUES('x')"));
    return failure(ErrorCode::internal, "no");
  });
  CHECK_FALSE(failed.has_value());
  CHECK(must(database->number("SELECT count(*) FROM t")) == 0);
  must(database->transaction([&] { return database->run("INSERT INTO t(name) VALUES('x')"); }));
  CHECK(must(database->number("SELECT count(*) FROM t")) == 1);
}

TEST_CASE("an old format is brought to the new one, a newer one is refused") {
  TestFolder folder;
  must(writable(folder)->run("INSERT INTO t(name) VALUES('x')"));
  {
    Result<std::unique_ptr<Database>> reader =
        Database::open(folder.path("x.db"), kLaterFormat, Access::read);
    CHECK_FALSE(reader.has_value());  // a reader changes nothing
  }
  auto later = must(Database::open(folder.path("x.db"), kLaterFormat, Access::write));
  CHECK(must(later->number("SELECT extra FROM t")) == 7);
  Result<std::unique_ptr<Database>> older =
      Database::open(folder.path("x.db"), kFormat, Access::write);
  REQUIRE_FALSE(older.has_value());
  CHECK(older.error().code() == ErrorCode::store_too_new);
}

TEST_CASE("a file that is no database of ours is refused as such") {
  TestFolder folder;
  must(write_file_atomic(folder.path("x.db"), std::string(5000, 'x'), Durable::no));
  Result<std::unique_ptr<Database>> garbage =
      Database::open(folder.path("x.db"), kFormat, Access::write);
  REQUIRE_FALSE(garbage.has_value());
  CHECK(garbage.error().code() == ErrorCode::cache_refused);

  TestFolder other;
  writable(other).reset();
  constexpr DatabaseFormat kForeign{1234, kFirst};
  Result<std::unique_ptr<Database>> foreign =
      Database::open(other.path("x.db"), kForeign, Access::write);
  REQUIRE_FALSE(foreign.has_value());
  CHECK(foreign.error().code() == ErrorCode::cache_refused);

  TestFolder nothing;
  CHECK_FALSE(Database::open(nothing.path("x.db"), kFormat, Access::read).has_value());
}

TEST_CASE("several connections make one database at once and all write") {
  TestFolder folder;
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      auto database = writable(folder);
      for (int n = 0; n < 20; ++n) {
        must(database->transaction(
            [&] { return database->run("INSERT INTO t(name) VALUES('x')"); }));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(must(writable(folder)->number("SELECT count(*) FROM t")) == 120);
}
