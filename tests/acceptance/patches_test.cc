// SPDX-License-Identifier: MIT
// Patched packages, from package.json to the tree: both layouts, the global virtual store,
// installing again, changed and removed patches, frozen installs, and patches that mean harm.
#include <filesystem>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "core/base/file.h"
#include "tests/support/hod_scene.h"

using namespace hod;
using namespace hod::tests;
namespace fs = std::filesystem;

namespace {

constexpr const char* kManifest =
    R"({"dependencies":{"needs-plain":"1"},"pnpm":{"patchedDependencies":{"plain@1.1.0":"patches/plain.patch"}}})";
constexpr const char* kPlain = R"({"dependencies":{"needs-plain":"1"}})";
constexpr const char* kAsk = "console.log(require('needs-plain'))";

// Makes the first line of plain's index.js another one.
std::string patch_of(const HodScene& scene, const std::string& word) {
  std::string line;
  for (const fs::directory_entry& entry :
       fs::recursive_directory_iterator(scene / "node_modules")) {
    const std::string path = entry.path().string();
    if (entry.is_regular_file() && path.ends_with("/plain/index.js")) {
      line = scene.read(fs::relative(path, scene.project()).string());
    }
  }
  REQUIRE(!line.empty());
  REQUIRE(line.find('\n') == line.size() - 1);
  return "diff --git a/index.js b/index.js\n--- a/index.js\n+++ b/index.js\n@@ -1 +1 @@\n-" + line +
         "+module.exports = '" + word +
         "';\ndiff --git a/new.js b/new.js\nnew file mode 100644\n"
         "--- /dev/null\n+++ b/new.js\n@@ -0,0 +1 @@\n+// " +
         word + "\n";
}

struct Scene : HodScene {
  Scene() {
    write("package.json", kPlain);
    REQUIRE(hod({"install", "--layout=hoisted"}).exit_code == 0);
    unpatched = node(kAsk);
    must(remove_tree(*this / "node_modules"));
    must(remove_tree(*this / "hod.lock"));
  }
  void patch(const std::string& word) {
    if (first.empty()) {
      REQUIRE(hod({"install", "--layout=hoisted"}).exit_code == 0);
      first = patch_of(*this, "WORD");
      must(remove_tree(*this / "node_modules"));
      must(remove_tree(*this / "hod.lock"));
    }
    std::string text = first;
    for (std::size_t at = 0; (at = text.find("WORD", at)) != std::string::npos;) {
      text.replace(at, 4, word);
    }
    write("patches/plain.patch", text);
    write("package.json", kManifest);
  }
  std::string patched_file() const {
    for (const fs::directory_entry& entry :
         fs::recursive_directory_iterator(*this / "node_modules")) {
      if (entry.path().filename() == "new.js") return entry.path().string();
    }
    return "";
  }
  std::string unpatched, first;
};

std::string said(const HodRun& run, int exit_code, const char* part) {
  if (run.exit_code == exit_code && run.err.find(part) != std::string::npos) return "as wanted";
  return "exit " + std::to_string(run.exit_code) + "\n" + run.err;
}

}  // namespace

TEST_CASE("T-LINK-07 a patched package in both layouts and beside the global virtual store") {
  for (const char* option : {"--layout=isolated", "--layout=hoisted", "--global-virtual-store"}) {
    CAPTURE(option);
    Scene scene;
    scene.patch("patched");
    HodRun run = scene.hod({"install", option});
    CAPTURE(run.err);
    REQUIRE(run.exit_code == 0);
    CHECK(scene.node(kAsk).find("patched") != std::string::npos);
    CHECK(scene.unpatched.find("patched") == std::string::npos);
    CHECK(scene.read("hod.lock").find("\npatches\n  plain@1.1.0 ") != std::string::npos);
    // In the project, with a content of its own (T-CACHE-02).
    const std::string file = scene.patched_file();
    REQUIRE(!file.empty());
    struct stat info {};
    REQUIRE(::stat(file.c_str(), &info) == 0);
    CHECK(info.st_nlink == 1);
    if (std::string(option) != "--layout=hoisted") {
      CHECK(file.find("/plain@1.1.0_patch_hash=") != std::string::npos);
    }
    // Again: nothing to do; and anew, from the cache alone.
    const std::vector<std::string> tree = scene.tree();
    CHECK(said(scene.hod({"install", option}), 0, "up to date") == "as wanted");
    must(remove_tree(scene / "node_modules"));
    const std::size_t requests = scene.registry.request_count();
    CHECK(scene.hod({"install", option}).exit_code == 0);
    CHECK(scene.registry.request_count() == requests);
    CHECK(scene.tree() == tree);
    CHECK(scene.hod({"ci", option}).exit_code == 0);
    CHECK(scene.tree() == tree);
    CHECK(scene.hod({"cache", "verify"}).exit_code == 0);
  }
}

