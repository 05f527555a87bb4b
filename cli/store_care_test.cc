// SPDX-License-Identifier: MIT
#include "cli/store_care.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/hash.h"
#include "cli/test_folder.h"
#include "core/base/io.h"
#include "tests/support/tarball.h"

using namespace hod;
using namespace hod::cli;

namespace {

struct Scene {
  TestFolder folder;
  std::unique_ptr<cache::Store> store = must(cache::Store::open(folder / "cache"));
  ResolutionGraph graph;
  std::vector<cache::StoredPackagePtr> contents;
  cache::WorkerPool pool{2};

  void add(const std::string& name) {
    const std::string bytes = tests::gzip_of(tests::tar_of(
        {{"package/package.json", R"({"name":")" + name + R"(","version":"1.0.0"})", 0644, '0', ""},
         {"package/index.js", "1", 0644, '0', ""}}));
    contents.push_back(must(store->add_tarball(bytes, Integrity(), name, "test")));
    GraphPackage package;
    package.name = name;
    package.version = "1.0.0";
    graph.packages.push_back(std::move(package));
  }
  // As the index gives it out when it was written before the machine was started.
  void of_other_boot(std::size_t index) {
    auto package = std::make_shared<cache::StoredPackage>(*contents[index]);
    package->boot_id = "another boot";
    contents[index] = package;
  }
  std::string boot_of(std::size_t index) {
    return must(store->find({&contents[index]->digest, 1}))[0]->boot_id;
  }
  void edit(std::size_t index) const {
    Fd fd(io::open((contents[index]->folder + "/index.js").c_str(), O_WRONLY));
    REQUIRE(::write(fd.get(), "2", 1) == 1);
  }
};

}  // namespace

TEST_CASE("T-CACHE-01 damaged packages leave the store, and their damaged files are named") {
  Scene scene;
  scene.add("edited");
  scene.add("gone");
  scene.add("right");
  scene.edit(0);
  must(remove_tree(scene.contents[1]->folder));
  const auto healed = must(take_out_damaged(*scene.store, scene.graph, scene.contents, {0, 1}));
  REQUIRE(healed.size() == 2);
  CHECK(healed[0].text() == "edited@1.0.0 (index.js)");
  CHECK(healed[1].text() == "gone@1.0.0");
  const auto found = [&](std::size_t i) {
    return must(scene.store->find({&scene.contents[i]->digest, 1}))[0];
  };
  CHECK(found(0) == nullptr);
  CHECK(found(1) == nullptr);
  CHECK(found(2) != nullptr);
}

TEST_CASE("several damaged files are counted") {
  CHECK(HealedPackage{"a@1.0.0", {"x", "y"}}.text() == "a@1.0.0 (x and 1 more file)");
  CHECK(HealedPackage{"a@1.0.0", {"x", "y", "z"}}.text() == "a@1.0.0 (x and 2 more files)");
}

TEST_CASE("proved packages are trusted in this boot, those with other stamps are put right") {
  Scene scene;
  for (const char* name : {"proved", "stale", "touched", "untouched"}) scene.add(name);
  for (std::size_t i : {0U, 1U, 3U}) scene.of_other_boot(i);
  auto moved = std::make_shared<cache::StoredPackage>(*scene.contents[1]);
  moved->files[0].inode += 1;
  scene.contents[1] = moved;
  const std::string touched = scene.contents[2]->folder + "/index.js";
  REQUIRE(io::set_times(AT_FDCWD, touched.c_str(), {1'000'000'000, 0}, 0) == 0);
  cache::LinkReport report;
  report.proved = {0, 1};
  report.stale = {1, 2};
  record_findings(*scene.store, scene.contents, report, scene.pool);
  CHECK(scene.boot_of(0) == boot_id());
  CHECK(scene.boot_of(1) == boot_id());
  struct stat info {};
  REQUIRE(::stat(touched.c_str(), &info) == 0);
  CHECK(info.st_mtim.tv_sec == 499'162'500);
}

TEST_CASE("a package that was edited after it was read is not trusted") {
  Scene scene;
  scene.add("a");
  must(scene.store->flush());
  scene.of_other_boot(0);
  scene.edit(0);
  cache::LinkReport report;
  report.proved = {0};
  record_findings(*scene.store, scene.contents, report, scene.pool);
  must(scene.store->flush());
  const auto stored = must(scene.store->find({&scene.contents[0]->digest, 1}))[0];
  CHECK(scene.store->damaged_files(*stored, cache::Verify::fence) ==
        std::vector<std::string>{"index.js"});
}
