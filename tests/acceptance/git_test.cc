// SPDX-License-Identifier: MIT
// Packages from git, over an ssh that runs what it is told right here.
#include <doctest/doctest.h>

#include "tests/support/hod_scene.h"

using namespace hod;
using namespace hod::tests;

namespace {

struct GitScene : HodScene {
  GitScene() {
    // The command to be run on the other side is ssh's last argument.
    write("../ssh", "#!/bin/sh\nfor last; do :; done\nexec sh -c \"$last\"\n", 0755);
    set("GIT_SSH", root() + "/ssh");
    write("../repository/package.json",
          R"({"name":"from-git","version":"1.0.0","dependencies":{"plain":"1"}})");
    write("../repository/index.js", "module.exports = 'one > ' + require('plain');\n");
    git("git init -q -b main . && git add . && git commit -q -m one && git tag v1.0.0");
  }

  std::string git(const std::string& line) const {
    HodRun run = this->run({"sh", "-c",
                            "cd '" + root() +
                                "/repository' && export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a "
                                "GIT_AUTHOR_EMAIL=a@b.example GIT_COMMITTER_NAME=a "
                                "GIT_COMMITTER_EMAIL=a@b.example && " +
                                line});
    CAPTURE(run.err);
    REQUIRE(run.exit_code == 0);
    while (!run.out.empty() && run.out.back() == '\n') run.out.pop_back();
    return run.out;
  }

  std::string address() const { return "git+ssh://git@code.example" + root() + "/repository"; }

  void depend_on(const std::string& committish) const {
    write("package.json",
          R"({"dependencies":{"from-git":")" + address() + "#" + committish + R"("}})");
  }
};

}  // namespace

TEST_CASE("a package from git is installed with its dependencies, its commit is in the lockfile") {
  GitScene scene;
  scene.depend_on("v1.0.0");
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(scene.node("console.log(require('from-git'))") == "one > plain@1.1.0\n");
  const std::string commit = scene.git("git rev-parse HEAD");
  CHECK(scene.read("hod.lock").find("#" + commit) != std::string::npos);
  CHECK_FALSE(scene.exists("node_modules/from-git/.git"));
}

TEST_CASE("what the lockfile says of a git package stays, whatever the branch does") {
  GitScene scene;
  scene.depend_on("main");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  const std::string lock = scene.read("hod.lock");
  scene.write("../repository/index.js", "module.exports = 'two';\n");
  scene.git("git commit -q -a -m two");
  REQUIRE(scene.run({"rm", "-rf", "node_modules", scene.root() + "/cache"}).exit_code == 0);
  HodRun frozen = scene.hod({"ci"});
  CAPTURE(frozen.err);
  REQUIRE(frozen.exit_code == 0);
  CHECK(scene.read("hod.lock") == lock);
  CHECK(scene.node("console.log(require('from-git'))") == "one > plain@1.1.0\n");
  REQUIRE(scene.hod({"update", "from-git"}).exit_code == 0);
  CHECK(scene.node("console.log(require('from-git'))") == "two\n");
}

TEST_CASE("T-GIT-02 a commit that is gone, a host that refuses: told, and the tree stays") {
  GitScene scene;
  scene.depend_on("v1.0.0");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  const std::vector<std::string> before = scene.tree();
  SUBCASE("no such tag") { scene.depend_on("v9"); }
  SUBCASE("no such commit") { scene.depend_on(std::string(40, 'a')); }
  SUBCASE("no connection") {
    scene.depend_on("main");
    scene.write("../ssh", "#!/bin/sh\necho 'ssh: Connection refused' >&2\nexit 255\n", 0755);
  }
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  CHECK(run.exit_code != 0);
  CHECK(run.err.find("from-git") != std::string::npos);
  CHECK(scene.tree() == before);
}
