// SPDX-License-Identifier: MIT
// The cache, seen from outside: damage is found and healed, hod cache, the read-only layer, several
// hods at once.
#include <filesystem>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "tests/support/hod_scene.h"

using namespace hod;
using namespace hod::tests;
namespace fs = std::filesystem;

namespace {

constexpr const char* kManifest = R"({"dependencies":{"needs-plain":"1","tool":"1"}})";

struct Scene : HodScene {
  Scene() {
    write("package.json", kManifest);
    REQUIRE(hod({"install"}).exit_code == 0);
  }
  std::string cache() const { return root() + "/cache"; }

  // The stored file that holds this text.
  std::string stored_file(const std::string& text, const std::string& below = "cache") const {
    const std::string packages = root() + "/" + below + "/store/v1/packages";
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(packages)) {
      if (!entry.is_regular_file() || entry.path().extension() == ".list") continue;
      if (must(read_file(entry.path().string())).find(text) != std::string::npos)
        return entry.path().string();
    }
    FAIL("no stored file holds " << text);
    return "";
  }
  void remove_tree_of_project() { must(remove_tree(*this / "node_modules")); }
};

// Until nobody works in the cache any more.
void wait_for_keeper(const HodScene& scene) {
  const std::string lock = scene.root() + "/cache/store/v1/gc.lock";
  const Fd fd(::open(lock.c_str(), O_RDWR | O_CLOEXEC));
  REQUIRE(fd);
  REQUIRE(::flock(fd.get(), LOCK_EX) == 0);
}

// A member of the result of a run with --json.
Json result_of(const HodRun& run, const char* member) {
  const Json document = must(Json::parse(run.out, ""));
  const Json* result = document.find("result");
  const Json* found = result != nullptr ? result->find(member) : nullptr;
  return found != nullptr ? *found : Json();
}

// The same size, the same time stamp.
void flip_byte(const std::string& file) {
  struct stat info {};
  REQUIRE(::stat(file.c_str(), &info) == 0);
  Fd fd(::open(file.c_str(), O_WRONLY));
  REQUIRE(::pwrite(fd.get(), "#", 1, 0) == 1);
  const timespec times[2] = {info.st_atim, info.st_mtim};
  REQUIRE(::futimens(fd.get(), times) == 0);
}

void edit(const std::string& file) {
  Fd fd(::open(file.c_str(), O_WRONLY | O_APPEND));
  REQUIRE(::write(fd.get(), "// edited", 9) == 9);
}

}  // namespace

TEST_CASE(
    "T-CACHE-01 an edited stored file is healed in the same run, with one line and one request") {
  Scene scene;
  const std::vector<std::string> tree = scene.tree();
  edit(scene.stored_file("plain@1.1.0"));
  scene.remove_tree_of_project();
  const std::size_t requests = scene.registry.request_count();
  const HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(run.err.find("1 package was damaged in the cache and fetched again: plain@1.1.0 (") !=
        std::string::npos);
  CHECK(scene.registry.request_count() == requests + 1);
  CHECK(scene.tree() == tree);
  CHECK(scene.node("console.log(require('needs-plain'))") == "needs-plain@1.0.0 > plain@1.1.0\n");
}

TEST_CASE("T-CACHE-02 an edit through node_modules reaches no other project") {
  Scene scene;
  const std::string own = scene / "node_modules/needs-plain/index.js";
  edit(own);
  scene.write("../other/package.json", kManifest);
  const HodRun run = scene.hod({"-C", "../other", "install"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(must(read_file(own)).find("edited") != std::string::npos);
  CHECK(must(read_file(scene / "../other/node_modules/needs-plain/index.js")).find("edited") ==
        std::string::npos);
}

TEST_CASE("T-CACHE-01 frozen means proved: a flipped byte with its time put back is healed") {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"ci"}, std::vector<std::string>{"install", "--frozen-lockfile"},
        std::vector<std::string>{"install", "--verify-store=always"}}) {
    Scene scene;
    flip_byte(scene.stored_file("plain@1.1.0"));
    scene.remove_tree_of_project();
    const HodRun run = scene.hod(command);
    CAPTURE(run.err);
    CHECK(run.exit_code == 0);
    CHECK(run.err.find("fetched again: plain@1.1.0") != std::string::npos);
    CHECK(scene.node("console.log(require('needs-plain'))") == "needs-plain@1.0.0 > plain@1.1.0\n");
  }
}

