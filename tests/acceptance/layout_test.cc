// SPDX-License-Identifier: MIT
// Both layouts, and which one a project gets.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "tests/support/hod_scene.h"

using namespace hod::tests;

namespace {

constexpr const char* kManifest =
    R"({"dependencies":{"needs-plain":"1","needs-new-plain":"1","plug":"1"}})";
constexpr const char* kCode =
    "console.log(require('needs-plain'), require('needs-new-plain'), require('plug'))";
constexpr const char* kAnswer =
    "needs-plain@1.0.0 > plain@1.1.0 needs-new-plain@1.0.0 > plain@2.0.0 plug@1.0.0 in "
    "host@1.0.0\n";

// Every file, folder and link below node_modules: kind, mode, time, size or target, and content.
std::vector<std::string> everything(const HodScene& scene) {
  namespace fs = std::filesystem;
  std::vector<std::string> out;
  const auto add = [&](const fs::path& path) {
    struct stat info {};
    REQUIRE(::lstat(path.c_str(), &info) == 0);
    std::string line = fs::relative(path.parent_path(), scene.project()) / path.filename();
    line += " mode " + std::to_string(info.st_mode) + " time " +
            std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec);
    if (S_ISLNK(info.st_mode)) line += " -> " + fs::read_symlink(path).string();
    if (S_ISREG(info.st_mode)) {
      std::ifstream file(path);
      line += " = " + std::string(std::istreambuf_iterator<char>(file), {});
    }
    out.push_back(line);
  };
  add(scene / "node_modules");
  for (const auto& entry : fs::recursive_directory_iterator(scene / "node_modules")) {
    add(entry.path());
  }
  if (scene.exists("packages/member/node_modules")) {
    add(scene / "packages/member/node_modules");
    for (const auto& entry :
         fs::recursive_directory_iterator(scene / "packages/member/node_modules")) {
      add(entry.path());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string link_of(const HodScene& scene, const std::string& path) {
  return std::filesystem::read_symlink(scene / path);
}

}  // namespace

TEST_CASE(
    "isolated: only direct dependencies stand at the top, everything finds what it declared") {
  HodScene scene;
  scene.write("package.json", kManifest);
  REQUIRE(scene.hod({"install", "--layout=isolated"}).exit_code == 0);
  CHECK(scene.node(kCode) == kAnswer);
  CHECK(scene.is_link("node_modules/needs-plain"));
  CHECK_FALSE(scene.exists("node_modules/plain"));
}

TEST_CASE("hoisted: real folders, one version at the top and the other nested") {
  HodScene scene;
  scene.write("package.json", kManifest);
  REQUIRE(scene.hod({"install", "--layout=hoisted"}).exit_code == 0);
  CHECK(scene.node(kCode) == kAnswer);
  CHECK_FALSE(scene.is_link("node_modules/needs-plain"));
  CHECK(scene.exists("node_modules/plain/index.js"));
  CHECK_FALSE(scene.exists("node_modules/.hod/plain@1.1.0"));
}

TEST_CASE("a project can change its layout, there and back") {
  HodScene scene;
  scene.write("package.json", kManifest);
  REQUIRE(scene.hod({"install", "--layout=isolated"}).exit_code == 0);
  std::vector<std::string> isolated = scene.tree();
  std::string lock = scene.read("hod.lock");
  REQUIRE(scene.hod({"install", "--layout=hoisted"}).exit_code == 0);
  CHECK(scene.node(kCode) == kAnswer);
  CHECK(scene.read("hod.lock") == lock);
  REQUIRE(scene.hod({"install", "--layout=isolated"}).exit_code == 0);
  CHECK(scene.tree() == isolated);
}

TEST_CASE("a project with npm's lockfile is laid out as npm does it") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":"1"}})");
  scene.write("package-lock.json", "{}");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  CHECK_FALSE(scene.is_link("node_modules/plain"));
  CHECK(scene.hod({"install"}).err.find("up to date") != std::string::npos);
}

TEST_CASE("the layout can be set in the project's .npmrc, and a changed setting is noticed") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":"1"}})");
  scene.write(".npmrc", "layout=hoisted\n");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  CHECK_FALSE(scene.is_link("node_modules/plain"));
  scene.write(".npmrc", "layout=isolated\n");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  CHECK(scene.is_link("node_modules/plain"));
}

TEST_CASE("global virtual store: a tree of links into the cache, where everything finds its own") {
  HodScene scene;
  scene.write("package.json", kManifest);
  REQUIRE(scene.hod({"install", "--global-virtual-store"}).exit_code == 0);
  CHECK(scene.node(kCode) == kAnswer);
  CHECK(link_of(scene, "node_modules/plug").find("/links/v1/plug@1.0.0/") != std::string::npos);
  CHECK_FALSE(scene.exists("node_modules/.hod/plug@1.0.0"));
  CHECK(scene.hod({"install", "--global-virtual-store"}).err.find("up to date") !=
        std::string::npos);
  std::string lock = scene.read("hod.lock");
  std::string entry = link_of(scene, "node_modules/plug");

  scene.work_in("second");
  scene.write("package.json", R"({"dependencies":{"plug":"1","host":"1"}})");
  scene.write(".npmrc", "global-virtual-store=true\n");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  CHECK(link_of(scene, "node_modules/plug") == entry);
  CHECK(scene.node("console.log(require('plug'))") == "plug@1.0.0 in host@1.0.0\n");
}

