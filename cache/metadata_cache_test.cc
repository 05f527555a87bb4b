// SPDX-License-Identifier: MIT
#include "cache/metadata_cache.h"

#include <random>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/sqlite.h"
#include "cache/test_folder.h"
#include "core/base/io.h"

using namespace hod;
using namespace hod::cache;

namespace {

const MetadataKey kKey{"https://registry.example/", "", "a"};

CachedMetadata entry_of(const std::string& name, const std::string& version, std::size_t bulk = 0) {
  PackageMetadataBuilder builder(name);
  VersionFacts facts;
  facts.version = version;
  facts.tarball = "https://registry.example/" + std::string(bulk, 'x') + ".tgz";
  builder.add_version(std::move(facts));
  CachedMetadata entry{make_package_metadata(std::move(builder)),
                       "\"etag\"",
                       "Mon, 01 Jan 2024 00:00:00 GMT",
                       1000,
                       300,
                       true};
  return entry;
}

std::string version_in(const std::optional<CachedMetadata>& entry) {
  return entry ? std::string(entry->metadata.version_text(0)) : "<nothing>";
}

// Changes the only record's bytes or its row behind the cache's back.
void change_row(const TestFolder& folder, const char* sql) {
  constexpr const char* kMigrations[] = {""};
  auto database = must(Database::open(folder.path("cache/metadata/v1/index.db"),
                                      {0x686f644d, kMigrations}, Access::write));
  must(database->run(sql));
}

void overwrite_records(const TestFolder& folder, std::size_t at, std::string_view bytes) {
  Fd fd(io::open(folder.path("cache/metadata/v1/records-1").c_str(), O_WRONLY));
  REQUIRE(::pwrite(fd.get(), bytes.data(), bytes.size(), static_cast<off_t>(at)) ==
          static_cast<ssize_t>(bytes.size()));
}

}  // namespace

TEST_CASE("what is put is found at once, after flush and by another cache") {
  TestFolder folder;
  {
    auto cache = must(MetadataCache::open(folder.path("cache")));
    CHECK(version_in(cache->find(kKey)) == "<nothing>");
    cache->put(kKey, entry_of("a", "1.0.0"));
    CHECK(version_in(cache->find(kKey)) == "1.0.0");
    must(cache->flush());
    CHECK(version_in(cache->find(kKey)) == "1.0.0");
    cache->put(kKey, entry_of("a", "2.0.0"));
    must(cache->flush());
    CHECK(version_in(cache->find(kKey)) == "2.0.0");
  }
  auto cache = must(MetadataCache::open(folder.path("cache")));
  std::optional<CachedMetadata> entry = cache->find(kKey);
  CHECK(version_in(entry) == "2.0.0");
  CHECK(entry->etag == "\"etag\"");
  CHECK(entry->last_modified == "Mon, 01 Jan 2024 00:00:00 GMT");
  CHECK(entry->fetched == 1000);
  CHECK(entry->max_age == 300);
  CHECK(entry->full_document);
  must(cache->flush());
}

TEST_CASE("a record outlives the cache it came from") {
  TestFolder folder;
  std::optional<CachedMetadata> entry;
  {
    auto cache = must(MetadataCache::open(folder.path("cache")));
    cache->put(kKey, entry_of("a", "1.0.0"));
    must(cache->flush());
    cache = must(MetadataCache::open(folder.path("cache")));
    entry = cache->find(kKey);
  }
  must(remove_tree(folder.path("cache")));
  CHECK(version_in(entry) == "1.0.0");
}

TEST_CASE("T-CACHE-03 registry, identity and name tell records apart, whatever they run into") {
  TestFolder folder;
  auto cache = must(MetadataCache::open(folder.path("cache")));
  const MetadataKey keys[] = {
      {"https://registry.example/", "", "a"},    {"https://other.example/", "", "a"},
      {"https://registry.example/", "id1", "a"}, {"https://registry.example/", "id2", "a"},
      {"https://registry.example/", "", "b"},    {"https://registry.example/i", "d1", "a"},
      {"https://registry.example/", "id", "1a"}};
  int number = 0;
  for (const MetadataKey& key : keys)
    cache->put(key, entry_of(key.name, std::to_string(++number) + ".0.0"));
  for (int round = 0; round < 2; ++round) {
    number = 0;
    for (const MetadataKey& key : keys)
      CHECK(version_in(cache->find(key)) == std::to_string(++number) + ".0.0");
    CHECK(version_in(cache->find({"https://registry.example/", "id3", "a"})) == "<nothing>");
    must(cache->flush());
  }
}

