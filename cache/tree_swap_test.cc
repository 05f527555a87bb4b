// Stops and failures at every single call to the disk: fault points of core/base/io.h.
#include "cache/tree_swap.h"

#include <csignal>
#include <functional>

#include <doctest/doctest.h>
#include <sys/wait.h>

#include "cache/tree_scene_test.h"
#include "core/base/io.h"

#ifdef HOD_FAULTS

namespace hod::cache {

namespace {

namespace fs = std::filesystem;
using scene::Project;
using Tree = std::map<std::string, std::string>;

const std::vector<std::string> kNone;

constexpr const char* kOld = R"(. -> a@1, @s/b@1
                                a@1 [bin a=bin/a.js] -> c@1
                                @s/b@1 -> c@2
                                c@1
                                c@2)";
constexpr const char* kNew = R"(. -> a@2, d@1
                                a@2 [bin a=bin/a.js] -> c@2
                                d@1 -> c@1
                                c@1
                                c@2)";
constexpr const char* kOldMembers = R"(. root@1 -> a@1
                                       /w w@1 -> a@2
                                       a@1
                                       a@2)";
constexpr const char* kNewMembers = R"(. root@1 -> a@1
                                       /w w@1 -> a@3, b@1
                                       /v v@1 -> a@2
                                       a@1
                                       a@2
                                       a@3
                                       b@1)";

struct Play {
  std::string name;
  Layout layout;
  std::function<void(Project&)> before;
  const char* wanted;
  bool every_call = false;  // else every third: the whole takes its time
  bool repair = false;
  unsigned long step() const { return every_call ? 1 : 3; }
};

void old_tree(Project& project, const char* text, Layout layout) {
  project.want(text, layout);
  project.link();
  must(empty_trash(project.root()));
}

std::vector<Play> plays() {
  const auto from = [](const char* text, Layout layout) {
    return [=](Project& project) { old_tree(project, text, layout); };
  };
  const auto foreign = [](Project& project) {
    scene::write(project.path("node_modules/a/package.json"), "foreign");
    scene::write(project.path("node_modules/gone/package.json"), "foreign");
    scene::write(project.path("node_modules/.bin/gone"), "foreign");
    scene::write(project.path("node_modules/.cache/x"), "kept");
  };
  const auto broken = [](Project& project) {
    old_tree(project, kNew, Layout::isolated);
    fs::remove(fs::canonical(project.path("node_modules/a")) / "README.md");
    fs::remove(project.path("node_modules/d"));
    fs::create_symlink("nowhere", project.path("node_modules/d"));
  };
  return {{"first, hoisted", Layout::hoisted, [](Project&) {}, kNew},
          {"first, isolated", Layout::isolated, [](Project&) {}, kNew, true},
          {"update, hoisted", Layout::hoisted, from(kOld, Layout::hoisted), kNew, true},
          {"update, isolated", Layout::isolated, from(kOld, Layout::isolated), kNew, true},
          {"other layout", Layout::isolated, from(kOld, Layout::hoisted), kNew},
          {"members", Layout::hoisted, from(kOldMembers, Layout::hoisted), kNewMembers},
          {"foreign", Layout::hoisted, foreign, kNew},
          {"repair", Layout::isolated, broken, kNew, false, true}};
}

void prepare(Project& project, const Play& play) {
  for (const char* member : {"v", "w"}) scene::write(project.path(std::string(member) + "/x"), "");
  play.before(project);
  project.want(play.wanted, play.layout);
  project.request.repair = play.repair;
}

// Without what a stopped run leaves lying aside.
Tree visible(const Project& project) {
  Tree tree = project.tree();
  std::erase_if(tree, [](const auto& entry) {
    const std::string_view path = entry.first;
    return path.starts_with("node_modules/.hod/") &&
           (path.starts_with("node_modules/.hod/tmp") ||
            path.starts_with("node_modules/.hod/trash") ||
            path.starts_with("node_modules/.hod/journal") ||
            path.starts_with("node_modules/.hod/state"));
  });
  std::erase_if(tree, [](const auto& entry) {
    return entry.first == "node_modules" || entry.first == "node_modules/.hod" ||
           entry.first.starts_with(kSwapFolder);
  });
  return tree;
}

// P4: a package folder that is there at all holds all files of some package.
bool packages_are_whole(const Project& project) {
  for (const PlacedPackage& placed : project.shape.packages) {
    const fs::path folder = project.path(placed.path);
    if (!fs::exists(fs::symlink_status(folder)) || fs::is_symlink(folder)) continue;
    if (!fs::exists(folder / "package.json")) return false;
    if (scene::read(folder / "package.json") == "foreign") continue;
    if (!fs::exists(folder / "lib" / (std::string(base_name(placed.path)) + ".js"))) return false;
    if (!project.request.repair && !fs::exists(folder / "README.md")) return false;
  }
  return true;
}

enum class Outcome { done, failed, killed };

