// SPDX-License-Identifier: MIT
#include "cache/global_store_projects.h"

#include <doctest/doctest.h>

#include "cache/global_store_scene_test.h"

using namespace hod;
using namespace hod::cache;
using namespace hod::cache::scene;

namespace {

constexpr std::chrono::hours kDay{24};
constexpr std::chrono::seconds kNoGrace{0};

std::size_t collect(const TestFolder& folder, std::chrono::seconds grace) {
  const Result<std::size_t> removed = collect_global_store(folder.path("cache"), grace);
  REQUIRE(removed);
  return *removed;
}

}  // namespace

TEST_CASE("a project's record comes back as it was written, or not at all") {
  const ProjectRecord record{
      "boot", "/home/u/a b\n%c", {{"a@1.0.0/00ff", 1'700'000'000}, {"@s+b@2.0.0/11", 5}}};
  const std::string bytes = encode_project_record(record);
  CHECK(decode_project_record(bytes) == record);
  CHECK(decode_project_record(encode_project_record({"", "", {}})) == ProjectRecord{});
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string other = bytes;
    other[i] = static_cast<char>(other[i] ^ 1);
    CAPTURE(i);
    CHECK_FALSE(decode_project_record(other) == record);
    CHECK_FALSE(decode_project_record(bytes.substr(0, i)).has_value());
  }
}

TEST_CASE("collecting keeps what trees reach, through scopes, rings and links within packages") {
  TestFolder folder;
  LittleStore files(folder.path("files"));
  GlobalProject one(folder.path("cache"), folder.path("one"), files);
  GlobalProject two(folder.path("cache"), folder.path("two"), files);
  two.share_contents_of(one);
  one.want(". -> a@1\n a@1 -> @s/b@1\n @s/b@1 -> c@2\n c@2 -> c@1\n c@1 -> a@1");
  one.install();
  two.want(". -> d@1\n d@1 -> e@1\n e@1");
  two.install();
  CHECK(collect(folder, kNoGrace) == 0);
  const Result<GlobalStoreUse> use = global_store_use(folder.path("cache"));
  REQUIRE(use);
  CHECK(use->entries == 6);
  CHECK(use->used == 6);
  CHECK(use->projects == 2);

  std::filesystem::remove_all(two.root());
  CHECK(collect(folder, kDay) == 0);
  CHECK(collect(folder, kNoGrace) == 2);
  CHECK(one.entries() == std::vector<std::string>{"@s+b@1", "a@1", "c@1", "c@2"});
  CHECK(read(one.root() + "/node_modules/a/index.js") == "// a@1");
  CHECK_FALSE(read_project_record(folder.path("cache"), two.root()).has_value());
}

TEST_CASE("within the grace a project may lose its node_modules and have it again for nothing") {
  TestFolder folder;
  LittleStore files(folder.path("files"));
  GlobalProject one(folder.path("cache"), folder.path("one"), files);
  one.want(". -> a@1\n a@1 -> b@1\n b@1");
  one.install();
  std::filesystem::remove_all(one.root() + "/node_modules");
  CHECK(collect(folder, kDay) == 0);
  CHECK(one.install().packages_added == 0);
  CHECK(one.unproved.empty());
}

TEST_CASE("a collector without a global virtual store has nothing to do") {
  TestFolder folder;
  CHECK(collect(folder, kNoGrace) == 0);
  CHECK(global_store_use(folder.path("cache"))->entries == 0);
}
