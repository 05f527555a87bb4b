#include "cache/tree_stage.h"

#include <thread>

#include <doctest/doctest.h>

#include "cache/tree_scene_test.h"

namespace hod::cache {

namespace {

std::string many_packages(std::size_t count) {
  std::string text = ". -> p0@1";
  for (std::size_t i = 1; i < count; ++i) text += ", p" + std::to_string(i) + "@1";
  return text;
}

}  // namespace

TEST_CASE("progress is told on the calling thread, and counts every package") {
  scene::Project project;
  project.want(many_packages(400), Layout::isolated);
  std::size_t last = 0;
  std::size_t total = 0;
  const std::thread::id caller = std::this_thread::get_id();
  project.request.progress = [&](std::size_t done, std::size_t all) {
    CHECK(std::this_thread::get_id() == caller);
    CHECK(done >= last);
    last = done;
    total = all;
  };
  project.link();
  CHECK(total == 400);
  CHECK(project.wrong().empty());
}

TEST_CASE("an interrupted run leaves the old tree") {
  scene::Project project;
  project.want(many_packages(10), Layout::hoisted);
  project.link();
  must(empty_trash(project.root()));
  const auto before = project.tree();
  project.want(many_packages(400), Layout::hoisted);
  std::atomic<int> asked{0};
  project.request.interrupted = [&] { return ++asked > 3; };
  Result<LinkReport> report = project.try_link();
  REQUIRE(!report);
  CHECK(report.error().code() == ErrorCode::interrupted);
  must(empty_trash(project.root()));
  CHECK(project.tree() == before);
  project.request.interrupted = {};
  project.link();
  CHECK(project.wrong().empty());
}

TEST_CASE("more threads make the same tree") {
  scene::Project one;
  scene::Project many;
  for (const Layout layout : {Layout::hoisted, Layout::isolated}) {
    for (scene::Project* project : {&one, &many}) {
      project->want(many_packages(200), layout);
      must(project->try_link(project == &one ? 1 : 8));
      must(empty_trash(project->root()));
    }
    CHECK(one.tree() == many.tree());
  }
}

}  // namespace hod::cache
