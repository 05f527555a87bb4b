// SPDX-License-Identifier: MIT
#include "cli/selection.h"

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::cli;

namespace {

ProjectMember member(std::string path, std::string name, std::vector<std::string> needs = {}) {
  ProjectMember out;
  out.path = std::move(path);
  out.manifest.name = std::move(name);
  for (std::string& need : needs)
    out.manifest.dependencies.push_back({std::move(need), "*", DependencyKind::production});
  return out;
}

// app needs ui and core, ui needs core.
Project workspace() {
  Project project;
  project.root = "/w";
  project.members.push_back(member(".", "root"));
  project.members.push_back(member("apps/app", "app", {"@s/ui", "@s/core", "express"}));
  project.members.push_back(member("libs/core", "@s/core"));
  project.members.push_back(member("libs/ui", "@s/ui", {"@s/core"}));
  return project;
}

using Paths = std::vector<std::string>;

Paths chosen(std::vector<std::string> options, const std::string& folder = "/w") {
  Project project = workspace();
  options.insert(options.begin(), "list");
  Paths out;
  for (std::size_t i : must(select_members(project, must(Arguments::parse(options)), folder))) {
    out.push_back(project.members[i].path);
  }
  return out;
}

}  // namespace

TEST_CASE("projects are chosen as the options say, dependencies first") {
  CHECK(chosen({}) == Paths{"."});
  CHECK(chosen({"-r"}) == Paths{"libs/core", "libs/ui", "apps/app"});
  CHECK(chosen({"-r", "-w"}) == Paths{".", "libs/core", "libs/ui", "apps/app"});
  CHECK(chosen({"--filter=@s/*"}) == Paths{"libs/core", "libs/ui"});
  CHECK(chosen({"--filter", "ui"}) == Paths{"libs/ui"});
  CHECK(chosen({"--filter=@s/ui..."}) == Paths{"libs/core", "libs/ui"});
  CHECK(chosen({"--filter=...@s/ui"}) == Paths{"libs/ui", "apps/app"});
  CHECK(chosen({"--filter=!app"}) == Paths{"libs/core", "libs/ui"});
  CHECK(chosen({"--filter=./libs/*"}) == Paths{"libs/core", "libs/ui"});
  CHECK(chosen({"--filter=./core"}, "/w/libs") == Paths{"libs/core"});
  CHECK(chosen({"--workspace=libs"}) == Paths{"libs/core", "libs/ui"});
  CHECK(chosen({"--workspace", "apps/app"}) == Paths{"apps/app"});
  CHECK(chosen({"--workspace", "@s/core", "--workspace=app"}) == Paths{"libs/core", "apps/app"});
}

TEST_CASE("a filter that fits nothing is an error with the nearest name") {
  Project project = workspace();
  std::vector<std::string> words = {"list", "--filter=@s/cor"};
  Error error = std::move(select_members(project, must(Arguments::parse(words)), "/w").error());
  CHECK(error.code() == ErrorCode::usage);
  CHECK(error.hints().front() == "did you mean `@s/core`?");
}

TEST_CASE("members that need each other have an order, too") {
  Project project = workspace();
  project.members[2].manifest.dependencies.push_back({"app", "*", DependencyKind::development});
  CHECK(in_dependency_order(project, {3, 2, 1}) == std::vector<std::size_t>{1, 2, 3});
}