// Links in a child process under a fault plan.
Outcome link_under(Project& project, const std::string& plan, unsigned long* calls = nullptr) {
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    io::set_fault_plan(plan.c_str());
    const Result<LinkReport> report = project.try_link(1);
    const bool ok = report && report->damaged.empty();
    const unsigned long made = io::fault_calls();
    const ssize_t told = ::write(pipe[1], &made, sizeof made);
    ::_exit(ok && told > 0 ? 0 : 1);
  }
  ::close(pipe[1]);
  unsigned long made = 0;
  if (::read(pipe[0], &made, sizeof made) > 0 && calls != nullptr) *calls = made;
  ::close(pipe[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFSIGNALED(status)) return Outcome::killed;
  return WEXITSTATUS(status) == 0 ? Outcome::done : Outcome::failed;
}

Tree expected_tree(const Play& play) {
  Project project;
  prepare(project, play);
  project.link();
  must(empty_trash(project.root()));
  REQUIRE(project.wrong() == kNone);
  return project.tree();
}

unsigned long calls_of(const Play& play) {
  Project project;
  prepare(project, play);
  unsigned long calls = 0;
  REQUIRE(link_under(project, "count", &calls) == Outcome::done);
  return calls;
}

void check_rerun(Project& project, const Tree& expected) {
  project.link();
  must(empty_trash(project.root()));
  CHECK(project.wrong() == kNone);
  const Tree tree = project.tree();
  CHECK(tree == expected);
}

}  // namespace

TEST_CASE("killed at any call to the disk, a rerun ends like one undisturbed run") {
  for (const Play& play : plays()) {
    CAPTURE(play.name);
    const Tree expected = expected_tree(play);
    const unsigned long calls = calls_of(play);
    REQUIRE(calls > 50);
    for (unsigned long n = 1; n <= calls; n += play.step()) {
      CAPTURE(n);
      Project project;
      prepare(project, play);
      REQUIRE(link_under(project, "n=" + std::to_string(n) + ":kill") == Outcome::killed);
      CHECK(packages_are_whole(project));
      check_rerun(project, expected);
    }
  }
}

TEST_CASE("a call that fails leaves the old tree or makes the new one; a rerun is enough") {
  for (const Play& play : plays()) {
    CAPTURE(play.name);
    const Tree expected = expected_tree(play);
    const unsigned long calls = calls_of(play);
    for (unsigned long n = 1; n <= calls; n += play.step()) {
      CAPTURE(n);
      const char* const errors[] = {"enospc", "eio", "eintr", "emfile", "short"};
      const std::string error = errors[n % 5];
      CAPTURE(error);
      Project project;
      prepare(project, play);
      const Tree before = visible(project);
      const Outcome outcome = link_under(project, "n=" + std::to_string(n) + ":" + error);
      const Tree after = visible(project);
      project.link();
      const Tree wanted = visible(project);
      if (outcome == Outcome::done) CHECK(after == wanted);
      const bool whole = after == before || after == wanted;
      CHECK(whole);
      check_rerun(project, expected);
    }
  }
}

TEST_CASE("a disk that stays full or broken needs nothing but a rerun") {
  for (const Play& play : plays()) {
    CAPTURE(play.name);
    const Tree expected = expected_tree(play);
    const unsigned long calls = calls_of(play);
    for (unsigned long n = 1; n <= calls; n += 3 * play.step()) {
      CAPTURE(n);
      Project project;
      prepare(project, play);
      link_under(project, "from=" + std::to_string(n) + (n % 2 == 0 ? ":enospc" : ":eio"));
      check_rerun(project, expected);
    }
  }
}

TEST_CASE(
    "where folders cannot be renamed they are deleted, where node_modules is a mount, filled") {
  struct Row {
    const char* plan;
    std::size_t play;
  };
  for (const Row& row :
       {Row{"op=rename,path~.hod-node_modules,from=1:exdev", 0},
        Row{"op=rename,path~.hod-node_modules,from=1:exdev", 1},
        Row{"op=rename,path~.hod-node_modules,from=1:erofs", 1},
        Row{"op=rename,path~x0,from=1:exdev", 2}, Row{"op=rename,path~x,from=1:exdev", 4},
        Row{"op=rename,path~a,n=3:exdev", 2}, Row{"op=rename,path~a,n=3:exdev", 6}}) {
    const Play play = plays()[row.play];
    CAPTURE(play.name);
    CAPTURE(row.plan);
    Project project;
    prepare(project, play);
    CHECK(link_under(project, row.plan) == Outcome::done);
    CHECK(project.wrong() == kNone);
    CHECK(read_state_head(project.root()));
    must(empty_trash(project.root()));
    CHECK(project.tree() == expected_tree(play));
  }
}

TEST_CASE("hard links that another file system or the kernel refuses become copies") {
  for (const char* plan : {"op=link,from=1:exdev", "op=link,n=2:exdev", "op=rename,n=1:eintr"}) {
    CAPTURE(plan);
    Project project;
    project.want(kOld, Layout::isolated);
    static_cast<void>(link_under(project, plan));
    project.link();
    CHECK(project.wrong() == kNone);
  }
}

}  // namespace hod::cache

#endif
