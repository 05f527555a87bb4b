// SPDX-License-Identifier: MIT
#include "cache/spare.h"

#include <doctest/doctest.h>

#include "cache/spare_store.h"
#include "cache/tree_scene_test.h"

namespace hod::cache {

namespace {

namespace fs = std::filesystem;
using scene::Project;

const std::vector<std::string> kNone;

constexpr const char* kScene = R"(. -> a@1, @s/b@1
                                  a@1 [bin a=bin/a.js] -> c@1
                                  @s/b@1 -> c@2
                                  c@1
                                  c@2)";

std::string cache_of(const Project& project) { return project.folder().path("cache"); }

SpareOrder order_of(const Project& project) {
  SpareOrder order;
  order.cache_root = cache_of(project);
  order.project_root = project.root();
  order.shape = project.shape;
  order.contents = project.request.contents;
  order.import_method = project.request.import_method;
  order.fewest_files = 0;
  return order;
}

// A project that has its tree, and a spare of it.
void with_spare(Project& project, Layout layout) {
  project.want(kScene, layout);
  project.request.spares = spare_folder(cache_of(project));
  project.link();
  std::optional<SpareMaker> maker = SpareMaker::begin(order_of(project));
  REQUIRE(maker);
  must(maker->run());
}

void remove_modules(const Project& project) { fs::remove_all(project.path("node_modules")); }

std::string only_spare(const Project& project) {
  const std::vector<SpareEntry> all = list_spares(cache_of(project));
  REQUIRE(all.size() == 1);
  return spare_folder(cache_of(project)) + "/" + all.front().key;
}

}  // namespace

TEST_CASE("a tree made ahead is the tree that linking would have made, time stamps included") {
  for (const Layout layout : {Layout::hoisted, Layout::isolated}) {
    Project project;
    project.want(kScene, layout);
    project.link();
    must(empty_trash(project.root()));
    const auto linked = project.tree();
    const auto time_of_folder =
        fs::last_write_time(project.path("node_modules")).time_since_epoch().count();
    remove_modules(project);
    with_spare(project, layout);
    remove_modules(project);
    const LinkReport report = project.link();
    CHECK(report.from_spare);
    CHECK(report.whole_root);
    CHECK(report.files_linked == 0);
    CHECK(report.packages_added == 4);
    CHECK(report.placed.size() == 4);
    must(empty_trash(project.root()));
    CHECK(project.wrong() == kNone);
    CHECK(project.tree() == linked);
    CHECK(fs::last_write_time(project.path("node_modules")).time_since_epoch().count() ==
          time_of_folder);
    CHECK(list_spares(cache_of(project)).empty());
    remove_modules(project);
    CHECK_FALSE(project.link().from_spare);
    CHECK(project.wrong() == kNone);
  }
}

TEST_CASE("a spare with an edited, cut or missing file is not used (T-CACHE-01)") {
  for (const char* damage : {"edit", "cut", "missing", "mode", "link", "replaced"}) {
    CAPTURE(damage);
    Project project;
    with_spare(project, Layout::isolated);
    remove_modules(project);
    const std::string tree = only_spare(project) + "/node_modules/";
    const std::string file = tree + ".hod/c@1/node_modules/c/lib/c.js";
    REQUIRE(fs::exists(file));
    if (damage == std::string("edit")) std::ofstream(file) << "// evil";
    if (damage == std::string("cut")) fs::resize_file(file, 1);
    if (damage == std::string("missing")) fs::remove(file);
    if (damage == std::string("mode")) ::chmod(file.c_str(), 0777);
    if (damage == std::string("link")) {
      fs::remove(tree + "a");
      fs::create_symlink("/etc", tree + "a");
    }
    if (damage == std::string("replaced")) {
      const auto time = fs::last_write_time(file);
      const std::string text = scene::read(file);
      fs::remove(file);
      scene::write(file, std::string(text.size(), 'x'));
      fs::last_write_time(file, time);
    }
    const Result<LinkReport> report = project.try_link();
    REQUIRE(report);
    CHECK_FALSE(report->from_spare);
    CHECK(list_spares(cache_of(project)).empty());
    const bool in_store = damage == std::string("edit") || damage == std::string("cut");
    CHECK(report->damaged.empty() != in_store);  // the store's file is the same one
    if (!in_store) CHECK(project.wrong() == kNone);
  }
}

TEST_CASE("where every sum is to be proved no spare is used") {
  Project project;
  with_spare(project, Layout::hoisted);
  remove_modules(project);
  project.request.verify = Verify::sums;
  CHECK_FALSE(project.link().from_spare);
  CHECK(list_spares(cache_of(project)).size() == 1);
}

TEST_CASE("a spare of another boot is not used") {
  Project project;
  with_spare(project, Layout::hoisted);
  remove_modules(project);
  const std::string record = only_spare(project) + "/" + kSpareRecord;
  SpareRecord changed = *decode_record(scene::read(record));
  changed.boot_id = "another";
  scene::write(record, encode_record(changed));
  CHECK_FALSE(project.link().from_spare);
  CHECK(project.wrong() == kNone);
}

TEST_CASE("another tree is not taken for this one") {
  Project project;
  with_spare(project, Layout::hoisted);
  remove_modules(project);
  project.want(". -> a@1\n a@1 [bin a=bin/a.js] -> c@1\n c@1", Layout::hoisted);
  CHECK_FALSE(project.link().from_spare);
  CHECK(project.wrong() == kNone);
}

TEST_CASE("the modules of workspace members are linked beside a spare of the root's") {
  Project project;
  constexpr const char* kMembers = R"(. -> a@1
                                      /packages/w w@1 -> a@2
                                      a@1
                                      a@2)";
  fs::create_directories(project.path("packages/w"));
  project.want(kMembers, Layout::isolated);
  project.request.spares = spare_folder(cache_of(project));
  project.link();
  must(empty_trash(project.root()));
  const auto linked = project.tree();
  std::optional<SpareMaker> maker = SpareMaker::begin(order_of(project));
  REQUIRE(maker);
  must(maker->run());
  remove_modules(project);
  fs::remove_all(project.path("packages/w/node_modules"));
  CHECK(project.link().from_spare);
  must(empty_trash(project.root()));
  CHECK(project.wrong() == kNone);
  CHECK(project.tree() == linked);
}

}  // namespace hod::cache
