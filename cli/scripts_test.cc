// SPDX-License-Identifier: MIT
#include "cli/scripts.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <stdlib.h>

#include "cli/test_folder.h"

using namespace hod;
using namespace hod::cli;

namespace {

Manifest manifest(std::vector<std::pair<std::string, std::string>> scripts) {
  Manifest out;
  out.name = "app";
  out.scripts = std::move(scripts);
  return out;
}

std::vector<std::string> events(const std::vector<Script>& scripts) {
  std::vector<std::string> out;
  for (const Script& script : scripts) out.push_back(script.event);
  return out;
}

using Events = std::vector<std::string>;

}  // namespace

TEST_CASE("run starts pre, the script and post, as far as they exist") {
  TestFolder folder;
  Manifest app = manifest({{"build", "b"}, {"prebuild", "a"}, {"postbuild", "c"}, {"test", "t"}});
  CHECK(events(scripts_for(app, folder.path(), "build", true)) ==
        Events{"prebuild", "build", "postbuild"});
  CHECK(events(scripts_for(app, folder.path(), "build", false)) == Events{"build"});
  CHECK(events(scripts_for(app, folder.path(), "test", true)) == Events{"test"});
  CHECK(scripts_for(app, folder.path(), "lint", true).empty());
}

TEST_CASE("start without a script is node server.js") {
  TestFolder folder;
  CHECK(scripts_for(manifest({}), folder.path(), "start", true).empty());
  folder.write("server.js", "");
  CHECK(scripts_for(manifest({}), folder.path(), "start", true).front().text == "node server.js");
}

TEST_CASE("lifecycle scripts of an install come in npm's order") {
  TestFolder folder;
  Manifest app = manifest({{"prepare", "x"},
                           {"postinstall", "x"},
                           {"install", "x"},
                           {"preinstall", "x"},
                           {"postprepare", "x"},
                           {"preprepare", "x"},
                           {"prepublish", "x"}});
  CHECK(events(scripts_before_install(app)) == Events{"preinstall"});
  CHECK(events(scripts_after_install(app, folder.path())) ==
        Events{"install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"});
}

TEST_CASE("a binding.gyp without scripts for it is built") {
  TestFolder folder;
  folder.write("binding.gyp", "{}");
  CHECK(scripts_after_install(manifest({}), folder.path()).front().text == "node-gyp rebuild");
  CHECK(scripts_after_install(manifest({{"install", "x"}}), folder.path()).front().text == "x");
  CHECK(scripts_after_install(manifest({{"preinstall", "x"}}), folder.path()).empty());
}

TEST_CASE("arguments reach the script as they were typed") {
  TestFolder folder;
  ScriptScene scene;
  scene.environment.set("PATH", getenv("PATH"));
  scene.start_folder = folder.path();
  Script script{"show", "printf '%s|'"};
  ChildOutcome outcome =
      must(run_script(scene, manifest({}), folder.path(), script,
                      {"a b", "it's", "$HOME", "", "--x=1", "*"}, "", ChildOutput::capture));
  CHECK(outcome.output == "a b|it's|$HOME||--x=1|*|");
}

TEST_CASE(
    "a failed lifecycle script is told with its name and code, an interrupted one is interrupted") {
  ChildOutcome failed;
  failed.exit_code = 3;
  Error error = script_error({"postinstall", "exit 3"}, manifest({}), "/app", failed);
  CHECK(error.code() == ErrorCode::script_failed);
  CHECK(error.what() == "the script `postinstall` of `app` ended with exit code 3");
  ChildOutcome stopped;
  stopped.signal = SIGINT;
  CHECK(script_error({"postinstall", "x"}, manifest({}), "/app", stopped).code() ==
        ErrorCode::interrupted);
}