TEST_CASE("T-LINK-07 an edit in a patched package reaches neither the cache nor another project") {
  Scene scene;
  scene.patch("patched");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  const std::string file = fs::relative(scene.patched_file(), scene.project()).string();
  scene.write(file, "// edited\n");
  CHECK(scene.hod({"cache", "verify"}).exit_code == 0);
  must(remove_tree(scene / "node_modules"));
  REQUIRE(scene.hod({"ci"}).exit_code == 0);
  CHECK(scene.read(file) == "// patched\n");
}

TEST_CASE("T-LINK-07 another patch, and none any more") {
  for (const char* layout : {"--layout=isolated", "--layout=hoisted"}) {
    CAPTURE(layout);
    Scene scene;
    scene.patch("one");
    REQUIRE(scene.hod({"install", layout}).exit_code == 0);
    const std::string lock = scene.read("hod.lock");
    scene.patch("two");
    HodRun run = scene.hod({"install", layout});
    CAPTURE(run.err);
    REQUIRE(run.exit_code == 0);
    CHECK(scene.node(kAsk).find("two") != std::string::npos);
    CHECK(scene.read("hod.lock") != lock);
    scene.patch("one");
    REQUIRE(scene.hod({"install", layout}).exit_code == 0);
    CHECK(scene.read("hod.lock") == lock);
    scene.write("package.json", kPlain);
    REQUIRE(scene.hod({"install", layout}).exit_code == 0);
    CHECK(scene.node(kAsk) == scene.unpatched);
    CHECK(scene.patched_file().empty());
    CHECK(scene.read("hod.lock").find("patches") == std::string::npos);
  }
}

TEST_CASE("T-LINK-07 a frozen install refuses a patch that is not the lockfile's") {
  Scene scene;
  scene.patch("one");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  CHECK(scene.hod({"ci"}).exit_code == 0);
  scene.patch("two");
  CHECK(said(scene.hod({"install", "--frozen-lockfile"}), 8,
             "the patch of `plain@1.1.0` is another one") == "as wanted");
  CHECK(said(scene.hod({"ci"}), 8, "[LOCKFILE_OUTDATED]") == "as wanted");
  CHECK(scene.node(kAsk).find("one") != std::string::npos);
  scene.write("package.json", kPlain);
  CHECK(said(scene.hod({"ci"}), 8, "not in `patchedDependencies`") == "as wanted");
  // Line ends of the file are the checkout's business.
  scene.patch("one");
  std::string windows;
  for (const char c : scene.read("patches/plain.patch")) {
    windows += c == '\n' ? "\r\n" : std::string(1, c);
  }
  scene.write("patches/plain.patch", windows);
  CHECK(scene.hod({"ci"}).exit_code == 0);
  CHECK(scene.node(kAsk).find("one") != std::string::npos);
}

