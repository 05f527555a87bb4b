#include "cache/linker.h"

#include <doctest/doctest.h>

#include "cache/tree_scene_test.h"
#include "cache/tree_state.h"

namespace hod::cache {

namespace {

namespace fs = std::filesystem;
using scene::Project;

const std::vector<std::string> kNone;

constexpr const char* kSmall = R"(. -> a@1, @s/b@1
                                  a@1 [bin a=bin/a.js] -> c@1
                                  @s/b@1 -> c@2
                                  c@1
                                  c@2)";

}  // namespace

TEST_CASE("a tree is made where there was none, in both layouts") {
  for (const Layout layout : {Layout::hoisted, Layout::isolated}) {
    Project project;
    project.want(kSmall, layout);
    const LinkReport report = project.link();
    CHECK(project.wrong() == kNone);
    CHECK(report.packages_added == 4);
    CHECK(report.files_linked + report.files_copied >= 12);
    CHECK(report.placed.size() == 4);
    CHECK(fs::exists(project.path("node_modules/.hod/state")));
    CHECK_FALSE(fs::exists(project.path("node_modules/.hod/tmp")));
    CHECK_FALSE(fs::exists(project.path("node_modules/.hod/journal")));
    CHECK(fs::directory_iterator(project.root())->path().filename() == "node_modules");
    must(empty_trash(project.root()));
    CHECK_FALSE(fs::exists(project.path("node_modules/.hod/trash")));
    CHECK(project.wrong() == kNone);
  }
}

TEST_CASE("files are hard links to the store's; commands become executable without touching it") {
  Project project;
  project.want(kSmall, Layout::hoisted);
  project.link();
  const std::string stored = project.stored("a@1").folder;
  CHECK(scene::inode_of(project.path("node_modules/a/lib/a.js")) ==
        scene::inode_of(stored + "/lib/a.js"));
  CHECK(scene::mode_of(project.path("node_modules/a/bin/a.js")) == 0755);
  CHECK(scene::mode_of(stored + "/bin/a.js") == 0644);
  CHECK(scene::mode_of(project.path("node_modules/.bin/a")) == 0755);
}

TEST_CASE("a command whose first line ends with CRLF is mended in the tree, not in the store") {
  Project project;
  project.set_files("a@1",
                    {{"bin/a.js*", "#!/usr/bin/env node\r\nx\r\n"}, {"b.js*", "#!/bin/sh\n"}});
  project.want(R"(. -> a@1
                  a@1 [bin a=bin/a.js b=b.js])",
               Layout::isolated);
  const LinkReport report = project.link();
  CHECK(scene::read(project.path("node_modules/a/bin/a.js")) == "#!/usr/bin/env node\nx\r\n");
  CHECK(scene::read(project.stored("a@1").folder + "/bin/a.js") == "#!/usr/bin/env node\r\nx\r\n");
  CHECK(report.files_copied == 1);
}

TEST_CASE("packages flagged to be copied share nothing with the store") {
  Project project;
  project.want(kSmall, Layout::hoisted, {true, true, true, true});
  const LinkReport report = project.link();
  CHECK(report.files_linked == 0);
  CHECK(project.wrong() == kNone);
  CHECK(scene::inode_of(project.path("node_modules/a/lib/a.js")) !=
        scene::inode_of(project.stored("a@1").folder + "/lib/a.js"));
  CHECK(fs::last_write_time(project.path("node_modules/a/lib/a.js")) ==
        fs::last_write_time(project.stored("a@1").folder + "/lib/a.js"));
}

TEST_CASE("nothing to do is nothing done") {
  Project project;
  project.want(kSmall, Layout::isolated);
  project.link();
  const ino_t before = scene::inode_of(project.path("node_modules"));
  const LinkReport report = project.link();
  CHECK(report.packages_added == 0);
  CHECK(report.packages_kept == 4);
  CHECK(report.files_linked == 0);
  CHECK(scene::inode_of(project.path("node_modules")) == before);
}

