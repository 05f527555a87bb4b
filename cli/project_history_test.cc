// SPDX-License-Identifier: MIT
#include "cli/project_history.h"

#include <doctest/doctest.h>

#include "cli/test_folder.h"
#include "core/base/file.h"
#include "lockfile/hod_lock.h"

using namespace hod;
using namespace hod::cli;

namespace {

std::string lock_of(const std::string& name) {
  ResolutionGraph graph;
  GraphImporter importer;
  importer.path = ".";
  importer.name = "project-" + name;
  graph.importers.push_back(importer);
  return lockfile::write_hod_lock(graph);
}

struct Scene {
  TestFolder folder;
  Scene() { must(make_directories(folder / "project")); }
  std::string root() const { return folder / "project"; }
  void manifest(const std::string& text) const {
    must(write_file_atomic(root() + "/package.json", text));
  }
  Project project() const { return must(open_project({root(), "."})); }
  ProjectHistory history(bool kept = true) const {
    return ProjectHistory(folder / "cache", root(), kept);
  }
  void made(const std::string& lock, const std::string& text) const {
    manifest(text);
    history().note_made(project(), lock, "install", {{"a", "", "1.0.0"}});
  }
};

const char* const kOne = "{\n  \"version\": \"1.0.0\",\n  \"dependencies\": {\"a\": \"1\"}\n}\n";
const char* const kTwo =
    "{\n  \"version\": \"2.0.0\",\n  \"dependencies\": {\"a\": \"1\", \"b\": \"2\"}\n}\n";

}  // namespace

TEST_CASE("dependency fields are put back one by one, everything else stays") {
  struct Row {
    const char *now, *then, *wanted;
  };
  const Row rows[] = {
      {R"({"version": "2", "dependencies": {"a": "2", "b": "1"}})",
       R"({"version": "1", "dependencies": {"a": "1"}})",
       R"({"version": "2", "dependencies": {"a": "1"}})"},
      {R"({"dependencies": {"b": "1"}})", R"({"name": "x"})", "{}"},
      {R"({"name": "x"})", R"({"overrides": {"a": "1"}})",
       R"({"name": "x", "overrides": {"a": "1"}})"},
      {R"({"bundleDependencies": ["a"]})", R"({"bundleDependencies": true})",
       R"({"bundleDependencies": true})"},
      {"{\n\t\"devDependencies\": {\n\t\t\"c\": \"1\"\n\t}\n}\n",
       R"({"devDependencies": {"b": "1", "c": "1"}})",
       "{\n\t\"devDependencies\": {\n\t\t\"b\": \"1\",\n\t\t\"c\": \"1\"\n\t}\n}\n"},
      {R"({"scripts": {"a": "b"}})", R"({"scripts": {}})", R"({"scripts": {"a": "b"}})"},
  };
  for (const Row& row : rows)
    CHECK(must(manifest_with_fields_of(row.now, row.then, "package.json")) == row.wanted);
  CHECK_FALSE(manifest_with_fields_of("{", "{}", "package.json"));
}

TEST_CASE("the way back leads from the current state to the one before, and asked again too") {
  Scene scene;
  scene.made(lock_of("one"), kOne);
  scene.made(lock_of("two"), kTwo);
  for (int i = 0; i < 2; ++i) {
    Project project = scene.project();
    const PastState state = must(scene.history().take(0, lock_of("two"), project));
    CHECK(state.id == 1);
    CHECK(state.lock_text == lock_of("one"));
    CHECK(state.edited == std::vector<std::size_t>{0});
    CHECK(project.members[0].manifest.text ==
          "{\n  \"version\": \"2.0.0\",\n  \"dependencies\": {\"a\": \"1\"}\n}\n");
  }
  Project project = scene.project();
  // The lockfile was put back, then the run was stopped.
  CHECK(must(scene.history().take(0, lock_of("one"), project)).id == 1);
  scene.history().note_put_back(1);
  project = scene.project();
  const auto further = scene.history().take(0, lock_of("one"), project);
  REQUIRE_FALSE(further);
  CHECK(further.error().code() == ErrorCode::usage);
  CHECK(must(scene.history().take(2, lock_of("one"), project)).id == 2);
  CHECK_FALSE(scene.history().take(7, lock_of("one"), project));
}

TEST_CASE("a lockfile that came by other ways is noted before it is written over") {
  Scene scene;
  scene.made(lock_of("one"), kOne);
  Project project = scene.project();
  scene.history().note_found(project, lock_of("one"));
  CHECK_FALSE(scene.history().take(2, lock_of("one"), project));
  // Seen by no install: the way back leads to what was installed.
  CHECK(must(scene.history().take(0, lock_of("pulled"), project)).id == 1);
  scene.history().note_found(project, lock_of("pulled"));
  scene.made(lock_of("two"), kTwo);
  project = scene.project();
  CHECK(must(scene.history().take(0, lock_of("two"), project)).lock_text == lock_of("pulled"));
}

TEST_CASE("nothing is noted twice, nor where nothing is to be kept") {
  Scene scene;
  scene.made(lock_of("one"), kOne);
  scene.made(lock_of("one"), kTwo);
  Project project = scene.project();
  scene.history(false).note_made(project, lock_of("two"), "install", {});
  scene.history(false).note_found(project, lock_of("two"));
  CHECK_FALSE(scene.history().take(2, std::nullopt, project));
}

TEST_CASE("a cache that cannot be written to is no obstacle") {
  Scene scene;
  must(write_file_atomic(scene.folder / "cache", "a file"));
  scene.made(lock_of("one"), kOne);
  Project project = scene.project();
  CHECK_FALSE(scene.history().take(0, lock_of("one"), project));
}
