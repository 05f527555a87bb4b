// SPDX-License-Identifier: MIT
#include "cache/global_store.h"

#include <thread>

#include <doctest/doctest.h>

#include "cache/global_store_scene_test.h"

using namespace hod;
using namespace hod::cache;
using namespace hod::cache::scene;

namespace {

struct TwoProjects {
  TestFolder folder;
  LittleStore files{folder.path("files")};
  GlobalProject one{folder.path("cache"), folder.path("one"), files};
  GlobalProject two{folder.path("cache"), folder.path("two"), files};
  TwoProjects() { two.share_contents_of(one); }
};

constexpr std::string_view kText =
    ". -> a@1, s=@s/b@2, tool@1\n a@1 -> @s/b@1, c@1\n @s/b@1 -> c@1\n @s/b@2 -> c@2\n c@1 -> a@1\n"
    "c@2 -> c@1\n tool@1 [bin tool=cli.js]";

}  // namespace

TEST_CASE("a tree is links into entries that hold what they need, and is found by others") {
  TwoProjects scene;
  scene.one.want(kText);
  CHECK(scene.one.install().packages_added == 6);
  CHECK(scene.one.shape.packages.empty());
  const std::string entry = scene.one.entry_of("a");
  CHECK(read(entry + "/node_modules/a/index.js") == "// a@1");
  CHECK(read(entry + "/node_modules/@s/b/index.js") == "// @s/b@1");
  CHECK(read(entry + "/node_modules/c/lib/deep/x.js") == "x of c@1");
  // Another version of the own name is found inside the package.
  const std::string c2 =
      std::filesystem::canonical(scene.one.root() + "/node_modules/s").string() + "/../../c";
  CHECK(read(c2 + "/index.js") == "// c@2");
  CHECK(read(c2 + "/node_modules/c/index.js") == "// c@1");
  // A command is mended and can be run, the store's file stays as it was.
  const std::string command = scene.one.root() + "/node_modules/tool/cli.js";
  CHECK(read(command) == "#!/usr/bin/env node\nlong\r\n");
  CHECK((mode_of(command) & 0111) == 0111);
  CHECK(inode_of(entry + "/node_modules/a/index.js") == scene.one.contents[0]->files[0].inode);

  scene.two.want(kText);
  CHECK(scene.two.install().packages_added == 0);
  CHECK(scene.two.fresh == 6);
  CHECK(scene.two.unproved.size() == 6);  // another project's proof is not this one's
  CHECK(scene.two.entry_of("a") == entry);
  CHECK(scene.two.install().packages_added == 0);
  CHECK(scene.two.unproved.empty());
  CHECK(scene.two.fresh == 0);
}

TEST_CASE("an edited, cut, removed or replaced file, link or folder of an entry is found") {
  const auto damage = [](const std::string& entry, int kind) {
    const std::string file = entry + "/node_modules/a/lib/deep/x.js";
    if (kind == 0) std::filesystem::remove(file);
    if (kind == 1) std::filesystem::remove_all(entry + "/node_modules/a");
    if (kind == 2) std::filesystem::remove(entry + "/node_modules/c");
    if (kind == 3) std::filesystem::remove_all(entry);
    if (kind == 4) std::filesystem::remove_all(entry + "/node_modules");
    if (kind == 5) {
      std::filesystem::remove(file);
      write(file, "x of a@1");  // the right text, another inode and time: stale, but not wrong
    }
  };
  for (int kind = 0; kind < 6; ++kind) {
    CAPTURE(kind);
    TwoProjects scene;
    scene.one.want(kText);
    scene.one.install();
    const std::string entry = scene.one.entry_of("a");
    damage(entry, kind);
    scene.two.want(kText);
    const LinkReport report = scene.two.install();
    CHECK(report.damaged.empty());
    CHECK(report.packages_added == (kind == 5 ? 0 : 1));
    CHECK(report.stale.size() == (kind == 5 ? 1 : 0));
    CHECK(read(entry + "/node_modules/a/lib/deep/x.js") == "x of a@1");
    CHECK(read(entry + "/node_modules/c/index.js") == "// c@1");
  }
}