TEST_CASE("damage without a network is a clear error, and no tree is made of it") {
  Scene scene;
  flip_byte(scene.stored_file("plain@1.1.0"));
  scene.remove_tree_of_project();
  const HodRun run = scene.hod({"ci", "--offline"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 6);
  CHECK(run.err.find("OFFLINE_MISSING") != std::string::npos);
  CHECK(run.err.find("damaged in the cache") != std::string::npos);
  CHECK(run.err.find("plain") != std::string::npos);
  CHECK_FALSE(scene.exists("node_modules/needs-plain"));
}

TEST_CASE("T-CACHE-10 a cache without its index, or with rubbish for one, needs no request") {
  for (const bool rubbish : {false, true}) {
    Scene scene;
    const std::string index = scene.cache() + "/store/v1/index.db";
    for (const char* ending : {"", "-wal", "-shm"}) must(remove_tree(index + ending));
    if (rubbish) must(write_file_atomic(index, std::string(9000, 'x'), Durable::no));
    scene.remove_tree_of_project();
    const std::size_t requests = scene.registry.request_count();
    const HodRun run = scene.hod({"install"});
    CAPTURE(run.err);
    CHECK(run.exit_code == 0);
    CHECK(scene.registry.request_count() == requests);
  }
}

TEST_CASE("hod cache: path and info, by both names, for people and machines") {
  Scene scene;
  CHECK(scene.hod({"cache", "path"}).out == scene.cache() + "\n");
  CHECK(scene.hod({"store", "path"}).out == scene.cache() + "\n");
  const HodRun info = scene.hod({"cache", "info"});
  CAPTURE(info.err);
  CHECK(info.exit_code == 0);
  CHECK(info.out.find("packages   3 (") != std::string::npos);
  CHECK(info.out.find("collected  never") != std::string::npos);
  const HodRun machine = scene.hod({"cache", "info", "--json"});
  CHECK(result_of(machine, "packages").as_number() == 3);
  CHECK(result_of(machine, "path").as_string() == scene.cache());
  CHECK(scene.hod({"cache", "nonsense"}).exit_code == 2);
  CHECK(scene.hod({"cache", "gc", "--max-age=soon"}).exit_code == 2);
}

TEST_CASE(
    "T-CACHE-01 hod cache verify finds a flipped byte, --repair makes the next install heal it") {
  Scene scene;
  HodRun run = scene.hod({"cache", "verify"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(run.err.find("all right") != std::string::npos);
  flip_byte(scene.stored_file("plain@1.1.0"));
  run = scene.hod({"cache", "verify"});
  CHECK(run.exit_code == 5);
  CHECK(run.out.find("damaged: plain@1.1.0\n") != std::string::npos);
  CHECK(run.out.find("index.js") != std::string::npos);
  run = scene.hod({"cache", "verify", "--json"});
  CHECK(result_of(run, "damaged").elements().size() == 1);
  CHECK_FALSE(result_of(run, "right").as_boolean());
  CHECK(scene.hod({"cache", "verify", "--repair"}).exit_code == 0);
  CHECK(scene.hod({"cache", "verify"}).exit_code == 0);
  scene.remove_tree_of_project();
  const std::size_t requests = scene.registry.request_count();
  CHECK(scene.hod({"install"}).exit_code == 0);
  CHECK(scene.registry.request_count() == requests + 1);
}

TEST_CASE("hod cache gc keeps what a tree shares, and removes the rest; clean removes all") {
  Scene scene;
  HodRun run = scene.hod({"cache", "gc", "--max-age=0"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(run.err.find("removed 0 packages") != std::string::npos);
  CHECK(run.err.find("kept 3 unused packages that projects share") != std::string::npos);
  scene.remove_tree_of_project();
  CHECK(scene.hod({"cache", "gc"}).err.find("removed 0 packages") != std::string::npos);
  CHECK(scene.hod({"store", "gc", "--max-age=0"}).err.find("removed 3 packages") !=
        std::string::npos);
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  REQUIRE(scene.hod({"cache", "clean"}).exit_code == 0);
  CHECK(result_of(scene.hod({"cache", "info", "--json"}), "packages").as_number() == 0);
  CHECK(scene.node("console.log(require('needs-plain'))") == "needs-plain@1.0.0 > plain@1.1.0\n");
}

TEST_CASE("T-CACHE-11 from a read-only layer a project is installed without a request") {
  Scene scene;
  REQUIRE(scene.hod({"cache", "gc"}).exit_code == 0);  // makes each index one file
  REQUIRE(scene.run({"cp", "-a", scene.cache(), scene.root() + "/layer"}).exit_code == 0);
  REQUIRE(scene.run({"chmod", "-R", "a-w", scene.root() + "/layer"}).exit_code == 0);
  must(remove_tree(scene.cache()));
  scene.set("HOD_CACHE_READONLY", scene.root() + "/layer");
  const std::vector<std::string> tree = scene.tree();
  for (const bool with_lockfile : {true, false}) {
    scene.remove_tree_of_project();
    if (!with_lockfile) must(remove_tree(scene / "hod.lock"));
    const HodRun run = scene.hod({"install", "--offline"});
    CAPTURE(run.err);
    CHECK(run.exit_code == 0);
    CHECK(scene.tree() == tree);
  }
  REQUIRE(scene.run({"chmod", "-R", "u+w", scene.root() + "/layer"}).exit_code == 0);
  flip_byte(scene.stored_file("plain@1.1.0", "layer"));
  scene.remove_tree_of_project();
  const HodRun run = scene.hod({"ci"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(run.err.find("fetched again: plain@1.1.0") != std::string::npos);
  CHECK(scene.node("console.log(require('needs-plain'))") == "needs-plain@1.0.0 > plain@1.1.0\n");
}

TEST_CASE("two hods that miss the same packages fetch each of them once") {
  HodScene scene;
  // Slow enough to be met on the way, fast enough to be waited for.
  const FixturePackage& plain = scene.registry.get("plain", "2.0.0");
  FixtureReply slow;
  slow.body = plain.tarball;
  slow.trickle_from = plain.tarball.size() - 60;
  scene.registry.answer("plain-2.0.0.tgz", slow);
  scene.write("package.json", R"({"dependencies":{"plain":"2.0.0"}})");
  scene.write("../other/package.json", R"({"dependencies":{"plain":"2.0.0"}})");
  HodRun first, second;
  std::thread other([&] { first = scene.hod({"-C", "../other", "install"}); });
  second = scene.hod({"install"});
  other.join();
  CAPTURE(first.err);
  CAPTURE(second.err);
  CHECK(first.exit_code == 0);
  CHECK(second.exit_code == 0);
  CHECK(scene.registry.requests_for("plain-2.0.0.tgz") == 1);
  CHECK(scene.node("console.log(require('plain'))") == "plain@2.0.0\n");
  CHECK(scene.hod({"cache", "verify"}).exit_code == 0);
}

TEST_CASE("T-CACHE-06 a cache that others can write to is refused, unless its owner is trusted") {
  Scene scene;
  REQUIRE(::chmod(scene.cache().c_str(), 0777) == 0);
  scene.remove_tree_of_project();
  const HodRun run = scene.hod({"install"});
  CHECK(run.exit_code == 13);
  CHECK(run.err.find("CACHE_REFUSED") != std::string::npos);
  CHECK(scene.hod({"install", "--trust-cache-owner"}).exit_code == 0);
}

TEST_CASE("link later: the tree first, the cache afterwards, and both are as always") {
  Scene linked;
  linked.hod({"ci"});
  for (const char* layout : {"hoisted", "isolated"}) {
    CAPTURE(layout);
    HodScene scene;
    scene.set("npm_config_link_later", "always");
    scene.set("npm_config_layout", layout);
    scene.write("package.json", kManifest);
    REQUIRE(scene.hod({"install"}).exit_code == 0);
    CHECK(scene.node("console.log(require('needs-plain').name || 'there')") != "");
    if (std::string(layout) == "isolated") CHECK(scene.tree() == linked.tree());
    wait_for_keeper(scene);
    const std::vector<std::string> tree = scene.tree();
    CHECK(scene.hod({"cache", "verify"}).exit_code == 0);
    const std::size_t requests = scene.registry.request_count();
    CHECK(scene.hod({"ci", "--offline"}).exit_code == 0);
    CHECK(scene.tree() == tree);
    must(remove_tree(scene / "node_modules"));
    CHECK(scene.hod({"install", "--offline"}).exit_code == 0);
    CHECK(scene.tree() == tree);
    CHECK(scene.registry.request_count() == requests);
    CHECK(fs::is_empty(scene.root() + "/cache/store/v1/tmp"));
  }
}

TEST_CASE("link later: what was edited or removed before the cache had it is fetched again") {
  HodScene scene;
  scene.set("npm_config_link_later", "always");
  scene.write("package.json", kManifest);
  const HodRun run =
      scene.run({"sh", "-c", HOD_BINARY_DIR "/cli/hod install && rm -rf node_modules"});
  REQUIRE(run.exit_code == 0);
  wait_for_keeper(scene);
  CHECK(scene.hod({"cache", "verify"}).exit_code == 0);
  scene.unset("npm_config_link_later");
  CHECK(scene.hod({"install"}).exit_code == 0);
  CHECK(scene.hod({"ci", "--offline"}).exit_code == 0);
}

TEST_CASE("link later: an install that fails leaves what it fetched in the cache") {
  HodScene scene;
  scene.set("npm_config_link_later", "always");
  scene.write("package.json", kManifest);
  scene.write("node_modules.real/x", "");
  fs::create_directory_symlink("node_modules.real", scene / "node_modules");
  CHECK(scene.hod({"install"}).exit_code != 0);
  fs::remove(scene / "node_modules");
  CHECK(scene.hod({"install"}).exit_code == 0);
  CHECK(fs::is_empty(scene.root() + "/cache/store/v1/tmp"));
}

TEST_CASE("T-CACHE-03 T-CACHE-09 two registries with other bytes of one name and version") {
  constexpr const char* kSame = R"({"name":"same","version":"1.0.0"})";
  HodScene scene;
  FixtureRegistry other;
  scene.registry.add(kSame, {{"index.js", "module.exports = 'first';\n"}});
  other.add(kSame, {{"index.js", "module.exports = 'second';\n"}});
  const std::string code = "console.log(require('same'))";
  const auto installed = [&](const char* folder, const std::string& registry) {
    scene.work_in(folder);
    scene.write("package.json", R"({"dependencies":{"same":"1"}})");
    if (!registry.empty()) scene.write(".npmrc", "registry=" + registry + "\n");
    const HodRun run = scene.hod({"install"});
    CAPTURE(run.err);
    CHECK(run.exit_code == 0);
    return scene.node(code);
  };
  CHECK(installed("one", scene.registry.base()) == "first\n");
  CHECK(installed("two", other.base()) == "second\n");
  // Again, with the cache that both filled: neither's metadata nor bytes are taken for the other's.
  for (const char* folder : {"one", "two"}) {
    scene.work_in(folder);
    must(remove_tree(scene / "node_modules"));
    must(remove_tree(scene / "hod.lock"));
    CHECK(scene.hod({"install"}).exit_code == 0);
    CHECK(scene.node(code) == (folder == std::string("one") ? "first\n" : "second\n"));
  }
  // A lockfile of one is not installed with the bytes of the other.
  const std::string lock = scene.read("hod.lock");
  scene.work_in("one");
  scene.write("hod.lock", lock);
  must(remove_tree(scene / "node_modules"));
  CHECK(scene.hod({"ci"}).exit_code == 0);
  CHECK(scene.node(code) == "second\n");  // by its digest, out of the cache
  must(remove_tree(scene / "node_modules"));
  must(remove_tree(scene.root() + "/cache"));
  const HodRun run = scene.hod({"ci"});
  CHECK(run.exit_code == 5);
  CHECK(run.err.find("[INTEGRITY_MISMATCH]") != std::string::npos);
}
