// SPDX-License-Identifier: MIT
#include "cache/global_store_check.h"

#include <doctest/doctest.h>

#include "cache/tree_scene_test.h"
#include "core/base/io.h"

using namespace hod;
using namespace hod::cache;
using namespace hod::cache::scene;

namespace {

// An entry made of hard links, as the linker makes it, with one link and one command.
struct Scene {
  TestFolder folder;
  LittleStore store{folder.path("files")};
  StoredPackagePtr stored = store.add("a", {{"index.js", "text"}, {"cli.js", "#!x\r\nrest"}});
  PlacedPackage placed{"a@1/k/node_modules/a", 0, {}, false, {"cli.js"}};
  std::vector<PlacedLink> links{{"a@1/k/node_modules/b", "../../../b@1/k/node_modules/b"}};

  Scene() {
    std::filesystem::create_directories(path(""));
    for (const char* name : {"index.js", "package.json"}) {
      std::filesystem::create_hard_link(stored->folder + "/" + name, path(name));
    }
    write(path("cli.js"), "#!x\nrest");
    ::chmod(path("cli.js").c_str(), 0755);
    std::filesystem::last_write_time(path("cli.js"),
                                     std::filesystem::last_write_time(stored->folder + "/cli.js"));
    std::filesystem::create_symlink(links[0].target, folder.path("links/") + links[0].path);
  }
  std::string path(const std::string& file) const {
    return folder.path("links/" + placed.path + "/" + file);
  }
  EntryState check(Verify strength, const std::string& boot = boot_id()) const {
    const Fd links_folder(io::open(folder.path("links").c_str(), O_PATH | O_DIRECTORY));
    return EntryChecker(boot).check(links_folder.get(), placed, *stored, links, strength);
  }
  void flip_keeping_time() const {
    const auto time = std::filesystem::last_write_time(path("index.js"));
    write(path("index.js"), "tExt");
    std::filesystem::last_write_time(path("index.js"), time);
  }
};

}  // namespace

TEST_CASE("a whole entry is right, its mended command too") {
  Scene scene;
  CHECK(scene.check(Verify::fence) == EntryState::right);
  CHECK(scene.check(Verify::sums) == EntryState::right);
}

TEST_CASE("T-CACHE-01 the fence finds what has another size, time, mode, or is gone") {
  Scene scene;
  SUBCASE("edited") { write(scene.path("index.js"), "tExt"); }
  SUBCASE("cut") { write(scene.path("index.js"), ""); }
  SUBCASE("gone") { std::filesystem::remove(scene.path("index.js")); }
  SUBCASE("a folder in its place") {
    std::filesystem::remove(scene.path("index.js"));
    std::filesystem::create_directories(scene.path("index.js"));
  }
  SUBCASE("a link in its place") {
    std::filesystem::remove(scene.path("index.js"));
    std::filesystem::create_symlink(scene.stored->folder + "/index.js", scene.path("index.js"));
  }
  SUBCASE("command without its x bit") { ::chmod(scene.path("cli.js").c_str(), 0644); }
  SUBCASE("another command") { write(scene.path("cli.js"), "#!y\nrest"); }
  SUBCASE("another link") {
    const std::string link = scene.folder.path("links/") + scene.links[0].path;
    std::filesystem::remove(link);
    std::filesystem::create_symlink("elsewhere", link);
  }
  CHECK(scene.check(Verify::fence) == EntryState::wrong);
}

TEST_CASE("a flipped bit whose time was put back is found by sums, and in another boot") {
  Scene scene;
  scene.flip_keeping_time();
  CHECK(scene.check(Verify::fence) == EntryState::right);
  CHECK(scene.check(Verify::sums) == EntryState::wrong);
  CHECK(scene.check(Verify::fence, "another boot") == EntryState::wrong);
}

TEST_CASE("a touched file is stale, not wrong") {
  Scene scene;
  std::filesystem::last_write_time(scene.path("index.js"), {});
  CHECK(scene.check(Verify::fence) == EntryState::stale);
}