TEST_CASE("a project goes from any layout to any other") {
  HodScene scene;
  scene.write("package.json", kManifest);
  const std::vector<std::vector<std::string>> layouts = {
      {"--layout=isolated"}, {"--layout=hoisted"}, {"--global-virtual-store"}};
  std::vector<std::vector<std::string>> trees(layouts.size());
  for (std::size_t step : {0, 1, 2, 0, 2, 1, 0}) {
    CAPTURE(step);
    REQUIRE(scene.hod({"install", layouts[step][0]}).exit_code == 0);
    CHECK(scene.node(kCode) == kAnswer);
    if (trees[step].empty()) trees[step] = scene.tree();
    CHECK(scene.tree() == trees[step]);
  }
}

TEST_CASE("global virtual store: an edit in one project is healed when another is installed") {
  HodScene scene;
  scene.write("package.json", kManifest);
  REQUIRE(scene.hod({"install", "--global-virtual-store"}).exit_code == 0);
  std::string right = scene.read("node_modules/plug/index.js");
  scene.write("node_modules/plug/index.js", "module.exports = 'edited'");
  std::string lock = scene.read("hod.lock");
  SUBCASE("by a plain install of another project") {
    scene.work_in("second");
    scene.write("package.json", kManifest);
    scene.write("hod.lock", lock);
    REQUIRE(scene.hod({"install", "--global-virtual-store"}).exit_code == 0);
  }
  SUBCASE("by hod ci in the same project") {
    REQUIRE(scene.hod({"ci", "--global-virtual-store"}).exit_code == 0);
  }
  SUBCASE("by a frozen install without node_modules") {
    REQUIRE(scene.run({"rm", "-rf", scene / "node_modules"}).exit_code == 0);
    REQUIRE(scene.hod({"install", "--frozen-lockfile", "--global-virtual-store"}).exit_code == 0);
  }
  CHECK(scene.read("node_modules/plug/index.js") == right);
  CHECK(scene.node(kCode) == kAnswer);
}

TEST_CASE("global virtual store: hod ci puts back what is missing in an entry") {
  HodScene scene;
  scene.write("package.json", kManifest);
  REQUIRE(scene.hod({"install", "--global-virtual-store"}).exit_code == 0);
  std::string entry = link_of(scene, "node_modules/plug");
  SUBCASE("a file") { std::filesystem::remove(entry + "/index.js"); }
  SUBCASE("a dependency's link") { std::filesystem::remove(entry + "/../host"); }
  SUBCASE("the entry") {
    std::filesystem::remove_all(entry.substr(0, entry.rfind("/node_modules/")));
  }
  SUBCASE("the package") { std::filesystem::remove_all(entry); }
  REQUIRE(scene.hod({"ci", "--global-virtual-store"}).exit_code == 0);
  CHECK(scene.node(kCode) == kAnswer);
  CHECK(link_of(scene, "node_modules/plug") == entry);
}

TEST_CASE("global virtual store: a plain install sees that the cache was thrown away") {
  HodScene scene;
  scene.write("package.json", kManifest);
  REQUIRE(scene.hod({"install", "--global-virtual-store"}).exit_code == 0);
  std::string entry = link_of(scene, "node_modules/plug");
  std::filesystem::remove_all(entry.substr(0, entry.find("/links/v1/")));
  REQUIRE(scene.hod({"install", "--global-virtual-store"}).exit_code == 0);
  CHECK(scene.node(kCode) == kAnswer);
}

TEST_CASE("global virtual store: workspace members and what needs them stay in the project") {
  HodScene scene;
  scene.write("package.json", R"({"workspaces":["packages/*"],"dependencies":{"member":"*"}})");
  scene.write("packages/member/package.json",
              R"({"name":"member","version":"1.0.0","dependencies":{"plain":"1"}})");
  scene.write("packages/member/index.js", "module.exports = 'member > ' + require('plain')");
  REQUIRE(scene.hod({"install", "--global-virtual-store"}).exit_code == 0);
  CHECK(link_of(scene, "node_modules/member") == "../packages/member");
  CHECK(scene.node("console.log(require('member'))") == "member > plain@1.1.0\n");
}

TEST_CASE("two installs of one lockfile are equal in everything, in every layout") {
  constexpr const char* kWorkspace =
      R"({"workspaces":["packages/*"],"scripts":{"postinstall":"node -p 1"},)"
      R"("dependencies":{"needs-plain":"1","needs-new-plain":"1","plug":"1"},)"
      R"("devDependencies":{"tool":"1"}})";
  constexpr const char* kMember =
      R"({"name":"member","version":"1.0.0","dependencies":{"plain":"1"}})";
  for (const char* layout : {"--layout=isolated", "--layout=hoisted", "--global-virtual-store"}) {
    CAPTURE(layout);
    HodScene scene;
    const auto make = [&](const char* folder, const std::string& lock) {
      scene.work_in(folder);
      scene.write("package.json", kWorkspace);
      scene.write("packages/member/package.json", kMember);
      if (!lock.empty()) scene.write("hod.lock", lock);
    };
    make("first", "");
    REQUIRE(scene.hod({"install", layout}).exit_code == 0);
    REQUIRE(scene.hod({"install", layout}).exit_code == 0);  // what the first one left is swept
    const std::vector<std::string> first = everything(scene);
    const std::string lock = scene.read("hod.lock");

    make("second", lock);
    REQUIRE(scene.hod({"install", layout}).exit_code == 0);
    CHECK(everything(scene) == first);
    REQUIRE(scene.hod({"ci", layout}).exit_code == 0);
    CHECK(everything(scene) == first);

    make("another/way", lock);  // by detours
    scene.write("package.json", R"({"dependencies":{"needs-plain":"1"}})");
    REQUIRE(scene.hod({"install", "--layout=isolated"}).exit_code == 0);
    make("another/way", lock);
    REQUIRE(scene.hod({"install", layout}).exit_code == 0);
    CHECK(everything(scene) == first);
  }
}
