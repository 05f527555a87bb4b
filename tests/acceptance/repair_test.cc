// SPDX-License-Identifier: MIT
// hod ci and --frozen-lockfile look at what stands in node_modules, and mend it.
#include <algorithm>
#include <map>

#include <doctest/doctest.h>

#include "tests/support/hod_scene.h"

using namespace hod;
using namespace hod::tests;

namespace {

using Words = std::vector<std::string>;

constexpr const char* kManifest = R"({"dependencies":{"needs-plain":"1","tool":"1"}})";

// Shell commands that damage a tree, run in the project; the hoisted layout.
const std::map<std::string, std::string> kDamage = {
    {"a missing file", "rm node_modules/plain/index.js"},
    {"a cut file", "truncate -s 3 node_modules/plain/index.js"},
    {"an empty file", ": > node_modules/plain/index.js"},
    {"an edited file", "sed -i s/plain/PLAIN/ node_modules/plain/index.js"},
    {"an edit through the link", "printf X | dd of=node_modules/plain/index.js conv=notrunc"},
    {"a folder for a file", "rm node_modules/plain/index.js; mkdir node_modules/plain/index.js"},
    {"a link for a file", "ln -sf /etc/hostname node_modules/plain/index.js"},
    {"a lost x bit", "chmod -x node_modules/tool/bin/tool.js"},
    {"a missing package", "rm -r node_modules/plain"},
    {"a package that is a link", "mv node_modules/plain p; ln -s ../p node_modules/plain"},
    {"a package that is a file", "rm -r node_modules/plain; echo > node_modules/plain"},
    {"a package too many", "mkdir node_modules/extra; echo > node_modules/extra/index.js"},
    {"a missing bin", "rm node_modules/.bin/*"},
    {"a bin that leads elsewhere", "for b in node_modules/.bin/*; do ln -sf /bin/sh $b; done"},
    {"a bin that is a file", "for b in node_modules/.bin/*; do rm $b; echo > $b; done"},
    {"a bin too many", "ln -s ../plain/index.js node_modules/.bin/more"},
    {"no bins at all", "rm -r node_modules/.bin"},
    {"a link for .bin", "rm -r node_modules/.bin; ln -s /tmp node_modules/.bin"},
    {"no state", "rm node_modules/.hod/state"},
    {"a damaged state", "echo x > node_modules/.hod/state"},
    {"nothing left", "rm -r node_modules"},
};

struct Installed {
  HodScene scene;
  std::vector<std::string> tree;
  std::string output;
  explicit Installed(const char* layout) {
    scene.write("package.json", kManifest);
    scene.write(".npmrc", std::string("layout=") + layout + "\n");
    REQUIRE(scene.hod({"install"}).exit_code == 0);
    tree = scene.tree();
    output = seen();
  }
  std::string seen() const { return scene.node("console.log(require('needs-plain'))"); }
  void damage(const std::string& command) const {
    REQUIRE(scene.run({"sh", "-c", command}).exit_code == 0);
  }
};

void check_mended(const Installed& installed, const Words& words) {
  HodRun run = installed.scene.hod(words);
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(installed.scene.tree() == installed.tree);
  CHECK(installed.seen() == installed.output);
}

}  // namespace

TEST_CASE("hod ci and --frozen-lockfile find and mend each kind of damage in a tree") {
  for (const Words& words : {Words{"ci"}, Words{"install", "--frozen-lockfile"}}) {
    Installed installed("hoisted");
    for (const auto& [title, command] : kDamage) {
      CAPTURE(words.front());
      CAPTURE(title);
      installed.damage(command);
      check_mended(installed, words);
    }
  }
}

TEST_CASE("the same in the isolated layout, where packages stand behind links") {
  Installed installed("isolated");
  const std::string store = "cd node_modules/.hod; set -- plain@1*; ";
  const std::map<std::string, std::string> damage = {
      {"a missing file", store + "rm $1/node_modules/plain/index.js"},
      {"an edited file", store + "echo x >> $1/node_modules/plain/index.js"},
      {"a missing folder", store + "rm -r $1"},
      {"a missing link", "rm node_modules/tool"},
      {"a link elsewhere", "ln -sfn /tmp node_modules/tool"},
      {"an inner link elsewhere",
       "ln -sfn /tmp node_modules/.hod/needs-plain@1*/node_modules/plain"},
      {"an inner link gone", "rm node_modules/.hod/needs-plain@1*/node_modules/plain"},
      {"a folder for a link", "rm node_modules/tool; mkdir node_modules/tool"},
  };
  for (const auto& [title, command] : damage) {
    CAPTURE(title);
    installed.damage(command);
    check_mended(installed, {"install", "--frozen-lockfile"});
  }
}

TEST_CASE("a frozen install of a right tree changes nothing, runs no script, asks nobody") {
  Installed installed("isolated");
  installed.scene.write("package.json",
                        std::string(kManifest).insert(1, R"("scripts":{"install":"touch ran"},)"));
  REQUIRE(installed.scene.hod({"install"}).exit_code == 0);
  REQUIRE(installed.scene.run({"rm", "ran"}).exit_code == 0);
  const std::size_t asked = installed.scene.registry.request_count();
  for (const Words& words : {Words{"install", "--frozen-lockfile"},
                             Words{"install", "--frozen-lockfile", "--offline"}}) {
    check_mended(installed, words);
  }
  CHECK_FALSE(installed.scene.exists("ran"));
  // Nor does it fetch what the cache has lost and the tree still has.
  REQUIRE(installed.scene.run({"rm", "-rf", installed.scene.root() + "/cache"}).exit_code == 0);
  check_mended(installed, {"install", "--frozen-lockfile"});
  CHECK(installed.scene.registry.request_count() == asked);
  installed.damage("rm -r node_modules/.hod/plain@1*");
  check_mended(installed, {"install", "--frozen-lockfile"});
}

TEST_CASE("plain hod install looks at no file where nothing changed") {
  Installed installed("hoisted");
  installed.damage(kDamage.at("a missing file"));
  CHECK(installed.scene.hod({"install"}).err.find("up to date") != std::string::npos);
  CHECK_FALSE(installed.scene.exists("node_modules/plain/index.js"));
}