TEST_CASE("a change touches what changed and ends like a fresh install") {
  constexpr const char* kNext = R"(. -> a@2, d@1
                                   a@2 [bin a=bin/a.js other=o.js] -> c@2
                                   d@1 -> c@1
                                   c@1
                                   c@2)";
  for (const Layout from : {Layout::hoisted, Layout::isolated}) {
    for (const Layout to : {Layout::hoisted, Layout::isolated}) {
      CAPTURE(static_cast<int>(from));
      CAPTURE(static_cast<int>(to));
      Project fresh;
      fresh.want(kNext, to);
      fresh.link();
      must(empty_trash(fresh.root()));
      Project project;
      project.want(kSmall, from);
      project.link();
      project.want(kNext, to);
      const LinkReport report = project.link();
      must(empty_trash(project.root()));
      CHECK(project.wrong() == kNone);
      CHECK(project.tree() == fresh.tree());
      if (from == to) CHECK(report.packages_kept == (to == Layout::hoisted ? 1 : 2));
    }
  }
}

TEST_CASE("members of a workspace get their own node_modules") {
  constexpr const char* kBefore = R"(. root@1 -> a@1
                                     /packages/v v@1 -> a@2, b@1
                                     /packages/w w@1 -> v=/packages/v, a@2
                                     a@1
                                     a@2 [bin t=t.js]
                                     b@1 -> a@1)";
  constexpr const char* kAfter = R"(. root@1 -> a@1
                                    /packages/v v@1 -> a@1
                                    /packages/w w@1 -> v=/packages/v, a@2
                                    a@1
                                    a@2 [bin t=t.js])";
  for (const Layout layout : {Layout::hoisted, Layout::isolated}) {
    Project project;
    scene::write(project.path("packages/v/package.json"), "{}");
    scene::write(project.path("packages/w/package.json"), "{}");
    project.want(kBefore, layout);
    project.link();
    CHECK(project.wrong() == kNone);
    project.want(kAfter, layout);
    project.link();
    CHECK(project.wrong() == kNone);
    must(empty_trash(project.root()));
    Project fresh;
    scene::write(fresh.path("packages/v/package.json"), "{}");
    scene::write(fresh.path("packages/w/package.json"), "{}");
    fresh.want(kAfter, layout);
    fresh.link();
    must(empty_trash(fresh.root()));
    CHECK(project.tree() == fresh.tree());
  }
}

TEST_CASE("a tree of another package manager is taken over; tools' dot folders stay") {
  for (const Layout layout : {Layout::hoisted, Layout::isolated}) {
    Project project;
    scene::write(project.path("node_modules/a/package.json"), "old");
    scene::write(project.path("node_modules/a/node_modules/deep/x.js"), "old");
    scene::write(project.path("node_modules/gone/package.json"), "old");
    scene::write(project.path("node_modules/@s/gone/package.json"), "old");
    scene::write(project.path("node_modules/@t/gone/package.json"), "old");
    scene::write(project.path("node_modules/.bin/gone"), "old");
    scene::write(project.path("node_modules/.package-lock.json"), "{}");
    scene::write(project.path("node_modules/.pnpm/x@1/node_modules/x/package.json"), "{}");
    scene::write(project.path("node_modules/.cache/x"), "kept");
    scene::write(project.path("node_modules/.vite/deps/x"), "kept");
    project.want(kSmall, layout);
    project.link();
    must(empty_trash(project.root()));
    CHECK(project.wrong() == kNone);
    Project fresh;
    fresh.want(kSmall, layout);
    fresh.link();
    must(empty_trash(fresh.root()));
    auto tree = project.tree();
    CHECK(tree["node_modules/.cache/x"] == "644 kept");
    CHECK(tree["node_modules/.vite/deps/x"] == "644 kept");
    for (const char* kept : {".cache", ".cache/x", ".vite", ".vite/deps", ".vite/deps/x"}) {
      tree.erase(std::string("node_modules/") + kept);
    }
    CHECK(tree == fresh.tree());
  }
}

