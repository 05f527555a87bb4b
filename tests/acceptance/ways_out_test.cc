// SPDX-License-Identifier: MIT
// Conflicts: the ways out that are printed really are such, typed as they stand.
#include <algorithm>

#include <doctest/doctest.h>

#include "tests/support/hod_scene.h"

using namespace hod;
using namespace hod::tests;

namespace {

// The commands behind "ways out", as printed.
std::vector<std::string> ways_out(const std::string& text) {
  std::vector<std::string> commands;
  std::size_t at = text.find("ways out, smallest first\n");
  if (at == std::string::npos) return commands;
  for (at = text.find('\n', at) + 1; text.compare(at, 4, "    ") == 0;
       at = text.find('\n', at) + 1) {
    const std::size_t begin = at + 7;  // "    a  "
    commands.push_back(text.substr(begin, text.find("   ", begin) - begin));
  }
  return commands;
}

// As somebody types it who has this hod in PATH.
HodRun in_shell(const HodScene& scene, const std::string& command) {
  return scene.run({"sh", "-c", "PATH=" HOD_BINARY_DIR "/cli:$PATH; " + command});
}

// A project in which `command` is refused: it, then one of its ways out by a shell, then an
// install.
struct Refusal {
  const char* manifest;
  std::vector<std::string> command;
  std::vector<std::string> ways;
  const char* program = "";  // what works afterwards
};

void publish(HodScene& scene) {
  scene.registry.add(
      R"({"name":"dotted.plug","version":"1.0.0","peerDependencies":{"host":"^2.0.0"}})");
  scene.registry.add(R"({"name":"needs-gone","version":"1.0.0","dependencies":{"plain":"^1"}})");
}

void check(const Refusal& refusal) {
  for (std::size_t way = 0; way < refusal.ways.size(); ++way) {
    HodScene scene;
    publish(scene);
    scene.write("package.json", refusal.manifest);
    if (refusal.command.front() == "add") REQUIRE(scene.hod({"install"}).exit_code == 0);
    const std::string before = scene.read("package.json");
    HodRun refused = scene.hod(refusal.command);
    CAPTURE(refused.err);
    CHECK((refused.exit_code == 3 || refused.exit_code == 4));
    CHECK(scene.read("package.json") == before);
    CHECK(ways_out(refused.err) == refusal.ways);
    const std::string command = refusal.ways[way];
    CAPTURE(command);
    HodRun typed = in_shell(scene, command);
    CAPTURE(typed.err);
    CHECK(typed.exit_code == 0);
    HodRun install = scene.hod({"install", "--strict-peer-deps"});
    CAPTURE(install.err);
    CHECK(install.exit_code == 0);
    if (*refusal.program != 0) CHECK(scene.node(refusal.program) != "");
    CHECK(scene.hod({"ci"}).exit_code == 0);
  }
}

}  // namespace

TEST_CASE("each way out of an add that breaks peers works when it is typed") {
  check({R"({"name":"x","dependencies":{"host":"^1.0.0"}})",
         {"add", "plug@2"},
         {"hod add plug@1", "hod add host@2 plug@2",
          "hod pkg set overrides.plug.host=^1.0.0 && hod add plug@2"},
         "console.log(require('plug/package.json').version)"});
}

TEST_CASE("each way out keeps what is for development there") {
  check({R"({"name":"x","devDependencies":{"host":"^1.0.0"}})",
         {"add", "-D", "dotted.plug"},
         {"hod add host@2 && hod add -D dotted.plug@latest",
          "hod pkg set \"overrides[dotted.plug].host=^1.0.0\" && hod add -D dotted.plug@latest"},
         "console.log(require('dotted.plug/package.json').version)"});
}

TEST_CASE("each way out of a project that never could be works when it is typed") {
  check({R"({"name":"x","dependencies":{"host":"^1.0.0","plug":"^2.0.0"}})",
         {"install", "--strict-peer-deps"},
         {"hod add plug@1", "hod add host@2", "hod pkg set overrides.plug.host=^1.0.0"}});
}

TEST_CASE("a version that does not exist has its ways out, and so has one by an override") {
  check({R"({"name":"x","dependencies":{"plain":"^7.0.0"}})", {"install"}, {"hod add plain@2"}});
  check({R"({"name":"x","dependencies":{"needs-gone":"1"},"overrides":{"plain":"9.9.9"}})",
         {"install"},
         {"hod pkg delete overrides.plain"}});
}

TEST_CASE("a way out reaches the project of the workspace that it is about") {
  HodScene scene;
  scene.write("package.json", R"({"name":"root","workspaces":["packages/*"]})");
  scene.write("packages/a/package.json", R"({"name":"a","dependencies":{"host":"^1.0.0"}})");
  scene.write("packages/b/package.json", R"({"name":"b"})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  HodRun refused = scene.hod({"-C", "packages/a", "add", "plug@2"});
  CAPTURE(refused.err);
  CHECK(refused.exit_code == 3);
  const std::vector<std::string> ways = ways_out(refused.err);
  REQUIRE(ways.size() == 3);
  CHECK(ways[0] == "hod add plug@1");
  CHECK(ways[1] == "hod add host@2 plug@2");
  CHECK(ways[2] == "hod pkg set -w overrides.plug.host=^1.0.0 && hod add plug@2");
  HodRun typed = in_shell(scene, "cd packages/a && " + ways[2]);
  CAPTURE(typed.err);
  CHECK(typed.exit_code == 0);
  CHECK(scene.hod({"install", "--strict-peer-deps"}).exit_code == 0);
}

TEST_CASE("--json gives the derivation of a conflict") {
  HodScene scene;
  scene.write("package.json", R"({"name":"x","dependencies":{"host":"^1.0.0"}})");
  HodRun run = scene.hod({"add", "plug@2", "--json"});
  CHECK(run.exit_code == 3);
  const Json document = must(Json::parse(run.out, "stdout"));
  const Json& result = *document.find("result");
  const std::vector<Json>& reasons = result.find("reasons")->elements();
  REQUIRE(reasons.size() == 3);
  CHECK(*reasons[0].find_string("who") == "your package.json");
  CHECK(*reasons[0].find_string("dependency") == "host");
  CHECK(*reasons[0].find_string("range") == "^1.0.0");
  CHECK(*reasons[2].find_string("kind") == "peer");
  CHECK(result.find("waysOut")->elements().size() == 3);
  CHECK(document.find("errors")->elements().size() == 1);
}
