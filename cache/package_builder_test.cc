#include "cache/package_builder.h"

#include <thread>

#include <doctest/doctest.h>

#include "cache/tree_scene_test.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

namespace fs = std::filesystem;

struct Bench {
  explicit Bench(Verify verify = Verify::fence)
      : store(folder.path("store")), builder(method, verify, boot_id(), occupied) {
    fs::create_directories(folder.path("stage"));
    stage = Fd(io::open(folder.path("stage").c_str(), O_RDONLY | O_DIRECTORY));
  }
  Result<Built> build(const StoredPackage& stored, std::vector<std::string> executables = {}) {
    placed = {"node_modules/a", 0, "", false, std::move(executables)};
    fs::remove_all(folder.path("stage/u0"));
    return builder.build(stage.get(), "u0", placed, stored);
  }
  std::string staged(const std::string& path) const { return folder.path("stage/u0/" + path); }

  TestFolder folder;
  scene::LittleStore store;
  Fd stage;
  SharedMethod method{ImportMethod::hardlink};
  PackageBuilder::Occupied occupied = [](std::string_view path) {
    return path == "node_modules/a/node_modules/@s/taken" ||
           path == "node_modules/a/node_modules/.bin/taken";
  };
  PackageBuilder builder;
  PlacedPackage placed;
};

scene::Files many_files() {
  scene::Files files;
  for (int i = 0; i < 60; ++i)
    files["d" + std::to_string(i / 7) + "/e/f" + std::to_string(i)] = "x";
  return files;
}

}  // namespace

TEST_CASE("packages of few and of many files come out the same") {
  for (const scene::Files& files :
       {scene::Files{{"a/b/c", "1"}, {"a-b/c", "2"}, {"a.js", "3"}}, many_files()}) {
    Bench bench;
    const StoredPackagePtr stored = bench.store.add("a", files);
    CHECK(must(bench.build(*stored)) == Built::whole);
    CHECK(scene::tree_of(bench.folder.path("stage/u0")) == scene::tree_of(stored->folder));
    CHECK(bench.builder.counts().linked == stored->files.size());
  }
}

TEST_CASE("a package whose folder or file is gone from the store is damaged") {
  Bench bench;
  const StoredPackagePtr few = bench.store.add("a", {{"x", "1"}});
  const StoredPackagePtr many = bench.store.add("b", many_files());
  fs::remove(few->folder + "/x");
  CHECK(must(bench.build(*few)) == Built::damaged);
  fs::remove_all(few->folder);
  fs::remove_all(many->folder);
  CHECK(must(bench.build(*few)) == Built::damaged);
  CHECK(must(bench.build(*many)) == Built::damaged);
  StoredPackage nowhere = *few;
  nowhere.folder = bench.folder.path("no/such/store");
  CHECK(must(bench.build(nowhere)) == Built::damaged);
}

TEST_CASE("a folder, a link or a pipe in the place of a stored file is damage") {
  for (const char* name : {"plain", "bin/run"}) {
    for (int kind = 0; kind < 3; ++kind) {
      for (const Verify verify : {Verify::fence, Verify::sums}) {
        CAPTURE(name);
        CAPTURE(kind);
        Bench bench(verify);
        const StoredPackagePtr stored = bench.store.add("a", {{"bin/run*", "2"}, {"plain", "1"}});
        const std::string path = stored->folder + "/" + name;
        fs::remove(path);
        if (kind == 0) fs::create_directory(path);
        if (kind == 1) fs::create_symlink("/dev/null", path);
        if (kind == 2) REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        CHECK(must(bench.build(*stored, {"bin/run"})) == Built::damaged);
      }
    }
  }
}

TEST_CASE("a pipe in the place of a stored file is not waited for") {
  Bench bench;
  const StoredPackagePtr stored = bench.store.add("a", {{"plain", "1"}});
  const std::string path = stored->folder + "/plain";
  fs::remove(path);
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK_FALSE(reflinks_work(*stored, AT_FDCWD));
  CHECK_FALSE(has_crlf_shebang(path));
}

TEST_CASE("T-CACHE-02 a mode that somebody changed through a link is not passed on") {
  for (const Verify verify : {Verify::fence, Verify::sums}) {
    Bench bench(verify);
    const StoredPackagePtr stored =
        bench.store.add("a", {{"open", "3"}, {"plain", "1"}, {"run*", "2"}});
    ::chmod((stored->folder + "/open").c_str(), 04666);
    ::chmod((stored->folder + "/plain").c_str(), 0755);
    ::chmod((stored->folder + "/run").c_str(), 0644);
    CHECK(must(bench.build(*stored)) == Built::whole);
    CHECK(scene::mode_of(bench.staged("open")) == 0644);
    CHECK(scene::mode_of(bench.staged("plain")) == 0644);
    CHECK(scene::mode_of(bench.staged("run")) == 0755);
    CHECK(scene::mode_of(stored->folder + "/plain") == 0755);
  }
}

TEST_CASE("what is placed inside a package wins over what its tarball has there") {
  Bench bench;
  const StoredPackagePtr stored = bench.store.add("a", {{"node_modules/@s/taken/x", "1"},
                                                        {"node_modules/@s/own/x", "2"},
                                                        {"node_modules/.bin/taken", "3"},
                                                        {"node_modules/.bin/own", "4"}});
  CHECK(must(bench.build(*stored)) == Built::whole);
  CHECK_FALSE(fs::exists(bench.staged("node_modules/@s/taken")));
  CHECK_FALSE(fs::exists(bench.staged("node_modules/.bin/taken")));
  CHECK(fs::exists(bench.staged("node_modules/@s/own/x")));
  CHECK(fs::exists(bench.staged("node_modules/.bin/own")));
}

