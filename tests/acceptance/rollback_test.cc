// SPDX-License-Identifier: MIT
// hod rollback and hod history.
#include <algorithm>
#include <map>

#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/hod_scene.h"

using namespace hod;
using namespace hod::tests;

namespace {

struct State {
  std::string manifest, lock;
  std::vector<std::string> tree;
  friend bool operator==(const State&, const State&) = default;
};

State state_of(const HodScene& scene) {
  return {scene.read("package.json"), scene.read("hod.lock"), scene.tree()};
}

constexpr const char* kManifest = "{\n  \"dependencies\": {\n    \"plain\": \"~1.0.0\"\n  }\n}\n";

State install_and_add(HodScene& scene) {
  scene.write("package.json", kManifest);
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  const State first = state_of(scene);
  run = scene.hod({"add", "needs-plain@1", "tool@1"});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(run.err.find("undo: hod rollback") != std::string::npos);
  return first;
}

}  // namespace

TEST_CASE("hod rollback puts lockfile, manifest and tree back, offline, and forward again") {
  HodScene scene;
  const State first = install_and_add(scene);
  const State second = state_of(scene);
  CHECK(first.tree != second.tree);
  const std::size_t asked = scene.registry.request_count();
  HodRun run = scene.hod({"rollback"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(state_of(scene) == first);
  run = scene.hod({"rollback", "2", "--offline"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(state_of(scene) == second);
  CHECK(scene.hod({"rollback", "1", "--dry-run"}).exit_code == 0);
  CHECK(state_of(scene) == second);
  CHECK(scene.run({"rm", "-rf", scene / "node_modules"}).exit_code == 0);
  CHECK(scene.hod({"rollback"}).exit_code == 0);
  CHECK(state_of(scene) == first);
  CHECK(scene.registry.request_count() == asked);
  CHECK(scene.hod({"install"}).err.find("up to date") != std::string::npos);
}

TEST_CASE("hod rollback keeps what people wrote into package.json since then") {
  HodScene scene;
  install_and_add(scene);
  std::string text = scene.read("package.json");
  text.insert(2, "  \"version\": \"7.0.0\",\n");
  scene.write("package.json", text);
  CHECK(scene.hod({"rollback"}).exit_code == 0);
  std::string wanted = kManifest;
  wanted.insert(2, "  \"version\": \"7.0.0\",\n");
  CHECK(scene.read("package.json") == wanted);
}

TEST_CASE("where there is nothing to go back to, hod rollback says so and changes nothing") {
  HodScene scene;
  scene.write("package.json", kManifest);
  HodRun run = scene.hod({"rollback"});
  CHECK(run.exit_code == 2);
  CHECK(run.err.find("no earlier state") != std::string::npos);
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  const State first = state_of(scene);
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"rollback"}, {"rollback", "9"}, {"rollback", "x"}}) {
    CHECK(scene.hod(words).exit_code == 2);
    CHECK(state_of(scene) == first);
  }
}

TEST_CASE("a lockfile that came with git is a state to go back to") {
  HodScene scene;
  const State first = install_and_add(scene);
  REQUIRE(scene.hod({"remove", "tool"}).exit_code == 0);
  const State pulled = state_of(scene);
  REQUIRE(scene.hod({"rollback", "1"}).exit_code == 0);
  scene.write("package.json", pulled.manifest);
  scene.write("hod.lock", pulled.lock);
  REQUIRE(scene.hod({"add", "plug@1"}).exit_code == 0);
  HodRun run = scene.hod({"rollback"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(state_of(scene) == pulled);
}

TEST_CASE("hod history lists the states, newest first, the current one marked") {
  HodScene scene;
  install_and_add(scene);
  REQUIRE(scene.hod({"rollback"}).exit_code == 0);
  HodRun run = scene.hod({"history"});
  CHECK(run.exit_code == 0);
  CHECK(run.out.find("hod add needs-plain@1 tool@1") < run.out.find("hod install"));
  CHECK(run.out.find("*   1") != std::string::npos);
  const Json document = must(Json::parse(scene.hod({"history", "--json"}).out, ""));
  const Json* result = document.find("result");
  REQUIRE(result != nullptr);
  const std::vector<Json>& states = result->find("states")->elements();
  REQUIRE(states.size() == 2);
  CHECK(*states[0].find_string("command") == "add needs-plain@1 tool@1");
  CHECK(states[0].find("before")->as_number() == 1);
  CHECK(states[1].find("current")->as_boolean());
  CHECK_FALSE(states[0].find("changes")->elements().empty());
  for (int i = 0; i < 12; ++i)
    REQUIRE(scene.hod({i % 2 == 0 ? "add" : "remove", "plug"}).exit_code == 0);
  run = scene.hod({"history"});
  CHECK(std::count(run.out.begin(), run.out.end(), '\n') == 10);
}

TEST_CASE("killed at any point, hod rollback is completed by another hod rollback") {
  const std::map<std::string, std::vector<int>> points = {
      {"rename", {1, 2, 3, 4, 5, 6, 7, 8}}, {"write", {1, 2, 3, 4}}, {"fsync", {1, 2, 3}}};
  for (const auto& [operation, calls] : points) {
    for (const int nth : calls) {
      const std::string fault = "op=" + operation + ",n=" + std::to_string(nth) + ":kill";
      CAPTURE(fault);
      HodScene scene;
      const State first = install_and_add(scene);
      const State second = state_of(scene);
      scene.set("HOD_FAULT", fault);
      HodRun killed = scene.hod({"rollback"});
      CAPTURE(killed.err);
      CHECK(killed.exit_code == 128 + SIGKILL);
      scene.unset("HOD_FAULT");
      const std::string manifest = scene.read("package.json"), lock = scene.read("hod.lock");
      CHECK((manifest == first.manifest || manifest == second.manifest));
      CHECK((lock == first.lock || lock == second.lock));
      if (manifest == first.manifest) CHECK(lock == first.lock);
      CHECK(scene.hod({"rollback"}).exit_code == 0);
      CHECK(state_of(scene) == first);
    }
  }
}