TEST_CASE("what somebody put into node_modules goes, what somebody deleted comes back") {
  Project project;
  project.want(kSmall, Layout::hoisted);
  project.link();
  const auto before = project.tree();
  scene::write(project.path("node_modules/foreign/package.json"), "{}");
  fs::remove_all(project.path("node_modules/a"));
  fs::remove_all(project.path("node_modules/@s"));
  fs::create_directory_symlink("/", project.path("node_modules/@s"));
  CHECK(packages_to_place(project.root(), project.shape).size() >= 2);
  project.link();
  must(empty_trash(project.root()));
  auto after = project.tree();
  auto expected = before;
  for (auto* tree : {&after, &expected}) {
    std::erase_if(*tree,
                  [](const auto& e) { return e.first.find(".hod/trash") != std::string::npos; });
  }
  CHECK(after == expected);
}

TEST_CASE("T-LINK-06 a node_modules that is a symlink is refused, and so is one below a symlink") {
  Project project;
  const std::string other = project.folder().path("elsewhere");
  fs::create_directories(other);
  project.want(kSmall, Layout::hoisted);
  fs::create_directory_symlink(other, project.path("node_modules"));
  Result<LinkReport> report = project.try_link();
  REQUIRE(!report);
  CHECK(report.error().code() == ErrorCode::tree_refused);
  CHECK(report.error().what().find("node_modules` is a symlink") != std::string::npos);
  CHECK(fs::is_empty(other));
  fs::remove(project.path("node_modules"));
  fs::create_directory_symlink(other, project.path("packages"));
  fs::create_directories(other + "/w");
  project.want(R"(. -> a@1
                  /packages/w w@1 -> a@2
                  a@1
                  a@2)",
               Layout::isolated);
  report = project.try_link();
  REQUIRE(!report);
  CHECK(report.error().code() == ErrorCode::tree_refused);
  CHECK(fs::is_empty(other + "/w"));
}

TEST_CASE("T-LINK-06 a planted .hod, tmp or state that is a symlink leads nowhere") {
  for (const char* planted :
       {".hod", ".hod/tmp", ".hod/state", ".hod/lock", ".hod/trash", ".hod/journal"}) {
    CAPTURE(planted);
    Project project;
    const std::string canary = project.folder().path("canary");
    scene::write(canary + "/file", "kept");
    const std::string link = project.path(std::string("node_modules/") + planted);
    fs::create_directories(fs::path(link).parent_path());
    fs::create_symlink(canary, link);
    project.want(kSmall, Layout::hoisted);
    Result<LinkReport> report = project.try_link();
    if (report) CHECK(project.wrong() == kNone);
    if (!report) CHECK(report.error().code() == ErrorCode::tree_refused);
    static_cast<void>(empty_trash(project.root()));
    CHECK(scene::tree_of(canary) == std::map<std::string, std::string>{{"file", "644 kept"}});
  }
}

TEST_CASE("what a stopped run left goes with a run that has nothing to do, unless somebody works") {
  Project project;
  project.want(kSmall, Layout::hoisted);
  project.link();
  must(empty_trash(project.root()));
  sweep_leftovers(project.root());
  const auto before = project.tree();
  for (const char* left :
       {".hod-node_modules", "node_modules/.hod/tmp", "node_modules/.hod/trash"}) {
    CAPTURE(left);
    scene::write(project.path(std::string(left) + "/a/b"), "left");
    {
      const Fd lock = must(lock_project(project.root(), 0, nullptr));
      sweep_leftovers(project.root());
      CHECK(fs::exists(project.path(left)));
    }
    sweep_leftovers(project.root());
    CHECK_FALSE(fs::exists(project.path(left)));
  }
  CHECK(project.tree() == before);
}

TEST_CASE("T-LINK-11 removal follows no symlink") {
  Project project;
  const std::string canary = project.folder().path("canary");
  scene::write(canary + "/sub/file", "kept");
  project.want(kSmall, Layout::hoisted);
  project.link();
  fs::create_directory_symlink(canary, project.path("node_modules/foreign"));
  fs::create_directory_symlink(canary, project.path("node_modules/a/inside"));
  fs::remove_all(project.path("node_modules/@s/b"));
  fs::create_directory_symlink(canary, project.path("node_modules/@s/b"));
  project.want(". -> c@1\nc@1", Layout::hoisted);
  project.link();
  must(empty_trash(project.root()));
  CHECK(scene::read(canary + "/sub/file") == "kept");
  CHECK_FALSE(fs::exists(fs::symlink_status(project.path("node_modules/foreign"))));
}

