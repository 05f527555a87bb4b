// SPDX-License-Identifier: MIT
// hod run, bare script names, hod exec, and the project's lifecycle scripts.
#include <doctest/doctest.h>

#include "tests/support/hod_scene.h"

using namespace hod::tests;

TEST_CASE("run starts pre, the script and post; output and code are the script's own") {
  HodScene scene;
  scene.write(
      "package.json",
      R"({"name":"app","scripts":{"prebuild":"echo one","build":"echo two","postbuild":"echo three","bad":"exit 7"}})");
  HodRun run = scene.hod({"run", "build"});
  CHECK(run.exit_code == 0);
  CHECK(run.out == "one\ntwo\nthree\n");
  CHECK(scene.hod({"run", "bad"}).exit_code == 7);
  CHECK(scene.hod({"build"}).out == "one\ntwo\nthree\n");
  CHECK(scene.hod({"run", "--ignore-scripts", "build"}).out == "two\n");
}

TEST_CASE("arguments behind the script's name reach it, with and without two dashes") {
  HodScene scene;
  scene.write("package.json", R"({"scripts":{"show":"printf '%s,'"}})");
  CHECK(scene.hod({"run", "show", "--watch", "a b", "$HOME"}).out == "--watch,a b,$HOME,");
  CHECK(scene.hod({"show", "--", "--json", "-r"}).out == "--json,-r,");
}

TEST_CASE("a script finds installed programs and npm's environment, but no credentials") {
  HodScene scene;
  scene.set("npm_config__authToken", "s3cret");
  scene.write(
      "package.json",
      R"({"name":"app","version":"1.2.3","config":{"port":"8080"},"dependencies":{"tool":"1"},
    "scripts":{"t":"tool works","env":"env"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  CHECK(scene.hod({"t"}).out == "tool works\n");
  std::string env = scene.hod({"run", "env"}).out;
  for (const char* line :
       {"npm_lifecycle_event=env", "npm_package_name=app", "npm_package_version=1.2.3",
        "npm_package_config_port=8080", "npm_command=run-script", "npm_config_user_agent=hod/"}) {
    CAPTURE(line);
    CHECK(env.find(line) != std::string::npos);
  }
  CHECK(env.find("INIT_CWD=" + scene.project()) != std::string::npos);
  CHECK(env.find("s3cret") == std::string::npos);
}

TEST_CASE("a script that is not there: near names, or silence when asked for") {
  HodScene scene;
  scene.write("package.json", R"({"scripts":{"build":"true"}})");
  HodRun run = scene.hod({"run", "biuld"});
  CHECK(run.exit_code == 1);
  CHECK(run.err.find("[SCRIPT_MISSING]") != std::string::npos);
  CHECK(run.err.find("did you mean `build`?") != std::string::npos);
  CHECK(scene.hod({"run", "nothing", "--if-present"}).exit_code == 0);
  HodRun bare = scene.hod({"instal"});
  CHECK(bare.exit_code == 2);
  CHECK(bare.err.find("did you mean `install`?") != std::string::npos);
}

TEST_CASE("run without a name lists the scripts") {
  HodScene scene;
  scene.write("package.json", R"({"scripts":{"build":"make all"}})");
  CHECK(scene.hod({"run"}).out == "build\n    make all\n");
}

TEST_CASE("exec starts an installed program where the user stands") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"tool":"1"}})");
  scene.write("src/x", "");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  CHECK(scene.hod({"exec", "tool", "a", "--json"}).out == "tool a --json\n");
  CHECK(scene.hod({"-C", "src", "x", "--", "tool", "b"}).out == "tool b\n");
  CHECK(scene.hod({"exec", "sh", "-c", "exit 9"}).exit_code == 9);
  HodRun missing = scene.hod({"exec", "tol"});
  CHECK(missing.exit_code == 1);
  CHECK(missing.err.find("did you mean `tool`?") != std::string::npos);
}

TEST_CASE("lifecycle scripts of the project run in npm's order, and not with --ignore-scripts") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"tool":"1"},"scripts":{
    "preinstall":"test -e node_modules/tool || echo preinstall >> order","install":"echo install >> order",
    "postinstall":"tool x > /dev/null && echo postinstall >> order","prepare":"echo prepare >> order",
    "preprepare":"echo preprepare >> order","postprepare":"echo postprepare >> order"}})");
  REQUIRE(scene.hod({"install", "--ignore-scripts"}).exit_code == 0);
  CHECK_FALSE(scene.exists("order"));
  REQUIRE(scene.run({"rm", "-rf", "node_modules"}).exit_code == 0);
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(scene.read("order") ==
        "preinstall\ninstall\npostinstall\npreprepare\nprepare\npostprepare\n");
  CHECK(run.out.empty());
  CHECK(scene.hod({"install"}).err.find("up to date") != std::string::npos);
}

TEST_CASE("a lifecycle script that fails is exit 10, and the next install runs it again") {
  HodScene scene;
  scene.write("package.json",
              R"({"dependencies":{"plain":"1"},"scripts":{"postinstall":"test -e allowed"}})");
  HodRun run = scene.hod({"install"});
  CHECK(run.exit_code == 10);
  CHECK(run.err.find("[SCRIPT_FAILED]") != std::string::npos);
  CHECK(run.err.find("postinstall") != std::string::npos);
  CHECK(scene.hod({"install"}).exit_code == 10);
  scene.write("allowed", "");
  CHECK(scene.hod({"install"}).exit_code == 0);
  CHECK(scene.hod({"install"}).err.find("up to date") != std::string::npos);
}
