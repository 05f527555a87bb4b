// SPDX-License-Identifier: MIT
#include "cache/handover.h"

#include <doctest/doctest.h>

#include "cache/spare.h"
#include "cache/tarball_maker_test.h"
#include "cache/tree_scene_test.h"
#include "cache/unpack.h"

namespace hod::cache {

namespace {

namespace fs = std::filesystem;

// A project of hoisted packages whose contents are held by a store of its own.
class Scene {
 public:
  explicit Scene(std::string_view graph) {
    project.want(graph, Layout::hoisted);
    store = must(Store::open(cache_root()));
    store->hold_new();
    for (StoredPackagePtr& content : project.request.contents) content = hold(*content);
  }

  std::string cache_root() const { return project.folder().path("cache"); }

  // The same files as an archive, held.
  StoredPackagePtr hold(const StoredPackage& package) {
    std::string entries;
    for (const StoredFile& file : package.files) {
      entries += tar_file("package/" + file.path, scene::read(package.folder + "/" + file.path),
                          file.executable ? 0755 : 0644);
    }
    const std::string bytes = gzipped(entries + tar_end());
    return must(store->add_tarball(bytes, {}, "a@1.0.0", "https://registry.example/a.tgz"));
  }

  KeepOrder order() {
    KeepOrder out{cache_root(), {}, {}, {}};
    for (const PlacedPackage& placed : project.shape.packages)
      out.packages.push_back({project.request.contents[placed.package], project.path(placed.path)});
    out.locks = store->hand_over(project.request.contents);
    out.locks.push_back(must(lock_keepers(cache_root())));
    return out;
  }

  StoredPackagePtr found(PackageIndex package) {
    const auto fresh = must(Store::open(cache_root()));
    const TarballDigest digest = project.request.contents[package]->digest;
    return must(fresh->find({&digest, 1}))[0];
  }