TEST_CASE("T-LINK-01 T-LINK-04 a state file or a shape with hostile paths removes nothing") {
  Project project;
  scene::write(project.path("src/keep.js"), "kept");
  scene::write(project.folder().path("outside/file"), "kept");
  project.want(kSmall, Layout::hoisted);
  for (const char* path :
       {"src", "../outside", "node_modules/../src", "node_modules/.bin/../../src"}) {
    CAPTURE(path);
    TreeShape hostile;
    hostile.packages.push_back({path, 0, "x", false, {}});
    scene::write(project.path("node_modules/.hod/state"), encode_state(TreeState{}, hostile));
    CHECK_FALSE(read_state(project.root()));
    project.link();
    CHECK(scene::read(project.path("src/keep.js")) == "kept");
    CHECK(scene::read(project.folder().path("outside/file")) == "kept");
    Project victim;
    victim.graph = project.graph;
    victim.want(hostile);
    Result<LinkReport> report = victim.try_link();
    REQUIRE(!report);
    CHECK(report.error().code() == ErrorCode::tree_refused);
  }
}

TEST_CASE("T-CACHE-01 a damaged store file is reported and the tree stays as it was") {
  for (const Verify verify : {Verify::fence, Verify::sums}) {
    Project project;
    project.want(". -> a@1\na@1", Layout::isolated);
    project.request.verify = verify;
    project.link();
    must(empty_trash(project.root()));
    const auto before = project.tree();
    project.want(". -> a@1, b@1, c@1\na@1\nb@1\nc@1", Layout::isolated);
    scene::write(project.stored("b@1").folder + "/lib/b.js", "edited");
    LinkReport report = project.link();
    CHECK(report.damaged == std::vector<PackageIndex>{1});
    must(empty_trash(project.root()));
    CHECK(project.tree() == before);
    project.set_files("b@1", {{"lib/b.js", "again"}});
    project.want(TreeShape(project.shape));
    CHECK(project.link().damaged.empty());
    CHECK(project.wrong() == kNone);
  }
}

TEST_CASE("T-CACHE-01 sums find what the fence cannot: a flipped bit with its time put back") {
  Project project;
  project.want(". -> a@1\na@1", Layout::hoisted);
  const std::string file = project.stored("a@1").folder + "/lib/a.js";
  const auto time = fs::last_write_time(file);
  scene::write(file, "// b@1");
  fs::last_write_time(file, time);
  CHECK(project.link().damaged.empty());
  fs::remove_all(project.path("node_modules"));
  project.request.verify = Verify::sums;
  CHECK(project.link().damaged == std::vector<PackageIndex>{0});
}

TEST_CASE("packages stored in another boot are proved by their sums, and said to be") {
  Project project;
  project.want(". -> a@1, b@1\na@1\nb@1", Layout::hoisted);
  auto other = std::make_shared<StoredPackage>(*project.request.contents[0]);
  other->boot_id = "another";
  project.request.contents[0] = other;
  const LinkReport report = project.link();
  CHECK(report.proved == std::vector<PackageIndex>{0});
  CHECK(report.stale.empty());
  CHECK(project.wrong() == kNone);
}

TEST_CASE("other stamps with the right bytes are no damage, and told") {
  for (const bool copied : {false, true}) {
    Project project;
    project.want(". -> a@1, b@1\na@1\nb@1", Layout::hoisted, {copied, copied});
    auto other = std::make_shared<StoredPackage>(*project.request.contents[1]);
    for (StoredFile& file : other->files) file.inode = file.mtime_ns = 1;
    project.request.contents[1] = other;
    const LinkReport report = project.link();
    CHECK(report.damaged.empty());
    CHECK(report.stale == std::vector<PackageIndex>{1});
    CHECK(project.wrong() == kNone);
  }
}

