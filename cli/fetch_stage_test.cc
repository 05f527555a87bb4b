// SPDX-License-Identifier: MIT
#include "cli/fetch_stage.h"

#include <doctest/doctest.h>

#include "cli/offline_scene_test.h"
#include "cli/same_cause.h"
#include "core/base/io.h"

using namespace hod;
using namespace hod::cli;

namespace {

struct Scene : OfflineScene {
  ResolutionGraph graph;

  void add(std::string name, std::string version, std::string integrity,
           PackageSource source = {}) {
    GraphPackage package;
    package.name = std::move(name);
    package.version = std::move(version);
    package.integrity = std::move(integrity);
    package.source = std::move(source);
    graph.packages.push_back(std::move(package));
  }
  StageResult<Fetched> run(const std::vector<PackageIndex>& wanted) {
    return fetch(graph, wanted, folder.path(), *services, *reporter, timing);
  }
};

}  // namespace

TEST_CASE("what the store has is found by any of its digests, without a request") {
  Scene scene;
  std::string bytes = archive_of(R"({"name":"a","version":"1.0.0"})");
  std::string sha1 =
      Integrity::of(DigestAlgorithm::sha1, cache::digest_of(DigestAlgorithm::sha1, bytes)).text();
  scene.store(bytes, sha1);
  scene.add("a", "1.0.0", sri(bytes));
  scene.add("a", "1.0.0", sha1);
  scene.add("b", "1.0.0", "", {PackageSource::Kind::directory, "b"});
  CHECK(weakly_proved(scene.graph) == std::vector<PackageIndex>{1});
  auto fetched = scene.run({0, 1, 2});
  CAPTURE((fetched ? std::string() : fetched.error().front().text()));
  REQUIRE(fetched);
  CHECK(fetched->contents[0]);
  CHECK(fetched->contents[1]);
  CHECK_FALSE(fetched->contents[2]);
  CHECK(fetched->downloaded == 0);
  upgrade_integrity(scene.graph, fetched->contents);
  CHECK(scene.graph.packages[1].integrity == sri(bytes));
}

TEST_CASE(
    "T-LINK-05 an archive of another package is refused, one that spells its version otherwise is "
    "not") {
  Scene scene;
  std::string other = archive_of(R"({"name":"other","version":"1.0.0"})");
  std::string loose = archive_of(R"({"name":"b","version":"v1.0.0+build"})");
  scene.store(other);
  scene.store(loose);
  scene.add("a", "1.0.0", sri(other));
  scene.add("b", "1.0.0", sri(loose));
  auto refused = scene.run({0, 1});
  REQUIRE_FALSE(refused);
  REQUIRE(refused.error().size() == 1);
  CHECK(refused.error().front().code() == ErrorCode::archive_hostile);
  CHECK(scene.run({1}));
}

TEST_CASE("all failures are told, in the order of the packages") {
  Scene scene;
  scene.add("a", "1.0.0", sri("a"));
  scene.add("b", "1.0.0", "");
  scene.add("c", "1.0.0", sri("c"));
  auto fetched = scene.run({2, 1, 0});
  REQUIRE_FALSE(fetched);
  REQUIRE(fetched.error().size() == 3);
  CHECK(fetched.error()[0].code() == ErrorCode::offline_missing);
  CHECK(fetched.error()[1].code() == ErrorCode::integrity_missing);
  CHECK(fetched.error()[2].trail().back() == "fetching `c@1.0.0`");
}

TEST_CASE("an archive beside the project is stored and must be what the lockfile says") {
  Scene scene;
  std::string bytes = archive_of(R"({"name":"packed","version":"1.0.0"})");
  scene.folder.write("packed.tgz", bytes);
  scene.add("packed", "1.0.0", sri(bytes), {PackageSource::Kind::tarball_file, "packed.tgz"});
  auto fetched = scene.run({0});
  REQUIRE(fetched);
  CHECK(fetched->contents[0]->manifest_name == "packed");
  scene.graph.packages[0].integrity = sri("other bytes");
  auto refused = scene.run({0});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().front().code() == ErrorCode::integrity_mismatch);
}

#ifdef HOD_FAULTS

TEST_CASE("a full disk tells once how much is still to be unpacked") {
  Scene scene;
  must(scene.services->store());
  std::vector<PackageIndex> all;
  for (const std::string name : {"a", "b", "c"}) {
    std::string bytes = archive_of(R"({"version":"1.0.0","name":")" + name + "\"}");
    scene.folder.write(name + ".tgz", bytes);
    scene.add(name, "1.0.0", sri(bytes), {PackageSource::Kind::tarball_file, name + ".tgz"});
    scene.graph.packages.back().unpacked_size = 1'500'000;
    all.push_back(static_cast<PackageIndex>(all.size()));
  }
  io::set_fault_plan("op=write,from=1:enospc");
  auto fetched = scene.run(all);
  io::set_fault_plan("");
  REQUIRE_FALSE(fetched);
  Errors told = merged_by_cause(fetched.error());
  REQUIRE(told.size() == 1);
  CHECK(told[0].code() == ErrorCode::disk_full);
  REQUIRE(told[0].details().size() == 2);
  CHECK(told[0].details()[0].starts_with("4.5 MB are still to be unpacked, "));
  CHECK(told[0].details()[1] == "2 more for the same reason: `b@1.0.0`, `c@1.0.0`");
}

#endif
