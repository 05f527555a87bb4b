// SPDX-License-Identifier: MIT
// Entries made, and exchanged, with the run stopped or failed at each of its calls to the disk: an
// entry that is visible is whole, and the same run once more ends well.
#include <doctest/doctest.h>

#ifdef HOD_FAULTS

#include "cache/faulted_run_test.h"
#include "cache/global_store_scene_test.h"

using namespace hod;
using namespace hod::cache;
using namespace hod::cache::scene;

namespace {

constexpr std::string_view kText =
    ". -> a@1, tool@1\n a@1 -> @s/b@1, c@1\n @s/b@1 -> c@1\n c@1 -> a@1\n"
    "tool@1 [bin tool=cli.js]";

struct Scene {
  TestFolder folder;
  LittleStore files{folder.path("files")};
  GlobalProject project{folder.path("cache"), folder.path("project"), files};
  Scene() { project.want(kText); }

  bool install() {
    const Result<LinkReport> made = project.try_install();
    return made && made->damaged.empty();
  }
};

// What is wrong with an entry that can be seen. `spoilt`: the one that was damaged before.
std::string wrong_entries(const Scene& scene, const std::string& spoilt) {
  const std::string folder = global_store_folder(scene.folder.path("cache"));
  if (!std::filesystem::exists(folder)) return "";
  for (const auto& name : std::filesystem::directory_iterator(folder)) {
    if (name.path().filename() == "projects") continue;
    for (const auto& key : std::filesystem::directory_iterator(name.path())) {
      if (key.path() == spoilt) continue;
      std::string id = name.path().filename();
      std::replace(id.begin(), id.end(), '+', '/');
      const std::string package =
          key.path().string() + "/node_modules/" + id.substr(0, id.rfind('@'));
      if (read(package + "/index.js") != "// " + id) return "index.js of " + id;
      if (read(package + "/lib/deep/x.js") != "x of " + id) return "x.js of " + id;
      if (id == "a@1" && !std::filesystem::is_symlink(package + "/../c")) return "link of " + id;
    }
  }
  return "";
}

std::string wrong_tree(const Scene& scene) {
  const std::string modules = scene.project.root() + "/node_modules/";
  if (read(modules + "a/index.js") != "// a@1") return "a";
  if (read(modules + "a/../c/index.js") != "// c@1") return "c";
  if (read(modules + "a/../@s/b/../../c/lib/deep/x.js") != "x of c@1") return "c of b";
  return mode_of(modules + "tool/cli.js") == 0755 ? "" : "tool";
}

// Returns the entry that is damaged before the run, "" for none.
std::string begin(Scene& scene, bool exchanging) {
  if (!exchanging) return "";
  REQUIRE(scene.install());
  const std::string entry = scene.project.entry_of("a");
  std::filesystem::remove(entry + "/node_modules/c");
  std::filesystem::remove(entry + "/node_modules/a/index.js");
  return entry;
}

void check_calls(bool exchanging, const std::string& before, const std::string& fault,
                 unsigned long step) {
  Scene counted;
  begin(counted, exchanging);
  const FaultedRun whole = run_under("count", [&] { return counted.install(); });
  REQUIRE(whole.end == FaultedEnd::done);
  REQUIRE(whole.calls > 20);
  for (unsigned long n = 1; n <= whole.calls; n += step) {
    Scene scene;
    const std::string spoilt = begin(scene, exchanging);
    const FaultedRun run =
        run_under(before + std::to_string(n) + ":" + fault, [&] { return scene.install(); });
    std::string wrong = wrong_entries(scene, spoilt);
    if (wrong.empty() && run.end == FaultedEnd::done) wrong = wrong_tree(scene);
    if (wrong.empty() && !scene.install()) wrong = "the rerun fails";
    if (wrong.empty()) wrong = wrong_tree(scene) + wrong_entries(scene, "");
    if (wrong.empty()) continue;
    CAPTURE(n);
    CAPTURE(fault);
    CHECK(wrong == "");
  }
}

}  // namespace

TEST_CASE("T-CACHE-04 killed at any call, no entry is there by half and a rerun is enough") {
  check_calls(false, "n=", "kill", 3);
  check_calls(true, "n=", "kill", 4);
}

TEST_CASE("T-CACHE-04 a call that fails once leaves entries whole") {
  check_calls(false, "n=", "enospc", 7);
  check_calls(false, "n=", "eio", 11);
  check_calls(false, "n=", "short", 11);
  check_calls(true, "n=", "enospc", 11);
  check_calls(true, "n=", "eio", 13);
}

TEST_CASE("T-CACHE-04 entries on a disk that stays full need nothing but a rerun") {
  check_calls(false, "from=", "enospc", 13);
}

#endif