TEST_CASE("T-CACHE-03 a row whose hash is right and whose name is another's is a miss") {
  TestFolder folder;
  {
    auto cache = must(MetadataCache::open(folder.path("cache")));
    cache->put(kKey, entry_of("a", "1.0.0"));
    must(cache->flush());
  }
  change_row(folder, "UPDATE records SET name = 'https://other.example/'");
  CHECK(version_in(must(MetadataCache::open(folder.path("cache")))->find(kKey)) == "<nothing>");
}

TEST_CASE("an answer `not modified` changes the times only") {
  TestFolder folder;
  {
    auto cache = must(MetadataCache::open(folder.path("cache")));
    cache->put(kKey, entry_of("a", "1.0.0"));
    must(cache->flush());
    cache->touch(kKey, 5000, 60);
    CHECK(cache->find(kKey)->fetched == 5000);
    must(cache->flush());
    cache->touch({"https://registry.example/", "", "unknown"}, 1, 1);
    must(cache->flush());
  }
  auto cache = must(MetadataCache::open(folder.path("cache")));
  CHECK(cache->find(kKey)->fetched == 5000);
  CHECK(cache->find(kKey)->max_age == 60);
  CHECK(version_in(cache->find(kKey)) == "1.0.0");
  cache->put(kKey, entry_of("a", "2.0.0"));
  cache->touch(kKey, 6000, 61);
  CHECK(cache->find(kKey)->fetched == 6000);
}

TEST_CASE("records of another boot must pass their sum") {
  TestFolder folder;
  {
    auto cache = must(MetadataCache::open(folder.path("cache")));
    cache->put(kKey, entry_of("a", "1.0.0", 5000));
    must(cache->flush());
  }
  change_row(folder, "UPDATE records SET boot = 1");
  {
    auto cache = must(MetadataCache::open(folder.path("cache")));
    CHECK(version_in(cache->find(kKey)) == "1.0.0");
    must(cache->flush());  // remembers that it was right
  }
  overwrite_records(folder, 4096, "zero bytes that a crash left");
  change_row(folder, "UPDATE records SET boot = 1");
  CHECK(version_in(must(MetadataCache::open(folder.path("cache")))->find(kKey)) == "<nothing>");
}

TEST_CASE("T-CACHE-01 a pack that somebody else wrote to is believed by its records' sums only") {
  TestFolder folder;
  const MetadataKey other{"https://registry.example/", "", "b"};
  {
    auto cache = must(MetadataCache::open(folder.path("cache")));
    cache->put(kKey, entry_of("a", "1.0.0", 5000));
    must(cache->flush());
    cache->put(other, entry_of("b", "1.0.0"));
    must(cache->flush());
  }
  overwrite_records(folder, 4096, "an edit");  // of the first record
  for (int run = 0; run < 3; ++run) {          // what is written meanwhile covers nothing up
    CAPTURE(run);
    auto cache = must(MetadataCache::open(folder.path("cache")));
    CHECK(version_in(cache->find(kKey)) == "<nothing>");
    CHECK(version_in(cache->find(other)) == "1.0.0");
    cache->put({"https://registry.example/", "", "c"}, entry_of("c", "1.0.0"));
    must(cache->flush());
    CHECK(version_in(cache->find(kKey)) == "<nothing>");
    CHECK(version_in(cache->find(other)) == "1.0.0");
  }
  auto cache = must(MetadataCache::open(folder.path("cache")));
  cache->put(kKey, entry_of("a", "2.0.0"));
  must(cache->flush());
  CHECK(version_in(must(MetadataCache::open(folder.path("cache")))->find(kKey)) == "2.0.0");
}

TEST_CASE("T-CACHE-10 a pack that is cut, gone or rubbish gives nothing") {
  for (int scene = 0; scene < 3; ++scene) {
    CAPTURE(scene);
    TestFolder folder;
    {
      auto cache = must(MetadataCache::open(folder.path("cache")));
      cache->put(kKey, entry_of("a", "1.0.0", 5000));
      must(cache->flush());
    }
    std::string pack = folder.path("cache/metadata/v1/records-1");
    if (scene == 0) REQUIRE(::truncate(pack.c_str(), 1000) == 0);
    if (scene == 1) REQUIRE(::unlink(pack.c_str()) == 0);
    if (scene == 2) overwrite_records(folder, 0, std::string(200, 'x'));
    auto cache = must(MetadataCache::open(folder.path("cache")));
    CHECK(version_in(cache->find(kKey)) == "<nothing>");
    cache->put(kKey, entry_of("a", "2.0.0"));
    must(cache->flush());
    CHECK(version_in(must(MetadataCache::open(folder.path("cache")))->find(kKey)) == "2.0.0");
  }
}

