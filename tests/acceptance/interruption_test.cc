// SPDX-License-Identifier: MIT
// Ctrl-C, kills, and two hods at once.
#include <map>
#include <thread>

#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/hod_scene.h"

using namespace hod;
using namespace hod::tests;

TEST_CASE("Ctrl-C stops an install cleanly, and the next one completes it") {
  for (const char* stuck : {"/plain", "plain-1.1.0.tgz"}) {
    CAPTURE(stuck);
    HodScene scene;
    scene.write("package.json", R"({"dependencies":{"needs-plain":"1"}})");
    bool hold = true;
    scene.registry.set_fault([&](const FixtureRequest& request) -> std::optional<FixtureReply> {
      if (!hold || request.target.find(stuck) == std::string::npos) return std::nullopt;
      FixtureReply reply;
      reply.silent = true;
      return reply;
    });
    HodRun run = scene.hod_with_signal(
        {"install"}, [&] { return scene.registry.requests_for(stuck) > 0; }, SIGINT);
    CAPTURE(run.err);
    CHECK(run.exit_code == 130);
    CHECK(scene.read("package.json") == R"({"dependencies":{"needs-plain":"1"}})");
    CHECK_FALSE(scene.exists("hod.lock"));
    hold = false;
    HodRun again = scene.hod({"install"});
    CAPTURE(again.err);
    CHECK(again.exit_code == 0);
    CHECK(scene.node("console.log(require('needs-plain'))") == "needs-plain@1.0.0 > plain@1.1.0\n");
  }
}

TEST_CASE("Ctrl-C while a script runs is exit 130") {
  HodScene scene;
  scene.write(
      "package.json",
      R"({"scripts":{"postinstall":"touch started; exec sleep 60","wait":"touch started; exec sleep 60"}})");
  for (const char* word : {"install", "wait"}) {
    CAPTURE(word);
    // A terminal would send the signal to both; here the program gets SIGTERM and hands it on.
    HodRun run = scene.hod_with_signal(
        {word}, [&] { return scene.exists("started"); }, SIGTERM);
    CHECK(run.exit_code != 0);
    REQUIRE(scene.run({"rm", "started"}).exit_code == 0);
  }
}

TEST_CASE("killed at any point of writing, a rerun completes the install") {
  HodScene probe;
  probe.write("package.json", R"({"dependencies":{"needs-plain":"1","tool":"1"}})");
  REQUIRE(probe.hod({"install"}).exit_code == 0);
  std::vector<std::string> tree = probe.tree();
  const std::map<std::string, std::vector<int>> points = {
      {"open", {1, 5, 20, 40}}, {"write", {1, 2, 4, 7}}, {"rename", {1, 2, 3, 5}},
      {"mkdir", {1, 2, 4, 7}},  {"link", {1, 2, 3, 5}},  {"symlink", {1, 2, 3}},
      {"fsync", {1, 2}}};
  for (const auto& [operation, calls] : points) {
    for (const int nth : calls) {
      std::string fault = "op=" + operation + ",n=" + std::to_string(nth) + ":kill";
      CAPTURE(fault);
      HodScene scene;
      scene.write("package.json", R"({"dependencies":{"needs-plain":"1","tool":"1"}})");
      scene.set("HOD_FAULT", fault);
      HodRun killed = scene.hod({"install"});
      CAPTURE(killed.err);
      CHECK(killed.exit_code == 128 + SIGKILL);
      CHECK(killed.err.find("HOD_FAULT hits " + operation) != std::string::npos);
      scene.unset("HOD_FAULT");
      CHECK(scene.read("package.json") == R"({"dependencies":{"needs-plain":"1","tool":"1"}})");
      HodRun again = scene.hod({"install"});
      CAPTURE(again.err);
      CHECK(again.exit_code == 0);
      CHECK(scene.tree() == tree);
    }
  }
}

namespace {

// Both at the same time; both end well.
void run_both(HodScene& scene, const std::vector<std::string>& one) {
  HodRun first, second;
  std::thread other([&] { first = scene.hod(one); });
  second = scene.hod({"install"});
  other.join();
  CAPTURE(first.err);
  CAPTURE(second.err);
  CHECK(first.exit_code == 0);
  CHECK(second.exit_code == 0);
}

}  // namespace

TEST_CASE("two hods in one folder: one waits for the other, both end well") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"needs-plain":"1","tool":"1"}})");
  run_both(scene, {"install"});
  CHECK(scene.node("console.log(require('needs-plain'))") == "needs-plain@1.0.0 > plain@1.1.0\n");
}

TEST_CASE("two projects install at once from one empty cache") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"needs-plain":"1","tool":"1"}})");
  scene.write("../other/package.json", R"({"dependencies":{"needs-plain":"1","plug":"1"}})");
  run_both(scene, {"-C", "../other", "install"});
}