TEST_CASE("a link taken out of an entry is found at once, by the project that trusts it too") {
  TwoProjects scene;
  scene.one.want(kText);
  scene.one.install();
  const std::string entry = scene.one.entry_of("a");
  std::filesystem::remove(entry + "/node_modules/c");
  CHECK(scene.one.install().packages_added == 1);
  CHECK(read(entry + "/node_modules/c/index.js") == "// c@1");
}

TEST_CASE("T-CACHE-02 a file edited through a link of its inode is damage of the store's package") {
  TwoProjects scene;
  scene.one.want(kText);
  scene.one.install();
  const std::string file = scene.one.entry_of("a") + "/node_modules/a/index.js";
  write(file, "// edited");
  scene.two.want(kText);
  CHECK(scene.two.install().damaged == std::vector<PackageIndex>{0});
  // As fetched again: entry and tree are whole.
  scene.one.shared_contents()["a@1"] =
      scene.files.add("a@1", {{"index.js", "// a@1"}, {"lib/deep/x.js", "x of a@1"}});
  scene.two.want(kText);
  CHECK(scene.two.install().packages_added == 1);
  CHECK(read(file) == "// a@1");
}

TEST_CASE("sums find a bit that was flipped with its time put back, a fence does not") {
  TwoProjects scene;
  scene.one.want(kText);
  scene.one.install();
  const std::string file = scene.one.entry_of("a") + "/node_modules/a/index.js";
  const auto time = std::filesystem::last_write_time(file);
  write(file, "// a@2");
  std::filesystem::last_write_time(file, time);
  CHECK(scene.one.install().damaged.empty());
  CHECK(scene.one.install(Verify::sums).damaged == std::vector<PackageIndex>{0});
}

TEST_CASE("packages whose contents the store has lost are asked for") {
  TwoProjects scene;
  scene.one.want(kText);
  scene.one.contents[1] = nullptr;
  CHECK(scene.one.install().damaged == std::vector<PackageIndex>{1});
  CHECK_FALSE(std::filesystem::exists(scene.one.root() + "/node_modules"));
}

TEST_CASE("what cannot be shared stands in the project and finds what is shared") {
  TwoProjects scene;
  scene.one.want(". -> a@1\n a@1 -> b@1\n b@1", {true, false});
  scene.one.install();
  const std::string real = std::filesystem::canonical(scene.one.root() + "/node_modules/a");
  CHECK(real == scene.one.root() + "/node_modules/.hod/a@1/node_modules/a");
  CHECK(read(real + "/../b/index.js") == "// b@1");
  CHECK(scene.one.entries() == std::vector<std::string>{"b@1"});
}

TEST_CASE("many make the same entries at once") {
  TwoProjects scene;
  std::vector<std::unique_ptr<GlobalProject>> projects;
  for (int i = 0; i < 4; ++i) {
    projects.push_back(std::make_unique<GlobalProject>(
        scene.folder.path("cache"), scene.folder.path("p" + std::to_string(i)), scene.files));
    projects.back()->share_contents_of(scene.one);
    projects.back()->want(kText);
  }
  std::vector<std::thread> threads;
  std::vector<std::string> errors(projects.size());
  for (std::size_t i = 0; i < projects.size(); ++i) {
    threads.emplace_back([&, i] {
      const Result<LinkReport> made = projects[i]->try_install();
      if (!made) errors[i] = made.error().text();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& error : errors) CHECK(error == "");
  CHECK(projects[0]->entries().size() == 6);
  for (const auto& project : projects) {
    CHECK(read(project->root() + "/node_modules/a/index.js") == "// a@1");
  }
}

TEST_CASE("a cache that is somebody else's to write to is refused (T-CACHE-06)") {
  TwoProjects scene;
  std::filesystem::create_directories(scene.folder.path("cache"));
  ::chmod(scene.folder.path("cache").c_str(), 0777);
  scene.one.want(kText);
  const Result<LinkReport> made = scene.one.try_install();
  REQUIRE_FALSE(made);
  CHECK(made.error().code() == ErrorCode::cache_refused);
}
