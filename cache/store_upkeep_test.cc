// SPDX-License-Identifier: MIT
#include "cache/store_upkeep.h"

#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/hash.h"
#include "cache/metadata_cache.h"
#include "cache/sqlite.h"
#include "cache/store_layout.h"
#include "cache/tarball_maker_test.h"
#include "cache/test_folder.h"
#include "core/base/io.h"

using namespace hod;
using namespace hod::cache;

namespace {

constexpr std::chrono::seconds kDay{86'400};

std::chrono::seconds now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch());
}

// A cache with some packages in it.
struct Scene {
  explicit Scene(int count = 3) : root(folder.path("cache")) {
    auto store = must(Store::open(root));
    for (int i = 0; i < count; ++i) {
      const std::string name = "p" + std::to_string(i);
      const std::string bytes =
          gzipped(tar_manifest(R"({"name":")" + name + R"(","version":"1.0.0"})") +
                  tar_file("package/lib/index.js", "content of " + name) + tar_end());
      packages.push_back(must(store->add_tarball(
          bytes, Integrity::of(DigestAlgorithm::sha512, digest_of(DigestAlgorithm::sha512, bytes)),
          name, "u")));
    }
    must(store->flush());
  }

  bool has(std::size_t number) const {
    auto store = must(Store::open(root));
    return must(store->find({&packages[number]->digest, 1}))[0] != nullptr;
  }
  void change_rows(const char* sql) const {
    constexpr const char* kMigrations[] = {"", ""};
    must(must(Database::open(root + "/store/v1/index.db", {0x686f6453, kMigrations}, Access::write))
             ->run(sql));
  }
  void make_old() const { change_rows("UPDATE packages SET used = used - 10"); }
  Collected collect(std::chrono::seconds age = kDay) const {
    return must(collect_cache(root, {}, age, now()));
  }
  std::string file(std::size_t number) const { return packages[number]->folder + "/lib/index.js"; }
  CacheProof prove(bool repair = false) {
    ProofOptions options;
    options.repair = repair;
    return must(prove_cache(root, {}, options, pool));
  }

  TestFolder folder;
  std::string root;
  std::vector<StoredPackagePtr> packages;
  WorkerPool pool{2};
};

void flip_byte(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  Fd fd(io::open(path.c_str(), O_WRONLY));
  REQUIRE(::write(fd.get(), "X", 1) == 1);
  REQUIRE(io::set_times(fd.get(), info.st_mtim) == 0);
}

}  // namespace

TEST_CASE("a proof of a right cache counts everything and finds nothing") {
  Scene scene;
  std::size_t told = 0;
  ProofOptions options;
  options.progress = [&](std::size_t done, std::size_t total) {
    CHECK(done <= total);
    CHECK(total == 3);
    told = done;
  };
  const CacheProof proof = must(prove_cache(scene.root, {}, options, scene.pool));
  CHECK(proof.right());
  CHECK(proof.packages == 3);
  CHECK(proof.files == 6);
  CHECK(proof.bytes > 30);
  CHECK(told == 3);
  options.stopped = [] { return true; };
  const auto stopped = prove_cache(scene.root, {}, options, scene.pool);
  REQUIRE_FALSE(stopped.has_value());
  CHECK(stopped.error().code() == ErrorCode::interrupted);
}

TEST_CASE("T-CACHE-01 a proof names what is damaged; repairing takes it out, the rest stays") {
  Scene scene(5);
  flip_byte(scene.file(1));
  REQUIRE(::truncate(scene.file(2).c_str(), 0) == 0);
  must(remove_tree(scene.packages[3]->folder));
  for (const bool repair : {false, true}) {
    const CacheProof proof = scene.prove(repair);
    CHECK_FALSE(proof.right());
    REQUIRE(proof.damaged.size() == 3);
    CHECK(proof.damaged[0].package == "p1@1.0.0");
    CHECK(proof.damaged[0].folder == scene.packages[1]->folder);
    CHECK(proof.damaged[0].files == std::vector<std::string>{"lib/index.js"});
    CHECK(proof.damaged[1].package == "p2@1.0.0");
    CHECK(proof.damaged[2].files.size() == 2);
  }
  CHECK(scene.prove().right());
  for (std::size_t i = 0; i < 5; ++i) CHECK(scene.has(i) == (i == 0 || i == 4));
  CHECK_FALSE(directory_exists(scene.packages[1]->folder));
}

