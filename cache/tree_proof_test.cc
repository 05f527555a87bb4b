// SPDX-License-Identifier: MIT
#include "cache/tree_proof.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include "cache/tree_scene_test.h"

namespace hod::cache {

namespace {

constexpr const char* kScene = R"(. -> a@1, b@1
                                  a@1 [bin a=a.js]
                                  b@1)";

std::set<std::string> unproved(scene::Project& project) {
  project.request.shape = &project.shape;
  WorkerPool pool(2);
  const ProjectFolder folder = must(ProjectFolder::open(project.root()));
  std::unordered_set<std::string_view> found;
  add_unproved(project.request, {}, folder, pool, found);
  return {found.begin(), found.end()};
}

// Other bytes of the same length, with the time put back.
void spoil(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  std::filesystem::remove(path);  // the store's copy stays
  scene::write(path, std::string(static_cast<std::size_t>(info.st_size), '\0'));
  const timespec times[2] = {info.st_mtim, info.st_mtim};
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
}

}  // namespace

TEST_CASE("zeros of the right length and time are found in a tree") {
  for (const Layout layout : {Layout::hoisted, Layout::isolated}) {
    scene::Project project;
    project.want(kScene, layout);
    project.link();
    CHECK(unproved(project).empty());
    const std::string folder = project.shape.packages.back().path;
    spoil(project.path(folder + "/lib/b.js"));
    CHECK(unproved(project) == std::set<std::string>{folder});
  }
}

TEST_CASE("a tree of another boot is read when it is repaired, and mended") {
  scene::Project project;
  project.want(kScene, Layout::hoisted);
  project.request.state.boot_id = "another";
  project.link();
  spoil(project.path("node_modules/b/lib/b.js"));
  project.request.state.boot_id = boot_id();
  project.link();
  CHECK_FALSE(project.wrong().empty());  // not asked for
  project.request.state.boot_id = "another";
  project.link();
  project.request.repair = true;
  project.link();
  CHECK(project.wrong().empty());
}

}  // namespace hod::cache