TEST_CASE("T-CACHE-10 a damaged index costs the cache, not the command") {
  TestFolder folder;
  std::mt19937 random(3);
  std::string index = folder.path("cache/metadata/v1/index.db");
  std::string sound;
  {
    auto cache = must(MetadataCache::open(folder.path("cache")));
    for (int i = 0; i < 200; ++i)
      cache->put({"https://registry.example/", "", "p" + std::to_string(i)},
                 entry_of("p" + std::to_string(i), "1.0.0"));
    must(cache->flush());
  }
  change_row(folder, "PRAGMA wal_checkpoint(TRUNCATE)");
  sound = must(read_file(index));
  for (std::size_t page = 0; page * 4096 < sound.size(); ++page) {
    std::string bytes = sound;
    for (int flips = 0; flips < 20; ++flips)
      bytes[page * 4096 + random() % 4096] = static_cast<char>(random());
    for (const char* ending : {"-wal", "-shm"}) must(remove_tree(index + ending));
    must(write_file_atomic(index, bytes, Durable::no));
    Result<std::unique_ptr<MetadataCache>> cache = MetadataCache::open(folder.path("cache"));
    if (!cache) {
      CHECK(cache.error().code() == ErrorCode::store_too_new);
      continue;
    }
    for (int i = 0; i < 200; ++i) {
      std::string name = "p" + std::to_string(i);
      std::optional<CachedMetadata> entry = (*cache)->find({"https://registry.example/", "", name});
      if (entry && entry->metadata.name() != name)
        FAIL("the record of another package was given out");
    }
    (*cache)->put(kKey, entry_of("a", "1.0.0"));
    must((*cache)->flush());
    CHECK(version_in((*cache)->find(kKey)) == "1.0.0");
  }
}

TEST_CASE("T-CACHE-10 a folder in the place of the index costs the cache, not the command") {
  for (const char* ending : {"", "-wal"}) {
    CAPTURE(ending);
    TestFolder folder;
    const std::string at = folder.path("cache/metadata/v1/index.db") + ending;
    {
      auto cache = must(MetadataCache::open(folder.path("cache")));
      cache->put(kKey, entry_of("a", "1.0.0"));
      must(cache->flush());
    }
    must(remove_tree(at));
    must(make_directories(at, 0700));
    auto cache = must(MetadataCache::open(folder.path("cache")));
    cache->put(kKey, entry_of("a", "1.0.0"));
    must(cache->flush());
    CHECK(version_in(cache->find(kKey)) == "1.0.0");
  }
}

TEST_CASE("records that were replaced do not stay for ever") {
  TestFolder folder;
  auto cache = must(MetadataCache::open(folder.path("cache")));
  MetadataKey kept{"https://registry.example/", "", "kept"};
  cache->put(kept, entry_of("kept", "1.0.0"));
  constexpr std::size_t kBulk = std::size_t{4} << 20;
  for (int i = 0; i < 40; ++i) {
    cache->put(kKey, entry_of("a", std::to_string(i) + ".0.0", kBulk));
    must(cache->flush());
    CHECK(version_in(cache->find(kKey)) == std::to_string(i) + ".0.0");
  }
  CHECK(version_in(cache->find(kept)) == "1.0.0");
  CHECK_FALSE(file_exists(folder.path("cache/metadata/v1/records-1")));
  auto later = must(MetadataCache::open(folder.path("cache")));
  CHECK(version_in(later->find(kKey)) == "39.0.0");
  CHECK(version_in(later->find(kept)) == "1.0.0");
}

TEST_CASE("T-CACHE-06 a cache that others may write is refused") {
  TestFolder folder;
  must(MetadataCache::open(folder.path("cache")));
  REQUIRE(::chmod(folder.path("cache").c_str(), 0777) == 0);
  Result<std::unique_ptr<MetadataCache>> refused = MetadataCache::open(folder.path("cache"));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code() == ErrorCode::cache_refused);
  CHECK(MetadataCache::open(folder.path("cache"), CacheOwner::trust).has_value());
}