TEST_CASE("T-CACHE-10 damaged rows are counted, and removed by a repair") {
  Scene scene;
  scene.change_rows(
      "UPDATE packages SET entry = x'0102' WHERE key = (SELECT max(key) FROM "
      "packages)");
  CHECK(scene.prove().damaged_rows == 1);
  CHECK(scene.prove(true).damaged_rows == 1);
  CHECK(scene.prove().right());
  CHECK(scene.prove().packages == 2);
}

TEST_CASE("info counts packages, records and the last collection") {
  Scene scene;
  CacheInfo info = must(cache_info(scene.root, {}));
  CHECK(info.packages == 3);
  CHECK(info.files == 6);
  CHECK(info.bytes > 30);
  CHECK(info.collected == 0);
  CHECK(info.records == 0);
  scene.collect();
  info = must(cache_info(scene.root, {}));
  CHECK(info.packages == 3);
  CHECK(info.collected > 1'700'000'000);
}

TEST_CASE("what was used within the age stays, older packages go") {
  Scene scene;
  Collected collected = scene.collect();
  CHECK(collected.packages == 0);
  CHECK(collected.packages_left == 3);
  scene.make_old();
  {
    auto store = must(Store::open(scene.root));
    must(store->find({&scene.packages[0]->digest, 1}));
    must(store->flush());
  }
  collected = scene.collect(11 * kDay);
  CHECK(collected.packages == 0);
  collected = scene.collect();
  CHECK(collected.packages == 2);
  CHECK(collected.bytes > 20);
  CHECK(collected.packages_left == 1);
  CHECK(scene.has(0));
  CHECK_FALSE(scene.has(1));
  CHECK_FALSE(directory_exists(scene.packages[1]->folder));
  CHECK_FALSE(file_exists(scene.packages[1]->folder + ".list"));
  CHECK(names_in(scene.root + "/store/v1/tmp").empty());
  CHECK(scene.prove().right());
}

TEST_CASE("a package whose files a tree shares stays, however old") {
  Scene scene;
  scene.make_old();
  REQUIRE(::link(scene.file(1).c_str(), scene.folder.path("in-a-tree").c_str()) == 0);
  const Collected collected = scene.collect(std::chrono::seconds{0});
  CHECK(collected.packages == 2);
  CHECK(collected.in_trees == 1);
  CHECK(scene.has(1));
}

TEST_CASE("the collector waits for stores in use, and removes nothing under them") {
  Scene scene;
  scene.make_old();
  auto store = must(Store::open(scene.root));
  const StoredPackagePtr used = must(store->find({&scene.packages[0]->digest, 1}))[0];
  std::thread collector([&] { CHECK(scene.collect().packages == 2); });
  for (int look = 0; look < 200; ++look) {
    CHECK(store->damaged_files(*used, Verify::sums).empty());
  }
  must(store->flush());
  store.reset();
  collector.join();
  CHECK(scene.has(0));
}

TEST_CASE("T-CACHE-04 old folders without a row are removed, young ones stay") {
  Scene scene(1);
  const std::string packages = scene.root + "/store/v1/packages/";
  for (const char* name : {"young", "old"}) {
    must(make_directories(packages + "00/" + name));
    must(write_file_atomic(packages + "00/" + name + "/file", "x", Durable::no));
  }
  timespec past{};
  past.tv_sec = static_cast<time_t>((now() - 3 * kDay).count());
  REQUIRE(io::set_times(AT_FDCWD, (packages + "00/old").c_str(), past, 0) == 0);
  scene.collect();
  CHECK(directory_exists(packages + "00/young"));
  CHECK_FALSE(directory_exists(packages + "00/old"));
  CHECK(scene.has(0));
}

TEST_CASE("a cleaned cache is empty, and usable at once") {
  Scene scene;
  {
    auto metadata = must(MetadataCache::open(scene.root));
    must(metadata->flush());
  }
  must(clean_cache(scene.root, {}));
  CHECK_FALSE(scene.has(0));
  CHECK(must(cache_info(scene.root, {})).packages == 0);
  CHECK(names_in(scene.root + "/store/v1/tmp").empty());
  CHECK(scene.prove().right());
}