TEST_CASE("T-LINK-07 patches that are missing, unused, do not fit or lie outside change nothing") {
  Scene scene;
  scene.patch("one");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  const std::string lock = scene.read("hod.lock");
  const std::vector<std::string> tree = scene.tree();
  const std::string good = scene.read("patches/plain.patch");
  const auto refused = [&](const std::string& text, int exit_code, const char* part) {
    scene.write("patches/plain.patch", text);
    const std::string outcome = said(scene.hod({"install"}), exit_code, part);
    CHECK(scene.read("hod.lock") == lock);
    CHECK(scene.tree() == tree);
    return outcome;
  };
  CHECK(refused("--- a/index.js\n+++ b/index.js\n@@ -1 +1 @@\n-nothing like it\n+x\n", 1,
                "[PATCH_FAILED]") == "as wanted");
  CHECK(refused("no patch\n", 1, "[PATCH_INVALID]") == "as wanted");
  for (const char* path : {"b/../../x", "/x", "b/../../../../escaped"}) {
    CHECK(refused("--- /dev/null\n+++ " + std::string(path) + "\n@@ -0,0 +1 @@\n+x\n", 1,
                  "patches/plain.patch:1") == "as wanted");
  }
  CHECK(refused("diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n"
                "+/etc\n",
                1, "symbolic link") == "as wanted");
  fs::remove(scene / "patches/plain.patch");
  CHECK(said(scene.hod({"install"}), 13, "the patch of `plain@1.1.0` is not there") == "as wanted");
  fs::create_symlink("/etc/passwd", scene / "patches/plain.patch");
  CHECK(said(scene.hod({"install"}), 13, "[TREE_REFUSED]") == "as wanted");
  fs::remove(scene / "patches/plain.patch");
  scene.write("patches/plain.patch", good);
  scene.write("package.json",
              R"({"dependencies":{"needs-plain":"1"},"patchedDependencies":{"plain":"../x"}})");
  CHECK(said(scene.hod({"install"}), 1, "inside the project") == "as wanted");
  const char* unused =
      R"({"dependencies":{"needs-plain":"1"},"patchedDependencies":{"plain@9":"patches/plain.patch"}})";
  scene.write("package.json", unused);
  CHECK(said(scene.hod({"install"}), 1, "[PATCH_UNUSED]") == "as wanted");
  CHECK(scene.tree() == tree);
  scene.write("pnpm-workspace.yaml", "allowUnusedPatches: true\n");
  CHECK(scene.hod({"install"}).exit_code == 0);
  CHECK(scene.run({"find", scene.root(), "-name", "escaped"}).out.empty());
}

TEST_CASE("T-CACHE-01 a patched package that is damaged in the cache is made anew") {
  Scene scene;
  scene.patch("one");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  const std::vector<std::string> tree = scene.tree();
  std::size_t edited = 0;
  for (const fs::directory_entry& entry :
       fs::recursive_directory_iterator(scene.root() + "/cache/store/v1/packages")) {
    if (entry.path().filename() != "index.js" && entry.path().filename() != "new.js") continue;
    fs::resize_file(entry.path(), 1);
    ++edited;
  }
  CHECK(edited > 2);
  must(remove_tree(scene / "node_modules"));
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(scene.tree() == tree);
  CHECK(scene.node(kAsk).find("one") != std::string::npos);
}

TEST_CASE("a patch named in pnpm-workspace.yaml, and a frozen install from pnpm's lockfile") {
  Scene scene;
  scene.patch("one");
  scene.write("package.json", kPlain);
  scene.write("pnpm-workspace.yaml", "patchedDependencies:\n  plain: patches/plain.patch\n");
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(scene.node(kAsk).find("one") != std::string::npos);
  const std::string lock = scene.read("hod.lock");
  const std::string hash = lock.substr(lock.find("\npatches\n  plain ") + 17, 64);
  const auto integrity = [&](const char* name, const char* version) {
    return scene.registry.get(name, version).integrity;
  };
  const auto pnpm_lock = [&](const std::string& of) {
    return "lockfileVersion: '9.0'\npatchedDependencies:\n  plain: " + of +
           "\nimporters:\n  .:\n    dependencies:\n      needs-plain: {specifier: '1', version: "
           "1.0.0}\npackages:\n  needs-plain@1.0.0: {resolution: {integrity: " +
           integrity("needs-plain", "1.0.0") +
           "}}\n  plain@1.1.0: {resolution: {integrity: " + integrity("plain", "1.1.0") +
           "}}\nsnapshots:\n  needs-plain@1.0.0: {dependencies: {plain: 1.1.0(patch_hash=" + of +
           ")}}\n  plain@1.1.0(patch_hash=" + of + "): {}\n";
  };
  fs::remove(scene / "hod.lock");
  scene.write("pnpm-lock.yaml", pnpm_lock(hash));
  HodRun frozen = scene.hod({"ci"});
  CAPTURE(frozen.err);
  CHECK(frozen.exit_code == 0);
  CHECK(scene.node(kAsk).find("one") != std::string::npos);
  CHECK(scene.hod({"import"}).exit_code == 0);
  CHECK(scene.read("hod.lock").find("\n  plain " + hash + "\n") != std::string::npos);
  fs::remove(scene / "hod.lock");
  scene.write("pnpm-lock.yaml", pnpm_lock(std::string(64, 'a')));
  CHECK(said(scene.hod({"ci"}), 8, "the patch of `plain` is another one") == "as wanted");
}