TEST_CASE("an explicit copy is a copy with the stored time") {
  Bench bench;
  bench.method.fall_back(StoredPackage{}, ImportMethod::copy);
  const StoredPackagePtr stored = bench.store.add("a", {{"x", "1"}, {"empty", ""}});
  CHECK(must(bench.build(*stored)) == Built::whole);
  CHECK(bench.builder.counts().linked == 0);
  CHECK(bench.builder.counts().copied == 3);
  CHECK(scene::inode_of(bench.staged("x")) != scene::inode_of(stored->folder + "/x"));
  CHECK(fs::last_write_time(bench.staged("x")) == fs::last_write_time(stored->folder + "/x"));
}

#ifdef HOD_FAULTS

namespace {
struct FaultPlan {
  explicit FaultPlan(const std::string& plan) { io::set_fault_plan(plan.c_str()); }
  ~FaultPlan() { io::set_fault_plan(""); }
};
}  // namespace

TEST_CASE("where no hard links are allowed, files are copied, and none is tried any more") {
  for (const char* error : {"exdev", "eperm", "eacces", "enotsup"}) {
    for (const Verify verify : {Verify::fence, Verify::sums}) {
      CAPTURE(error);
      Bench bench(verify);
      const StoredPackagePtr stored = bench.store.add("a", {{"x", "1"}, {"y", "2"}, {"z", "3"}});
      const FaultPlan plan(std::string("op=link,from=1:") + error);
      CHECK(must(bench.build(*stored)) == Built::whole);
      CHECK(io::fault_calls() == 1);
      CHECK(bench.builder.counts().linked == 0);
      CHECK(scene::read(bench.staged("y")) == "2");
      CHECK(scene::inode_of(bench.staged("y")) != scene::inode_of(stored->folder + "/y"));
      CHECK(fs::last_write_time(bench.staged("y")) == fs::last_write_time(stored->folder + "/y"));
    }
  }
}

TEST_CASE("a file that has as many links as it may have is copied, the others are linked") {
  for (const Verify verify : {Verify::fence, Verify::sums}) {
    Bench bench(verify);
    const StoredPackagePtr stored = bench.store.add("a", {{"x", "1"}, {"y", "2"}, {"z", "3"}});
    const FaultPlan plan("op=link,n=2:emlink");
    CHECK(must(bench.build(*stored)) == Built::whole);
    CHECK(bench.builder.counts().copied == 1);
    CHECK(bench.builder.counts().linked == stored->files.size() - 1);
  }
}

TEST_CASE("links that do not work from a read-only layer still work from the store") {
  Bench bench;
  const StoredPackagePtr stored = bench.store.add("a", {{"x", "1"}, {"y", "2"}});
  StoredPackage layered = *stored;
  layered.of_layer = true;
  {
    const FaultPlan plan("op=link,from=1:exdev");
    CHECK(must(bench.build(layered)) == Built::whole);
    CHECK(io::fault_calls() == 1);
    CHECK(bench.builder.counts().linked == 0);
  }
  CHECK(must(bench.build(*stored)) == Built::whole);
  CHECK(bench.builder.counts().linked == stored->files.size());
}

TEST_CASE("a disk that fails while linking or copying is an error, not a damaged package") {
  for (const char* plan : {"op=link,n=1:eio", "op=link,n=1:estale", "op=stat,n=1:eio"}) {
    CAPTURE(plan);
    Bench bench;
    const StoredPackagePtr stored = bench.store.add("a", {{"x", "1"}});
    const FaultPlan set(plan);
    CHECK_FALSE(bench.build(*stored).has_value());
  }
}

#endif

TEST_CASE("what cannot be cloned is linked, and copied where it must be a copy") {
  Bench bench;
  const StoredPackagePtr stored = bench.store.add("a", {{"x", "1"}});
  // Whatever this file system can: the answer is the same every time, and leaves nothing.
  CHECK(reflinks_work(*stored, bench.stage.get()) == reflinks_work(*stored, bench.stage.get()));
  CHECK_FALSE(fs::exists(bench.folder.path("stage/probe")));
  const StoredPackagePtr empty = bench.store.add("empty", {{"x", ""}});
  StoredPackage only_empty = *empty;
  std::erase_if(only_empty.files, [](const StoredFile& file) { return file.size > 0; });
  CHECK_FALSE(reflinks_work(only_empty, bench.stage.get()));
}

TEST_CASE("T-CACHE-07 with sums the file that was read is the file that is linked") {
  Bench bench(Verify::sums);
  const StoredPackagePtr stored = bench.store.add("a", {{"x", "right"}});
  scene::write(bench.folder.path("wrong"), "wrong");
  std::atomic<bool> stop{false};
  std::thread swapper([&] {
    const std::string file = stored->folder + "/x";
    const std::string other = bench.folder.path("wrong");
    while (!stop) ::renameat2(AT_FDCWD, file.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE);
  });
  int whole = 0;
  int wrong = 0;
  for (int i = 0; i < 2000; ++i) {
    const Built built = must(bench.build(*stored));
    if (built == Built::damaged) continue;
    ++whole;
    if (scene::read(bench.staged("x")) != "right") ++wrong;
  }
  stop = true;
  swapper.join();
  CHECK(whole > 0);
  CHECK(wrong == 0);
}

}  // namespace hod::cache