namespace {

MetadataKey key_of(const std::string& name) { return {"https://registry.example/", "", name}; }

}  // namespace

TEST_CASE("T-CACHE-11 a read-only layer answers where the cache has nothing, by sums alone") {
  TestFolder folder;
  {
    auto made = must(MetadataCache::open(folder.path("layer")));
    made->put(key_of("a"), entry_of("a", "1.0.0"));
    made->put(key_of("b"), entry_of("b", "1.0.0"));
    must(made->flush());
    CHECK(must(made->collect(0)) == 0);
  }
  // One file, as in an image.
  must(remove_tree(folder.path("layer/metadata/v1/index.db-wal")));
  must(remove_tree(folder.path("layer/metadata/v1/index.db-shm")));
  REQUIRE(std::system(("chmod -R a-w '" + folder.path("layer") + "'").c_str()) == 0);
  {
    auto cache =
        must(MetadataCache::open(folder.path("cache"), CacheOwner::check, folder.path("layer")));
    CHECK(version_in(cache->find(key_of("a"))) == "1.0.0");
    CHECK(version_in(cache->find(key_of("c"))) == "<nothing>");
    cache->touch(key_of("a"), 2000, 60);  // what the registry confirmed is ours from now on
    cache->put(key_of("b"), entry_of("b", "2.0.0"));
    must(cache->flush());
  }
  {
    auto own = must(MetadataCache::open(folder.path("cache")));
    const std::optional<CachedMetadata> confirmed = own->find(key_of("a"));
    REQUIRE(confirmed.has_value());
    CHECK(confirmed->fetched == 2000);
    CHECK(version_in(own->find(key_of("b"))) == "2.0.0");
  }
  CHECK_FALSE(file_exists(folder.path("layer/metadata/v1/index.db-shm")));
  REQUIRE(std::system(("chmod -R u+w '" + folder.path("layer") + "'").c_str()) == 0);
  {
    Fd fd(io::open(folder.path("layer/metadata/v1/records-1").c_str(), O_WRONLY));
    REQUIRE(::pwrite(fd.get(), "damage", 6, 40) == 6);
    auto cache =
        must(MetadataCache::open(folder.path("other"), CacheOwner::check, folder.path("layer")));
    const bool first = cache->find(key_of("a")).has_value();
    const bool second = cache->find(key_of("b")).has_value();
    CHECK(first != second);
  }
  auto none =
      must(MetadataCache::open(folder.path("other"), CacheOwner::check, folder.path("absent")));
  CHECK(version_in(none->find(key_of("a"))) == "<nothing>");
}

TEST_CASE("T-CACHE-01 a survey names damaged records, and forgets them when told to") {
  TestFolder folder;
  auto cache = must(MetadataCache::open(folder.path("cache")));
  for (const char* name : {"a", "@s/b", "c"}) cache->put(key_of(name), entry_of(name, "1.0.0"));
  must(cache->flush());
  CHECK(must(cache->size()).records == 3);
  CHECK(must(cache->size()).bytes > 100);
  CHECK(must(cache->survey(false)).damaged.empty());
  change_row(folder, "UPDATE records SET sum = sum + 1 WHERE hex(name) LIKE '%40732F62%'");
  CHECK(must(cache->survey(false)).damaged == std::vector<std::string>{"@s/b"});
  CHECK(must(cache->survey(true)).damaged == std::vector<std::string>{"@s/b"});
  const MetadataSurvey after = must(cache->survey(false));
  CHECK(after.records == 2);
  CHECK(after.damaged.empty());
  CHECK(version_in(cache->find(key_of("c"))) == "1.0.0");
}

TEST_CASE("what was not asked about for long goes, and its space too") {
  TestFolder folder;
  auto cache = must(MetadataCache::open(folder.path("cache")));
  cache->put(key_of("old"), entry_of("old", "1.0.0", 3 << 20));
  CachedMetadata young = entry_of("young", "1.0.0");
  young.fetched = 5000;
  cache->put(key_of("young"), std::move(young));
  must(cache->flush());
  CHECK(must(cache->collect(1000)) == 0);
  CHECK(must(cache->collect(1001)) == 1);
  CHECK(version_in(cache->find(key_of("old"))) == "<nothing>");
  CHECK(version_in(cache->find(key_of("young"))) == "1.0.0");
  CHECK_FALSE(file_exists(folder.path("cache/metadata/v1/records-1")));
  CHECK(must(read_file(folder.path("cache/metadata/v1/records-2"))).size() < (1 << 20));
}
