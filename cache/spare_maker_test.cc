// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "cache/spare.h"
#include "cache/spare_store.h"
#include "cache/tree_scene_test.h"

namespace hod::cache {

namespace {

namespace fs = std::filesystem;
using scene::Project;

SpareOrder order_of(Project& project, const std::string& name) {
  project.want(". -> " + name + "@1\n " + name + "@1", Layout::hoisted);
  SpareOrder order;
  order.cache_root = project.folder().path("cache");
  order.project_root = project.root();
  order.shape = project.shape;
  order.contents = project.request.contents;
  order.fewest_files = 0;
  return order;
}

void make(Project& project, const std::string& name) {
  std::optional<SpareMaker> maker = SpareMaker::begin(order_of(project, name));
  REQUIRE(maker);
  must(maker->run());
}

}  // namespace

TEST_CASE("a spare of a tree is made once, by one maker at a time, and only of what is worth it") {
  Project project;
  {
    std::optional<SpareMaker> first = SpareMaker::begin(order_of(project, "a"));
    REQUIRE(first);
    CHECK_FALSE(SpareMaker::begin(order_of(project, "b")));
    must(first->run());
  }
  CHECK_FALSE(SpareMaker::begin(order_of(project, "a")));
  SpareOrder small = order_of(project, "b");
  small.fewest_files = 1000;
  CHECK_FALSE(SpareMaker::begin(small));
  const Ledger ledger = read_ledger(spare_folder(project.folder().path("cache")));
  CHECK(ledger.made == 1);
  CHECK(ledger.last_bytes > 0);
}

TEST_CASE("no more than four spares are kept, the newest") {
  Project project;
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) make(project, name);
  CHECK(list_spares(project.folder().path("cache")).size() == 4);
  CHECK(read_ledger(spare_folder(project.folder().path("cache"))).made == 6);
}

TEST_CASE("a spare is made of proved files only (T-CACHE-01)") {
  Project project;
  SpareOrder order = order_of(project, "a");
  const std::string file = project.stored("a@1").folder + "/lib/a.js";
  const auto time = fs::last_write_time(file);
  scene::write(file, std::string(scene::read(file).size(), 'x'));
  fs::last_write_time(file, time);
  std::optional<SpareMaker> maker = SpareMaker::begin(order);
  REQUIRE(maker);
  CHECK_FALSE(maker->run());
  CHECK(list_spares(order.cache_root).empty());
  for (const auto& entry : fs::directory_iterator(spare_folder(order.cache_root))) {
    CHECK(entry.path().filename() == "lock");
  }
}

TEST_CASE("what a stopped maker left is swept by the next, and by the collector") {
  Project project;
  const std::string cache = project.folder().path("cache");
  const std::string left = spare_folder(cache) + "/new-0123/u0/a";
  fs::create_directories(left);
  make(project, "a");
  CHECK_FALSE(fs::exists(left));
  fs::create_directories(left);
  CHECK(must(remove_spares(cache, 0)) == 0);
  CHECK_FALSE(fs::exists(left));
  CHECK(list_spares(cache).size() == 1);
  CHECK(must(remove_spares(cache, list_spares(cache)[0].record.made_at + 1)) == 1);
  CHECK(list_spares(cache).empty());
}

TEST_CASE("a spare of copies is as good where files cannot be linked") {
  Project project;
  project.request.import_method = ImportMethod::copy;
  SpareOrder order = order_of(project, "a");
  order.import_method = ImportMethod::copy;
  project.request.spares = spare_folder(order.cache_root);
  std::optional<SpareMaker> maker = SpareMaker::begin(order);
  REQUIRE(maker);
  must(maker->run());
  CHECK(list_spares(order.cache_root)[0].record.copies);
  CHECK(project.link().from_spare);
  CHECK(project.wrong().empty());
  CHECK(scene::inode_of(project.path("node_modules/a/lib/a.js")) !=
        scene::inode_of(project.stored("a@1").folder + "/lib/a.js"));
}

}  // namespace hod::cache
