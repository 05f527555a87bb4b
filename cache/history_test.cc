// SPDX-License-Identifier: MIT
#include "cache/history.h"

#include <filesystem>

#include <doctest/doctest.h>

#include "cache/test_folder.h"

using namespace hod;
using namespace hod::cache;

namespace {

HistoryContent content_of(const std::string& lockfile) {
  return {lockfile, {{"package.json", "{\n}\n"}, {"web/package.json", "{\"name\":\"" + lockfile}}};
}

HistoryEntry entry_of(const std::string& command) {
  HistoryEntry entry;
  entry.time = 1'700'000'000;
  entry.command = command;
  entry.changes = {{"a", "", "1.0.0"}, {"b", "1.0.0", ""}};
  return entry;
}

std::string the_file(const TestFolder& cache, const std::string& name) {
  for (const auto& folder : std::filesystem::directory_iterator(cache.path("history/v1")))
    return folder.path().string() + "/" + name;
  return "";
}

}  // namespace

TEST_CASE("states are kept in order and read back as they were") {
  TestFolder cache;
  {
    History history = History::open(cache.path(), "/p");
    CHECK(history.entries().empty());
    CHECK(history.current() == nullptr);
    must(history.add(entry_of("install"), content_of("one")));
    must(history.add(entry_of("add b"), content_of("two\nlines")));
  }
  const History history = History::open(cache.path(), "/p");
  REQUIRE(history.entries().size() == 2);
  REQUIRE(history.current() != nullptr);
  const HistoryEntry& last = *history.current();
  CHECK(last.id == 2);
  CHECK(last.before == 1);
  CHECK(last.command == "add b");
  CHECK(last.time == 1'700'000'000);
  CHECK(last.changes == entry_of("").changes);
  CHECK(last.change_count == 2);
  CHECK(last.lock_digest == History::digest_of_lock("two\nlines"));
  CHECK(must(history.content(last)) == content_of("two\nlines"));
  CHECK(must(history.content(*history.find(1))) == content_of("one"));
  CHECK(History::open(cache.path(), "/other").entries().empty());
}

TEST_CASE("after going back, the next state comes after the one that was put back") {
  TestFolder cache;
  History history = History::open(cache.path(), "/p");
  for (const char* lock : {"one", "two", "three"})
    must(history.add(entry_of("install"), content_of(lock)));
  must(history.set_current(1));
  CHECK(History::open(cache.path(), "/p").current()->id == 1);
  must(history.add(entry_of("add"), content_of("four")));
  CHECK(history.current()->id == 4);
  CHECK(history.current()->before == 1);
}

TEST_CASE("a history is bounded, with its files") {
  TestFolder cache;
  History history = History::open(cache.path(), "/p");
  HistoryEntry many = entry_of("install");
  for (std::size_t i = 0; i < 4 * History::kMostChanges; ++i)
    many.changes.push_back({"c", "", "1"});
  for (std::size_t i = 0; i < History::kMost + 5; ++i)
    must(history.add(many, content_of(std::to_string(i))));
  history = History::open(cache.path(), "/p");
  CHECK(history.entries().size() == History::kMost);
  CHECK(history.entries().front().id == 6);
  CHECK(history.find(5) == nullptr);
  CHECK(history.current()->changes.size() == History::kMostChanges);
  CHECK(history.current()->change_count == 4 * History::kMostChanges + 2);
  const auto files = std::filesystem::directory_iterator(
      std::filesystem::path(the_file(cache, "x")).parent_path());
  CHECK(std::distance(begin(files), end(files)) == History::kMost + 1);
}

TEST_CASE("what was cut or changed is not taken for a state") {
  TestFolder cache;
  History history = History::open(cache.path(), "/p");
  must(history.add(entry_of("install"), content_of("one")));
  for (const char* damage : {"", "3 \none", "9999 \none"}) {
    must(write_file_atomic(the_file(cache, "1"), damage, Durable::no));
    const auto read = history.content(*history.current());
    REQUIRE_FALSE(read);
    CHECK(read.error().code() == ErrorCode::cache_refused);
  }
  for (const char* damage : {"", "{", "[]", R"({"project":"/p","entries":[{"id":"x"},7,null]})"}) {
    must(write_file_atomic(the_file(cache, "index.json"), damage, Durable::no));
    history = History::open(cache.path(), "/p");
    CHECK(history.entries().empty());
    must(history.add(entry_of("install"), content_of("again")));
    CHECK(must(history.content(*history.current())) == content_of("again"));
  }
}

TEST_CASE("histories of projects that are gone are forgotten when many have gathered") {
  TestFolder cache;
  must(make_directories(cache.path("alive")));
  History alive = History::open(cache.path(), cache.path("alive"));
  must(alive.add(entry_of("install"), content_of("one")));
  for (int i = 0; i < 70; ++i) {
    History gone = History::open(cache.path(), cache.path("gone") + std::to_string(i));
    must(gone.add(entry_of("install"), content_of("one")));
  }
  const auto kept = std::filesystem::directory_iterator(cache.path("history/v1"));
  CHECK(std::distance(begin(kept), end(kept)) < 20);
  CHECK(History::open(cache.path(), cache.path("alive")).entries().size() == 1);
}
