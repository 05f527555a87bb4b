#include "fetcher/git_source.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "cache/tarball_maker_test.h"
#include "cache/test_folder.h"
#include "core/base/file.h"
#include "tests/support/scripted_http.h"

using namespace hod;
using namespace hod::fetcher;
using tests::ScriptedReply;
namespace fs = std::filesystem;

namespace {

Environment test_environment(const std::string& home) {
  Environment environment;
  environment.set("PATH", "/usr/local/bin:/usr/bin:/bin");
  environment.set("HOME", home);
  environment.set("GIT_DIR", "/nonexistent/repository");  // as inside a git hook
  return environment;
}

struct GitScene {
  cache::TestFolder folder;
  std::unique_ptr<cache::Store> store = must(cache::Store::open(folder.path("cache")));
  Loop loop;
  tests::ScriptedHttp http{loop};
  cache::WorkerPool pool{2};
  std::optional<HttpSession> session;
  GitSettings settings;

  GitScene() {
    fs::create_directories(folder.path("home"));
    pool.set_wake([this] { loop.wake(); });
    loop.set_on_wake([this] { pool.drain(); }, [this] { return pool.pending() > 0; });
    SessionSettings session_settings;
    session_settings.random = [] { return 0.0; };
    session.emplace(loop, http, session_settings);
    settings.environment = test_environment(folder.path("home"));
    settings.protocols = GitProtocols::remote_and_file;
  }

  // Runs a line of shell in the repository and gives its output.
  std::string shell(const std::string& line) {
    std::string out = folder.path("out");
    std::string command = "cd '" + folder.path() +
                          "/repo' && export HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 "
                          "GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b.example "
                          "GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b.example && { " +
                          line + "; } > '" + out + "' 2>&1";
    int status = std::system(command.c_str());
    std::string text = must(read_file(out));
    CAPTURE(line);
    CAPTURE(text);
    REQUIRE(status == 0);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }

  void make_repository() {
    fs::create_directories(folder.path("repo"));
    shell("git init -q -b main .");
    write("package.json", R"({"name":"from-git","version":"1.0.0"})");
    write("index.js", "one");
    commit();
    shell("git tag v1.0.0");
  }

  void write(const std::string& name, const std::string& text) {
    fs::create_directories(fs::path(folder.path("repo/" + name)).parent_path());
    std::ofstream(folder.path("repo/" + name)) << text;
  }

  std::string commit() { return shell("git add -A && git commit -q -m x && git rev-parse HEAD"); }

  GitSpecifier specifier(const std::string& behind = "") {
    GitSpecifier made;
    made.url = "file://" + folder.path("repo");
    if (!behind.empty()) made.committish = behind;
    return made;
  }

  Result<GitPackage> fetch(const GitSpecifier& wanted) {
    GitSource source(loop, *session, pool, *store, settings);
    std::optional<Result<GitPackage>> result;
    source.fetch(wanted, "dep", [&](auto got) { result = std::move(got); });
    CHECK_FALSE(result);
    bool late = false;
    auto limit = loop.after(std::chrono::seconds(60), [&] { late = true; });
    loop.run_until([&] { return result.has_value() || late; });
    loop.cancel(limit);
    REQUIRE_FALSE(late);
    return std::move(*result);
  }

  std::string file(const GitPackage& package, const std::string& name) {
    auto text = read_file(package.stored->folder + "/" + name);
    return text ? *text : "absent";
  }

  bool staging_is_empty() const {
    std::string staging = folder.path("cache/store/v1/tmp");
    return !fs::exists(staging) || fs::is_empty(staging);
  }
};

}  // namespace

TEST_CASE("a package comes from the default branch, a branch, a tag, a range or a commit") {
  GitScene scene;
  scene.make_repository();
  std::string first = scene.shell("git rev-parse HEAD");
  scene.write("index.js", "two");
  std::string second = scene.commit();
  scene.shell("git tag -a -m annotated v1.2.0 && git branch side " + first);

  GitPackage head = must(scene.fetch(scene.specifier()));
  CHECK(head.commit == second);
  CHECK(head.location == "git+file://" + scene.folder.path("repo") + "#" + second);
  CHECK(head.stored->manifest_name == "from-git");
  CHECK(scene.file(head, "index.js") == "two");
  CHECK(must(scene.fetch(scene.specifier("side"))).commit == first);
  CHECK(must(scene.fetch(scene.specifier("v1.0.0"))).commit == first);
  CHECK(must(scene.fetch(scene.specifier("v1.2.0"))).commit == second);
  GitSpecifier range = scene.specifier();
  range.range = must(Range::parse("^1.0.0"));
  CHECK(must(scene.fetch(range)).commit == second);
  GitPackage old = must(scene.fetch(scene.specifier(first)));
  CHECK(old.commit == first);
  CHECK(scene.file(old, "index.js") == "one");
  CHECK(must(scene.fetch(scene.specifier(first.substr(0, 10)))).commit == first);
  CHECK(scene.staging_is_empty());
}

TEST_CASE("a folder inside a repository can be a package") {
  GitScene scene;
  scene.make_repository();
  scene.write("packages/x/package.json", R"({"name":"inner","version":"2.0.0"})");
  std::string commit = scene.commit();
  GitSpecifier inner = scene.specifier();
  inner.subfolder = "packages/x";
  GitPackage package = must(scene.fetch(inner));
  CHECK(package.stored->manifest_name == "inner");
  CHECK(package.location.ends_with("#" + commit + "&path:packages/x"));
}

