// SPDX-License-Identifier: MIT
#include "cli/shared_downloads.h"

#include <doctest/doctest.h>

#include "cache/hash.h"
#include "cli/test_folder.h"
#include "tests/support/tarball.h"

using namespace hod;
using namespace hod::cli;

namespace {

// Two processes, as far as locks can tell: two stores of one folder.
struct Scene {
  TestFolder folder;
  std::unique_ptr<cache::Store> other = must(cache::Store::open(folder / "cache"));
  std::unique_ptr<cache::Store> store = must(cache::Store::open(folder / "cache"));
  fetcher::Loop loop;
  SharedDownloads shared{*store, loop};
  std::string bytes =
      tests::gzip_of(tests::tar_of({{"package/package.json", R"({"name":"a"})", 0644, '0', ""}}));
  TarballDigest digest{cache::digest_of(DigestAlgorithm::sha512, bytes)};
  int fetches = 0;
  cache::StoredPackagePtr found;

  void ask() {
    shared.ask(digest, {[this] { ++fetches; },
                        [this](cache::StoredPackagePtr package) { found = std::move(package); }});
  }
  void publish() { must(other->add_tarball(bytes, Integrity(), "a", "test")); }
  void wait() {
    loop.run_until([this] { return fetches > 0 || found; });
  }
};

}  // namespace

TEST_CASE("what nobody fetches is ours at once") {
  Scene scene;
  scene.ask();
  CHECK(scene.fetches == 1);
  CHECK_FALSE(scene.other->claim(scene.digest));
  scene.shared.done(scene.digest);
  CHECK(scene.other->claim(scene.digest));
}

TEST_CASE("what another process publishes while we wait is taken from it") {
  Scene scene;
  REQUIRE(scene.other->claim(scene.digest));
  scene.ask();
  CHECK(scene.fetches == 0);
  scene.loop.after(std::chrono::milliseconds{1}, [&] {
    scene.publish();
    scene.other->release_claim(scene.digest);
  });
  scene.wait();
  CHECK(scene.fetches == 0);
  REQUIRE(scene.found);
  CHECK(scene.found->manifest_name == "a");
  CHECK(scene.other->claim(scene.digest));
}

TEST_CASE("what another process gives up is ours") {
  Scene scene;
  REQUIRE(scene.other->claim(scene.digest));
  scene.ask();
  scene.loop.after(std::chrono::milliseconds{1}, [&] { scene.other.reset(); });
  scene.wait();
  CHECK(scene.fetches == 1);
}

TEST_CASE("a process that publishes nothing is not waited for longer than two seconds") {
  Scene scene;
  REQUIRE(scene.other->claim(scene.digest));
  const auto start = std::chrono::steady_clock::now();
  scene.ask();
  scene.wait();
  CHECK(scene.fetches == 1);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{10});
}

TEST_CASE("two that wait for one package are both served") {
  Scene scene;
  REQUIRE(scene.other->claim(scene.digest));
  scene.ask();
  scene.ask();
  scene.loop.after(std::chrono::milliseconds{1}, [&] { scene.other.reset(); });
  scene.loop.run_until([&] { return scene.fetches == 2; });
  CHECK(scene.fetches == 2);
}