  scene::Project project;
  std::unique_ptr<Store> store;
};

constexpr std::string_view kTwo = ". -> a@1\n a@1 -> b@1\n b@1";

}  // namespace

TEST_CASE("a held package is unpacked and proved, but nobody else's before it is published") {
  Scene scene(kTwo);
  const StoredPackagePtr held = scene.project.request.contents[0];
  CHECK(held->held);
  CHECK(held->folder.find("/tmp/") != std::string::npos);
  CHECK(scene.found(0) == nullptr);
  const StoredPackagePtr published = must(scene.store->publish(held));
  must(scene.store->flush());
  CHECK_FALSE(published->held);
  CHECK(published->folder.find("/packages/") != std::string::npos);
  CHECK(scene.store->damaged_files(*published, Verify::fence).empty());
  CHECK(scene.found(0) != nullptr);
  must(scene.store->publish_held());
  must(scene.store->flush());
  CHECK(scene.found(1) != nullptr);
  CHECK(fs::is_empty(scene.cache_root() + "/store/v1/tmp"));
}

TEST_CASE("the same archive is held once") {
  Scene scene(kTwo);
  const StoredPackagePtr first = scene.project.request.contents[0];
  CHECK(scene.hold(*first) == first);
}

TEST_CASE("held packages are moved into the tree, which is the one that links would make") {
  Scene scene(kTwo);
  const std::string from = scene.project.request.contents[0]->folder;
  const ino_t inode = scene::inode_of(from + "/package.json");
  const LinkReport report = scene.project.link();
  CHECK(report.files_linked == 0);
  CHECK(report.files_moved == 6);
  CHECK_FALSE(fs::exists(from));
  CHECK(scene::inode_of(scene.project.path("node_modules/a/package.json")) == inode);

  scene::Project linked;
  linked.want(kTwo, Layout::hoisted);
  linked.link();
  must(empty_trash(scene.project.root()));
  must(empty_trash(linked.root()));
  auto expected = linked.tree();
  for (const char* own : {"node_modules/.hod/state"}) expected.erase(own);
  auto tree = scene.project.tree();
  tree.erase("node_modules/.hod/state");
  CHECK(tree == expected);
  for (const auto& [path, what] : tree) {
    struct stat info {};
    REQUIRE(::lstat(scene.project.path(path).c_str(), &info) == 0);
    if (path.starts_with("node_modules/")) CHECK_MESSAGE(info.st_mtim.tv_sec == kFileTime, path);
  }
}

TEST_CASE("a package that holds another one is moved around it") {
  Scene scene(". -> a@1, b@2\n a@1 -> b@1\n b@1\n b@2");
  const LinkReport report = scene.project.link();
  CHECK(report.files_moved == 9);
  CHECK(fs::exists(scene.project.path("node_modules/a/node_modules/b/package.json")));
  CHECK(fs::exists(scene.project.path("node_modules/a/package.json")));
  // The inner one is the store's already and stands first.
  Scene mixed(". -> a@1, b@2\n a@1 -> b@1\n b@1\n b@2");
  for (StoredPackagePtr& content : mixed.project.request.contents) {
    if (content->manifest_name.starts_with("b@1")) content = must(mixed.store->publish(content));
  }
  CHECK(mixed.project.link().files_moved == 6);
  CHECK(fs::exists(mixed.project.path("node_modules/a/node_modules/b/package.json")));
  CHECK(fs::exists(mixed.project.path("node_modules/a/lib/a.js")));
}

TEST_CASE("threads that move packages into each other's folders do not get into each other's way") {
  std::string graph = ". -> ";
  std::string packages;
  for (int i = 0; i < 60; ++i) {
    const std::string name = "p" + std::to_string(i);
    graph += name + "@1, ";
    packages += "\n" + name + "@1 -> q@" + std::to_string(i + 2) + "\nq@" + std::to_string(i + 2);
  }
  for (int round = 0; round < 20; ++round) {
    Scene scene(graph + "q@1" + packages + "\nq@1");
    const LinkReport report = scene.project.link();
    CHECK(report.files_moved == 121 * 3);
    CHECK(fs::exists(scene.project.path("node_modules/p0/node_modules/q/package.json")));
  }
}

TEST_CASE("nothing is moved where something that was to be linked is damaged") {
  Scene scene(kTwo);
  scene.project.request.contents[1] = must(scene.store->publish(scene.project.request.contents[1]));
  scene::write(scene.project.request.contents[1]->folder + "/README.md", "changed");
  const LinkReport report = scene.project.link();
  CHECK(report.damaged.size() == 1);
  CHECK(fs::exists(scene.project.request.contents[0]->folder + "/package.json"));
  CHECK_FALSE(fs::exists(scene.project.path("node_modules/a")));
}

TEST_CASE("a held package that is gone is damaged, not an error") {
  Scene scene(kTwo);
  fs::remove_all(scene.project.request.contents[0]->folder);
  CHECK(scene.project.link().damaged.size() == 1);
}

TEST_CASE("only what goes into the tree as it was unpacked is moved, and only once") {
  const auto chosen = [](std::string_view graph, const auto& change) {
    Scene scene(graph);
    change(scene);
    return packages_to_move(scene.project.shape, scene.project.request.contents).size();
  };
  const auto nothing = [](Scene&) {};
  CHECK(chosen(kTwo, nothing) == 2);
  // b stands in two places.
  CHECK(chosen(". -> a@1, b@2, c@1\n a@1 -> b@1\n c@1 -> b@1\n b@1\n b@2", nothing) == 3);
  CHECK(chosen(kTwo, [](Scene& scene) { scene.project.shape.packages[0].copied = true; }) == 1);
  CHECK(chosen(kTwo, [](Scene& scene) {
          auto& content = scene.project.request.contents[0];
          content = must(scene.store->publish(content));
        }) == 1);
  // Commands: one that may be run, one that may not, one with a first line of another system.
  const auto with_command = [&](const std::string& file, const std::string& text) {
    return chosen(kTwo, [&](Scene& scene) {
      const StoredPackagePtr made = scene.project.store().add("a@1", {{file, text}});
      scene.project.request.contents[scene.project.shape.packages[0].package] = scene.hold(*made);
      scene.project.shape.packages[0].executables = {"cli.js"};
    });
  };
  CHECK(with_command("cli.js*", "#!/usr/bin/env node\n") == 2);
  CHECK(with_command("cli.js", "#!/usr/bin/env node\n") == 1);
  CHECK(with_command("cli.js*", "#!/usr/bin/env node\r\n") == 1);
  // What stands in its node_modules may be in the way of what is placed there.
  CHECK(chosen(kTwo, [](Scene& scene) {
          const auto made = scene.project.store().add("a@1", {{"node_modules/x/i.js", ""}});
          scene.project.request.contents[0] = scene.hold(*made);
        }) == 1);
}

TEST_CASE("moving needs one file system, and a umask under which all folders are alike") {
  Scene scene(kTwo);
  const std::string root = scene.project.root();
  CHECK_FALSE(can_move(scene.cache_root(), root));  // no node_modules/.hod yet
  fs::create_directories(root + "/node_modules/.hod");
  CHECK(can_move(scene.cache_root(), root));
  CHECK(fs::is_empty(root + "/node_modules/.hod"));
  const mode_t before = ::umask(002);
  CHECK_FALSE(can_move(scene.cache_root(), root));
  ::umask(before);
}

TEST_CASE("the store gets links to the tree's files, proved, and lets the claims go") {
  Scene scene(kTwo);
  scene.project.link();
  KeepOrder order = scene.order();
  {
    const auto other = must(Store::open(scene.cache_root()));
    CHECK_FALSE(other->claim(scene.project.request.contents[0]->digest));
  }
  scene.store.reset();
  must(keep_packages(order));
  CHECK(read_ledger(keeper_folder(scene.cache_root())).made == 1);
  order.locks.clear();
  const StoredPackagePtr kept = scene.found(0);
  REQUIRE(kept);
  CHECK(scene::inode_of(kept->folder + "/package.json") ==
        scene::inode_of(scene.project.path("node_modules/a/package.json")));
  const auto other = must(Store::open(scene.cache_root()));
  CHECK(other->claim(kept->digest));
  CHECK(other->damaged_files(*kept, Verify::fence).empty());
  CHECK(other->damaged_files(*kept, Verify::sums).empty());
  CHECK(fs::is_empty(scene.cache_root() + "/store/v1/tmp"));
}

TEST_CASE("T-CACHE-01 what was changed in the tree meanwhile does not get into the store") {
  Scene scene(kTwo);
  scene.project.link();
  scene::write(scene.project.path("node_modules/a/README.md"), "# b");  // of the same length
  fs::remove_all(scene.project.path("node_modules/b/lib"));
  const KeepOrder order = scene.order();
  scene.store.reset();
  must(keep_packages(order));
  CHECK(scene.found(0) == nullptr);
  CHECK(scene.found(1) == nullptr);
  CHECK(fs::is_empty(scene.cache_root() + "/store/v1/tmp"));
}

TEST_CASE("a cache that was removed meanwhile is not made again") {
  Scene scene(kTwo);
  scene.project.link();
  const KeepOrder order = scene.order();
  scene.store.reset();
  fs::remove_all(scene.cache_root());
  must(keep_packages(order));
  CHECK_FALSE(fs::exists(scene.cache_root()));
}

}  // namespace hod::cache
