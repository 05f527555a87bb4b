// SPDX-License-Identifier: MIT
#include "cli/link_later.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "cli/afterwards.h"
#include "cli/test_folder.h"
#include "tests/support/tarball.h"

using namespace hod;
using namespace hod::cli;

namespace {

struct Scene {
  Scene() {
    options.cache_root = folder / "cache";
    options.link_later = true;
    options.link_later_always = true;
    must(make_directories(root + "/node_modules/.hod"));
    store = must(cache::Store::open(options.cache_root));
    shape.packages.push_back({"node_modules/a", 0, "a", false, {}});
  }

  void fetch() { contents.assign(1, must(store->add_tarball(archive(), {}, "a@1.0.0", ""))); }
  static std::string archive() {
    return tests::gzip_of(tests::tar_of(
        {{"package/package.json", R"({"name":"a","version":"1.0.0"})", 0644, '0', ""}}));
  }
  bool is_stored() {
    const TarballDigest digest = contents[0]->digest;
    return must(store->find({&digest, 1}))[0] != nullptr;
  }

  TestFolder folder;
  std::string root = folder / "project";
  InstallOptions options;
  std::unique_ptr<cache::Store> store;
  cache::TreeShape shape;
  std::vector<cache::StoredPackagePtr> contents;
  cache::WorkerPool pool{2};
  LinkLater later;
};

}  // namespace

TEST_CASE("nothing is held where there is a tree, or where the settings say no") {
  Scene scene;
  SUBCASE("a tree") {
    must(write_file_atomic(scene.root + "/node_modules/.hod/state", "x", Durable::no, 0644));
  }
  SUBCASE("settings") { scene.options.link_later = false; }
  scene.later.begin(scene.options, scene.root, *scene.store);
  scene.fetch();
  CHECK_FALSE(scene.contents[0]->held);
  must(scene.later.choose(scene.shape, false, scene.contents, scene.pool));
  CHECK_FALSE(scene.later.order(scene.shape, scene.contents));
  must(scene.later.end());
}

TEST_CASE("small trees, and those that scripts may change, are linked from the store") {
  Scene scene;
  bool scripts = false;
  SUBCASE("small") { scene.options.link_later_always = false; }
  SUBCASE("scripts") { scripts = true; }
  scene.later.begin(scene.options, scene.root, *scene.store);
  scene.fetch();
  CHECK(scene.contents[0]->held == scripts);  // the first packages are stored at once
  must(scene.later.choose(scene.shape, scripts, scene.contents, scene.pool));
  CHECK_FALSE(scene.contents[0]->held);
  CHECK(scene.is_stored());
  CHECK_FALSE(scene.later.order(scene.shape, scene.contents));
}

TEST_CASE("an archive that the graph has several times is stored once") {
  Scene scene;
  scene.later.begin(scene.options, scene.root, *scene.store);
  scene.fetch();
  scene.contents.push_back(scene.contents[0]);
  scene.shape.packages.push_back({"node_modules/b/node_modules/a", 1, "a", false, {}});
  must(scene.later.choose(scene.shape, false, scene.contents, scene.pool));
  CHECK_FALSE(scene.contents[0]->held);
  CHECK(scene.contents[0] == scene.contents[1]);
  CHECK(scene.is_stored());
}

TEST_CASE("what an install that failed has held becomes the store's") {
  Scene scene;
  scene.later.begin(scene.options, scene.root, *scene.store);
  scene.fetch();
  CHECK_FALSE(scene.is_stored());
  must(scene.later.end());
  CHECK(scene.is_stored());
}

TEST_CASE("the store gets what was moved into a tree, after the command") {
  Scene scene;
  scene.later.begin(scene.options, scene.root, *scene.store);
  scene.fetch();
  must(scene.later.choose(scene.shape, false, scene.contents, scene.pool));
  REQUIRE(scene.contents[0]->held);
  const std::string place = scene.root + "/node_modules/a";
  REQUIRE(::rename(scene.contents[0]->folder.c_str(), place.c_str()) == 0);
  std::optional<cache::KeepOrder> order = scene.later.order(scene.shape, scene.contents);
  REQUIRE(order);
  must(scene.later.end());
  scene.store.reset();
  link_later(*order);
  order.reset();
  const std::string lock = scene.options.cache_root + "/store/v1/gc.lock";
  const Fd collector(::open(lock.c_str(), O_RDWR | O_CLOEXEC));
  REQUIRE(collector);
  REQUIRE(::flock(collector.get(), LOCK_EX) == 0);  // waits for the keeper's end
  REQUIRE(::flock(collector.get(), LOCK_UN) == 0);
  scene.store = must(cache::Store::open(scene.options.cache_root));
  CHECK(scene.is_stored());
  CHECK(afterwards_text(scene.options.cache_root).find("filling the cache") != std::string::npos);
  Json document = Json::object();
  add_afterwards(document, scene.options.cache_root);
  CHECK(document.dump().find("\"linkLater\"") != std::string::npos);
}