TEST_CASE("what a repository does not have is named") {
  GitScene scene;
  scene.make_repository();
  for (const char* committish : {"nothing", "0123456789"}) {
    auto result = scene.fetch(scene.specifier(committish));
    REQUIRE_FALSE(result);
    CHECK(result.error().code() == ErrorCode::version_not_found);
    CHECK(result.error().what().find(committish) != std::string::npos);
  }
  GitSpecifier range = scene.specifier();
  range.range = must(Range::parse("^9.0.0"));
  CHECK(scene.fetch(range).error().code() == ErrorCode::version_not_found);
  GitSpecifier absent = scene.specifier();
  absent.url = "file:///nonexistent/repo";
  auto result = scene.fetch(absent);
  REQUIRE_FALSE(result);
  CHECK(result.error().code() == ErrorCode::git_failed);
  CHECK(result.error().text().find("/nonexistent/repo") != std::string::npos);
  CHECK(scene.staging_is_empty());
}

TEST_CASE("T-GIT-01 forbidden addresses and refs never reach git") {
  GitScene scene;
  scene.settings.protocols = GitProtocols::remote;
  scene.settings.environment.set("PATH", "/nonexistent");
  GitSpecifier local = scene.specifier();
  CHECK(scene.fetch(local).error().code() == ErrorCode::source_refused);
  GitSpecifier option;
  option.url = "ssh://-oProxyCommand=id/x";
  CHECK(scene.fetch(option).error().code() == ErrorCode::source_refused);
  option.url = "https://host.example/a.git";
  option.committish = "--upload-pack=id";
  CHECK(scene.fetch(option).error().code() == ErrorCode::source_refused);
  option.committish = "main";
  CHECK(scene.fetch(option).error().code() == ErrorCode::command_missing);
}

TEST_CASE("T-GIT-02 a frozen install takes whole commits only") {
  GitScene scene;
  scene.make_repository();
  scene.settings.commits_only = true;
  CHECK(scene.fetch(scene.specifier("main")).error().code() == ErrorCode::lockfile_invalid);
  CHECK(scene.fetch(scene.specifier()).error().code() == ErrorCode::lockfile_invalid);
  CHECK(scene.fetch(scene.specifier(scene.shell("git rev-parse HEAD"))));
}

TEST_CASE("T-GIT-03 hooks, submodules and symlinks of a repository do nothing") {
  GitScene scene;
  scene.make_repository();
  std::string canary = scene.folder.path("canary");
  scene.shell(
      "ln -s /etc/passwd link && printf '[submodule \"s\"]\\npath = s\\nurl = ../canary\\n' "
      "> .gitmodules");
  scene.write(".npmrc", "git=/tmp/evil");
  scene.commit();
  for (const char* hook : {"post-checkout", "reference-transaction", "post-update"}) {
    std::string path = scene.folder.path("repo/.git/hooks/") + hook;
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path) << "#!/bin/sh\ntouch '" << canary << "'\n";
    ::chmod(path.c_str(), 0755);
  }
  GitPackage package = must(scene.fetch(scene.specifier()));
  CHECK_FALSE(fs::exists(canary));
  CHECK_FALSE(fs::exists(fs::symlink_status(package.stored->folder + "/link")));
  CHECK_FALSE(fs::exists(package.stored->folder + "/s/package.json"));
  CHECK(scene.file(package, "index.js") == "one");
}

TEST_CASE("a known host's archive is downloaded without git, else git is asked") {
  GitScene scene;
  std::string commit(40, 'a');
  GitSpecifier hosted = *must(Specifier::parse("github:ada/lib#" + commit)).as<GitSpecifier>();
  HostedGit at_commit = *hosted.hosted;
  at_commit.committish = commit;
  std::string manifest = R"({"name":"hosted","version":"1.0.0"})";
  ScriptedReply archive;
  archive.body = cache::gzipped(cache::tar_file("lib-" + commit + "/package.json", manifest) +
                                cache::tar_end());
  scene.settings.protocols = GitProtocols::remote;
  scene.settings.environment.set("PATH", "/nonexistent");
  SUBCASE("public") {
    scene.http.answer(at_commit.tarball(), archive);
    GitPackage package = must(scene.fetch(hosted));
    CHECK(package.commit == commit);
    CHECK(package.stored->manifest_name == "hosted");
  }
  SUBCASE("private") {
    auto result = scene.fetch(hosted);
    REQUIRE_FALSE(result);
    CHECK(result.error().code() == ErrorCode::command_missing);
    CHECK(scene.http.asked.size() == 1);
  }
}

TEST_CASE("offline no repository is asked") {
  GitScene scene;
  scene.settings.offline = true;
  CHECK(scene.fetch(scene.specifier()).error().code() == ErrorCode::offline_missing);
}

TEST_CASE("a source that ends in the middle leaves nothing behind") {
  GitScene scene;
  scene.make_repository();
  {
    GitSource source(scene.loop, *scene.session, scene.pool, *scene.store, scene.settings);
    source.fetch(scene.specifier(), "dep", [](auto) { FAIL("told"); });
    bool turned = false;
    scene.loop.after(std::chrono::milliseconds(10), [&] { turned = true; });
    scene.loop.run_until([&] { return turned; });
  }
  scene.loop.run_until([] { return false; });
  scene.pool.run_all();
  CHECK(scene.staging_is_empty());
}