TEST_CASE("large and empty files are summed to their end") {
  Project project;
  project.set_files("a@1", {{"large", std::string(700'000, 'x')},
                            {"empty", ""},
                            {"edge", std::string(std::size_t{256} << 10, 'y')}});
  project.want(". -> a@1\na@1", Layout::hoisted);
  project.request.verify = Verify::sums;
  CHECK(project.link().damaged.empty());
  CHECK(project.wrong() == kNone);
  scene::write(project.stored("a@1").folder + "/large", std::string(700'001, 'x'));
  fs::remove_all(project.path("node_modules"));
  CHECK(project.link().damaged.size() == 1);
}

TEST_CASE("contents that are needed and not given are asked for") {
  Project project;
  project.want(kSmall, Layout::hoisted);
  project.request.contents[2] = nullptr;
  CHECK(project.link().damaged == std::vector<PackageIndex>{2});
  CHECK_FALSE(fs::exists(project.path("node_modules/a")));
}

TEST_CASE("hod ci mends missing, cut and edited files, wrong links and commands") {
  for (const Layout layout : {Layout::hoisted, Layout::isolated}) {
    Project project;
    project.want(kSmall, layout);
    project.link();
    must(empty_trash(project.root()));
    const auto before = project.tree();
    const std::string a = fs::canonical(project.path("node_modules/a"));
    const std::string b = fs::canonical(project.path("node_modules/@s/b"));
    fs::remove(a + "/lib/a.js");
    fs::remove(b + "/lib/b.js");
    scene::write(b + "/lib/b.js", "// @s/X@1");
    fs::remove(project.path("node_modules/.bin/a"));
    fs::create_symlink("../elsewhere", project.path("node_modules/.bin/a"));
    fs::create_symlink("../elsewhere", project.path("node_modules/.bin/planted"));
    if (layout == Layout::isolated) {
      fs::remove(project.path("node_modules/.hod/a@1/node_modules/c"));
      fs::create_symlink("nowhere", project.path("node_modules/.hod/a@1/node_modules/planted"));
    }
    project.request.repair = true;
    project.link();
    must(empty_trash(project.root()));
    CHECK(project.wrong() == kNone);
    CHECK(project.tree() == before);
    CHECK(project.link().packages_added == 0);
  }
}

TEST_CASE("an edit through a hard link is found, in the tree and in the store") {
  Project project;
  project.want(". -> a@1\na@1", Layout::hoisted);
  project.link();
  scene::write(project.path("node_modules/a/lib/a.js"), "through");
  project.request.repair = true;
  CHECK(project.link().damaged == std::vector<PackageIndex>{0});
}

TEST_CASE("where hard links are refused files are copied") {
  Project project;
  project.want(kSmall, Layout::hoisted);
  project.request.import_method = ImportMethod::copy;
  const LinkReport report = project.link();
  CHECK(report.files_linked == 0);
  CHECK(project.wrong() == kNone);
  project.request.repair = true;
  CHECK(project.link().packages_added == 0);
}

TEST_CASE("bundled dependencies stay as they came, also when something is placed beside them") {
  constexpr const char* kBefore = R"(. -> a@1, c@2
                                     a@1 [bundles x]
                                     c@2)";
  constexpr const char* kAfter = R"(. -> a@1, c@2
                                    a@1 [bundles x]
                                    c@2 -> d@1
                                    d@1)";
  for (const Layout layout : {Layout::hoisted, Layout::isolated}) {
    Project project;
    project.set_files("a@1", {{"node_modules/x/index.js", "x"}, {"node_modules/.bin/x", "x"}});
    project.want(kBefore, layout);
    project.link();
    project.want(kAfter, layout);
    project.request.repair = true;
    project.link();
    CHECK(project.wrong() == kNone);
    CHECK(scene::read(project.path("node_modules/a/node_modules/x/index.js")) == "x");
  }
}

TEST_CASE("what was seen while looking for packages to place counts once, and not for a repair") {
  Project project;
  project.want(kSmall, Layout::isolated);
  project.link();
  must(empty_trash(project.root()));
  const auto before = project.tree();
  scene::write(project.path("node_modules/foreign/package.json"), "{}");
  fs::remove_all(project.path("node_modules/.hod/a@1.0.0"));
  TreeLookPtr look;
  const std::size_t missing = packages_to_place(project.root(), project.shape, &look).size();
  REQUIRE(look);
  project.request.look = look.get();
  fs::remove_all(project.path("node_modules/@s"));
  CHECK(project.link().placed.size() == missing);
  CHECK_FALSE(fs::exists(project.path("node_modules/foreign")));
  CHECK_FALSE(fs::exists(project.path("node_modules/@s")));
  project.link();  // looks for itself
  CHECK(project.wrong() == kNone);
  must(empty_trash(project.root()));
  CHECK(project.tree() == before);

  packages_to_place(project.root(), project.shape, &look);
  project.request.look = look.get();
  project.request.repair = true;
  fs::remove_all(project.path("node_modules/@s"));
  project.link();
  CHECK(project.wrong() == kNone);
}

TEST_CASE("the state file tells what was installed, cheaply, and only when nothing was stopped") {
  Project project;
  CHECK_FALSE(read_state_head(project.root()));
  project.want(kSmall, Layout::isolated);
  project.request.state.lock_digest = "0123";
  project.request.state.settings_digest = "4567";
  project.request.state.inputs = {{"package.json", true, 3, 4}};
  project.link();
  std::optional<TreeState> head = read_state_head(project.root());
  REQUIRE(head);
  CHECK(head->lock_digest == "0123");
  CHECK(head->settings_digest == "4567");
  CHECK(head->inputs == project.request.state.inputs);
  CHECK(head->shape.packages.empty());
  std::optional<TreeState> state = read_state(project.root());
  REQUIRE(state);
  CHECK(state->shape.links == project.shape.links);
  CHECK(state->shape.bins == project.shape.bins);
  CHECK(packages_to_place(project.root(), project.shape).empty());
  scene::write(project.path("node_modules/.hod/journal"), "");
  CHECK_FALSE(read_state_head(project.root()));
  CHECK(packages_to_place(project.root(), project.shape).size() == 4);
}

TEST_CASE("two installs are equal to the last byte and time stamp, however they came about") {
  const auto stamps = [](const Project& project) {
    std::map<std::string, std::string> out;
    for (auto& [path, what] : scene::tree_of(project.root())) {
      struct stat info {};
      REQUIRE(::lstat(project.path(path).c_str(), &info) == 0);
      out[path] = what + " " + std::to_string(info.st_mtim.tv_sec) + "." +
                  std::to_string(info.st_mtim.tv_nsec);
    }
    return out;
  };
  for (const Layout layout : {Layout::hoisted, Layout::isolated}) {
    Project first;
    first.want(kSmall, layout);
    Fd lock = must(lock_project(first.root(), 0, {}));
    first.link();
    must(empty_trash(first.root()));
    Project second;
    second.want(R"(. -> a@2, d@1
                   a@2 -> c@2
                   d@1 -> c@1
                   c@1
                   c@2)",
                layout);
    lock = must(lock_project(second.root(), 0, {}));
    second.link();
    second.want(kSmall, layout);
    second.link();
    must(empty_trash(second.root()));
    auto a = stamps(first);
    auto b = stamps(second);
    // The stores of this test are two, with times of their own.
    for (auto* tree : {&a, &b}) {
      std::erase_if(*tree, [](const auto& e) {
        return e.first.ends_with(".js") || e.first.ends_with(".md") || e.first.ends_with(".json");
      });
    }
    CHECK(a.size() > 15);
    CHECK(a == b);
  }
}

TEST_CASE("one install at a time: the lock is kept over the change of the whole tree") {
  Project project;
  project.want(kSmall, Layout::hoisted);
  Fd lock = must(lock_project(project.root(), 0, {}));
  project.link();
  bool waited = false;
  Result<Fd> second = lock_project(project.root(), 0, [&] { waited = true; });
  REQUIRE(!second);
  CHECK(second.error().code() == ErrorCode::project_locked);
  CHECK_FALSE(waited);
  lock.reset();
  CHECK(must(lock_project(project.root(), 0, {})));
}

}  // namespace hod::cache
