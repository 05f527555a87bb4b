// SPDX-License-Identifier: MIT
#include "cli/lifecycle.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include "cli/test_folder.h"

using namespace hod;
using namespace hod::cli;

namespace {

Project workspace(const TestFolder& folder) {
  folder.write(
      "package.json",
      R"({"name":"root","workspaces":["*"],"scripts":{"preinstall":"echo root-pre >> ../log","prepare":"echo root >> log"}})");
  folder.write(
      "a/package.json",
      R"({"name":"a","dependencies":{"b":"*"},"scripts":{"preinstall":"echo a-pre >> ../log","postinstall":"echo a >> ../log"}})");
  folder.write("b/package.json", R"({"name":"b","scripts":{"install":"echo b >> ../log"}})");
  folder.write("c/package.json", R"({"name":"c"})");
  return must(open_project(must(find_project(folder.path()))));
}

ScriptScene scene() {
  ScriptScene out;
  out.environment.set("PATH", getenv("PATH"));
  return out;
}

ReporterStreams silent() {
  return {[](std::string_view) {}, [](std::string_view) {},
          [] { return std::chrono::steady_clock::now(); }};
}

}  // namespace

TEST_CASE(
    "the root's preinstall comes first, members follow their dependencies, the root is last") {
  TestFolder folder;
  Project project = workspace(folder);
  std::vector<MemberScripts> before = lifecycle_before_install(project);
  REQUIRE(before.size() == 1);
  CHECK(before.front().scripts.front().event == "preinstall");
  std::vector<MemberScripts> after = lifecycle_after_install(project);
  std::unique_ptr<Reporter> reporter = make_reporter({}, silent());
  must(run_lifecycle(scene(), project, after, "", *reporter));
  CHECK(folder.read("log") == "b\na-pre\na\nroot\n");
}

TEST_CASE("the first script that fails ends the run") {
  TestFolder folder;
  folder.write("package.json",
               R"({"name":"x","scripts":{"install":"exit 4","postinstall":"touch ran"}})");
  Project project = must(open_project(must(find_project(folder.path()))));
  std::unique_ptr<Reporter> reporter = make_reporter({}, silent());
  auto ran = run_lifecycle(scene(), project, lifecycle_after_install(project), "", *reporter);
  REQUIRE_FALSE(ran);
  CHECK(ran.error().code() == ErrorCode::script_failed);
  CHECK_FALSE(file_exists(folder / "ran"));
}

TEST_CASE(
    "T-SCR-01 T-SCR-02 dependencies with install scripts are named, by metadata or by archive") {
  ResolutionGraph graph;
  graph.packages.resize(3);
  for (std::size_t i = 0; i < 3; ++i) {
    graph.packages[i].name = std::string(1, static_cast<char>('c' - i));
    graph.packages[i].version = "1.0.0";
  }
  graph.packages[0].has_install_script = true;
  auto stored = std::make_shared<cache::StoredPackage>();
  stored->has_install_script = true;
  CHECK(scripts_not_run(graph, {0, 1, 2, 0}, {nullptr, stored, nullptr}) ==
        std::vector<std::string>{"b 1.0.0", "c 1.0.0"});
  CHECK(scripts_not_run(graph, {2}, {nullptr, stored, nullptr}).empty());
}
