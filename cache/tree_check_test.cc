#include "cache/tree_check.h"

#include <doctest/doctest.h>

#include "cache/tree_scene_test.h"

namespace hod::cache {

namespace {

namespace fs = std::filesystem;
using scene::Project;

std::set<std::string> damaged(Project& project) {
  project.request.shape = &project.shape;
  WorkerPool pool(2);
  const ProjectFolder folder = must(ProjectFolder::open(project.root()));
  std::set<std::string> out;
  for (const std::string_view path : damaged_entries(project.request, {}, folder, pool)) {
    out.emplace(path);
  }
  return out;
}

constexpr const char* kScene = R"(. -> a@1, b@1
                                  a@1 [bin a=a.js]
                                  b@1)";

}  // namespace

TEST_CASE("a tree as it was made has no damage: links, copies, mended commands") {
  for (const ImportMethod method : {ImportMethod::hardlink, ImportMethod::copy}) {
    Project project;
    project.request.import_method = method;
    project.set_files("a@1", {{"a.js", "#!/usr/bin/env node\r\n"}});
    project.want(kScene, Layout::isolated);
    project.link();
    CHECK(damaged(project).empty());
  }
}

TEST_CASE("each kind of damage is found at the package that has it") {
  Project project;
  project.want(kScene, Layout::hoisted);
  project.link();
  const std::string file = project.path("node_modules/b/lib/b.js");
  SUBCASE("missing") { fs::remove(file); }
  SUBCASE("cut") { fs::resize_file(file, 1); }
  SUBCASE("same size, other time") { scene::write(file, "// B@1"); }
  SUBCASE("a folder in its place") {
    fs::remove(file);
    fs::create_directories(file);
  }
  SUBCASE("a link in its place") {
    fs::remove(file);
    fs::create_symlink("/etc/passwd", file);
  }
  SUBCASE("no longer plain") { ::chmod(file.c_str(), 0755); }
  SUBCASE("no longer readable") { ::chmod(file.c_str(), 0); }
  SUBCASE("writable by others") { ::chmod(file.c_str(), 0666); }
  SUBCASE("a file more") { scene::write(project.path("node_modules/b/index.json"), "{}"); }
  SUBCASE("a file more further down") { scene::write(project.path("node_modules/b/lib/x"), ""); }
  SUBCASE("a package inside that nobody placed") {
    fs::create_directories(project.path("node_modules/b/node_modules/evil"));
  }
  SUBCASE("the package is a link") {
    fs::rename(project.path("node_modules/b"), project.path("node_modules/x"));
    fs::create_directory_symlink("x", project.path("node_modules/b"));
  }
  CHECK(damaged(project) == std::set<std::string>{"node_modules/b"});
}

TEST_CASE("packages that scripts may change are only looked for") {
  Project project;
  project.want(kScene, Layout::hoisted, {true, true});
  project.link();
  scene::write(project.path("node_modules/a/lib/a.js"), "built");
  fs::remove(project.path("node_modules/b/README.md"));
  CHECK(damaged(project).empty());
  fs::remove_all(project.path("node_modules/b"));
  CHECK(damaged(project) == std::set<std::string>{"node_modules/b"});
}

TEST_CASE("links and commands that lead elsewhere are found") {
  Project project;
  project.want(kScene, Layout::isolated);
  project.link();
  fs::remove(project.path("node_modules/b"));
  fs::create_symlink("elsewhere", project.path("node_modules/b"));
  fs::remove(project.path("node_modules/.bin/a"));
  CHECK(damaged(project) == std::set<std::string>{"node_modules/.bin/a", "node_modules/b"});
}

}  // namespace hod::cache
