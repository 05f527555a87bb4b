// SPDX-License-Identifier: MIT
#include "cache/patched_package.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/tarball_maker_test.h"
#include "cache/test_folder.h"
#include "core/base/file.h"

using namespace hod;
using namespace hod::cache;

namespace {

struct Scene {
  Scene() {
    const std::string bytes =
        gzipped(tar_manifest(R"({"name":"a","version":"1.0.0"})") +
                tar_file("package/index.js", "one\ntwo\n") + tar_file("package/lib/x.js", "x\n") +
                tar_file("package/run", "#!/bin/sh\n", 0755) + tar_end());
    base = must(store->add_tarball(bytes, {}, "a@1.0.0", "https://registry.example/a.tgz"));
  }

  Result<StoredPackagePtr> patched(const std::string& text) {
    Patch patch{"p.patch", patch_hash(text), must(parse_patch(text, "p.patch"))};
    return patched_package(*store, *base, patch, "a@1.0.0");
  }
  // "path[*]=content" of each file, "*" for executable ones.
  static std::string listing(const StoredPackage& package) {
    std::string out;
    for (const StoredFile& file : package.files) {
      out += file.path + (file.executable ? "*" : "") + "=" +
             must(read_file(package.folder + "/" + file.path)) + ";";
    }
    return out;
  }
  std::string outcome(const std::string& text) {
    const auto made = patched(text);
    return made ? listing(**made) : std::string(made.error().what()) + " " + made.error().where();
  }

  TestFolder folder;
  std::unique_ptr<Store> store = must(Store::open(folder.path("cache")));
  StoredPackagePtr base;
};

const std::string kManifest = R"(package.json={"name":"a","version":"1.0.0"};)";
const std::string kChange = "--- a/index.js\n+++ b/index.js\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n";

void check_failure(const std::string& text, const char* part) {
  Scene scene;
  CAPTURE(text);
  const auto made = scene.patched(text);
  REQUIRE_FALSE(made);
  CHECK(made.error().code() == ErrorCode::patch_failed);
  CAPTURE(made.error().what());
  CHECK(std::string(made.error().what()).find(part) != std::string::npos);
}

}  // namespace

TEST_CASE(
    "T-LINK-07 T-CACHE-02 a patched package is an entry of its own, the archive's is only read") {
  Scene scene;
  const std::string before = Scene::listing(*scene.base);
  const StoredPackagePtr made = must(scene.patched(kChange));
  REQUIRE(made != nullptr);
  CHECK(Scene::listing(*made) ==
        "index.js=one\n2\n;lib/x.js=x\n;" + kManifest + "run*=#!/bin/sh\n;");
  CHECK(Scene::listing(*scene.base) == before);
  CHECK(scene.store->damaged_files(*scene.base, Verify::sums).empty());
  CHECK(scene.store->damaged_files(*made, Verify::sums).empty());
  CHECK(made->manifest_name == "a");
  for (std::size_t i = 0; i < made->files.size(); ++i) {
    struct stat info {};
    REQUIRE(::stat((made->folder + "/" + made->files[i].path).c_str(), &info) == 0);
    CHECK(info.st_nlink == 1);
  }
}

TEST_CASE("T-CACHE-03 the address is that of the archive and of the patch, and is found again") {
  Scene scene;
  const StoredPackagePtr made = must(scene.patched(kChange));
  CHECK(made->digest == patched_digest(scene.base->digest, patch_hash(kChange)));
  CHECK(made->digest != scene.base->digest);
  CHECK(must(scene.patched(kChange))->folder == made->folder);
  std::string other = kChange;
  other.replace(other.find("+2"), 2, "+3");
  CHECK(must(scene.patched(other))->folder != made->folder);
}

TEST_CASE("T-LINK-07 files are made, removed, renamed, copied, and get x bits") {
  Scene scene;
  CHECK(scene.outcome("--- /dev/null\n+++ b/new/deep.js\n@@ -0,0 +1 @@\n+hi\n"
                      "diff --git a/lib/x.js b/lib/x.js\ndeleted file mode 100644\n"
                      "--- a/lib/x.js\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
                      "diff --git a/index.js b/main.js\nrename from index.js\nrename to main.js\n"
                      "diff --git a/run b/run2\ncopy from run\ncopy to run2\n"
                      "diff --git a/run b/run\nold mode 100755\nnew mode 100644\n"
                      "diff --git a/main.js b/main.js\nold mode 100644\nnew mode 100755\n"
                      "--- a/main.js\n+++ b/main.js\n@@ -1,2 +1,1 @@\n one\n-two\n") ==
        "main.js*=one\n;new/deep.js=hi\n;" + kManifest + "run=#!/bin/sh\n;run2*=#!/bin/sh\n;");
}

TEST_CASE("T-LINK-07 a patch that does not fit leaves nothing behind") {
  check_failure("--- a/index.js\n+++ b/index.js\n@@ -1,2 +1,2 @@\n one\n-three\n+2\n",
                "its lines are not in the file (`index.js`)");
  check_failure("--- a/none.js\n+++ b/none.js\n@@ -1 +1 @@\n-a\n+b\n", "there is no `none.js`");
  check_failure("--- /dev/null\n+++ b/index.js\n@@ -0,0 +1 @@\n+b\n",
                "`index.js` is there already");
  check_failure("--- a/index.js\n+++ /dev/null\n@@ -1 +0,0 @@\n-one\n", "its lines are not");
  check_failure("diff --git a/index.js b/index.js\ndeleted file mode 100644\n", "holds more");
  check_failure("--- /dev/null\n+++ b/lib\n@@ -0,0 +1 @@\n+b\n", "a file and a folder");
  check_failure("diff --git a/run b/index.js\nrename from run\nrename to index.js\n",
                "is there already");
  check_failure(
      "--- a/package.json\n+++ /dev/null\n@@ -1 +0,0 @@\n-{\"name\":\"a\",\"version\":"
      "\"1.0.0\"}\n\\ No newline at end of file\n",
      "no package.json");
}

TEST_CASE("T-CACHE-01 a damaged archive's entry is not patched but told") {
  Scene scene;
  const std::string file = scene.base->folder + "/lib/x.js";
  {
    Fd edited(::open(file.c_str(), O_WRONLY | O_APPEND));
    REQUIRE(::write(edited.get(), "!", 1) == 1);
  }
  const auto made = scene.patched(kChange);
  REQUIRE(made);
  CHECK(*made == nullptr);
  REQUIRE(::unlink(file.c_str()) == 0);
  CHECK(must(scene.patched(kChange)) == nullptr);
}
