// SPDX-License-Identifier: MIT
#include "cache/store.h"

#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/hash.h"
#include "cache/tarball_maker_test.h"
#include "cache/test_folder.h"
#include "core/base/encoding.h"
#include "core/base/io.h"

using namespace hod;
using namespace hod::cache;

namespace {

std::string package_tarball(const std::string& name,
                            const std::string& content = "module.exports = 1\n") {
  return gzipped(tar_manifest(R"({"name":")" + name + R"(","version":"1.0.0"})") +
                 tar_file("package/index.js", content) +
                 tar_file("package/bin/run", "#!/usr/bin/env node\n", 0755) + tar_end());
}

Integrity sha512_of(const std::string& bytes) {
  return Integrity::of(DigestAlgorithm::sha512, digest_of(DigestAlgorithm::sha512, bytes));
}

TarballDigest address_of(const std::string& bytes) {
  return {digest_of(DigestAlgorithm::sha512, bytes)};
}

StoredPackagePtr added(Store& store, const std::string& bytes) {
  return must(
      store.add_tarball(bytes, sha512_of(bytes), "a@1.0.0", "https://registry.example/a.tgz"));
}

StoredPackagePtr found(Store& store, const std::string& bytes) {
  TarballDigest digest = address_of(bytes);
  return must(store.find({&digest, 1}))[0];
}

std::size_t entries_in(const std::string& path) {
  std::size_t count = 0;
  std::string command = "ls -A '" + path + "' 2>/dev/null | wc -l";
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  CHECK(std::fscanf(pipe, "%zu", &count) == 1);
  ::pclose(pipe);
  return count;
}

}  // namespace

TEST_CASE("a stored package is found at once, after flush and by a later process") {
  TestFolder folder;
  std::string bytes = package_tarball("a");
  {
    auto store = must(Store::open(folder.path("cache")));
    CHECK(found(*store, bytes) == nullptr);
    StoredPackagePtr package = added(*store, bytes);
    CHECK(package->manifest_name == "a");
    CHECK(package->manifest_version == "1.0.0");
    CHECK_FALSE(package->has_install_script);
    REQUIRE(package->files.size() == 3);
    CHECK(package->files[0].path == "bin/run");
    CHECK(package->files[0].executable);
    CHECK(must(read_file(package->folder + "/index.js")) == "module.exports = 1\n");
    CHECK(found(*store, bytes) != nullptr);
    must(store->flush());
  }
  auto store = must(Store::open(folder.path("cache")));
  StoredPackagePtr package = found(*store, bytes);
  REQUIRE(package != nullptr);
  CHECK(package->boot_id == boot_id());
  CHECK(package->files.size() == 3);
  CHECK(store->damaged_files(*package, Verify::sums).empty());
  CHECK(entries_in(folder.path("cache/store/v1/tmp")) == 0);
}

TEST_CASE("T-CACHE-04 a package without a row is not there, whatever lies in the folder") {
  TestFolder folder;
  std::string bytes = package_tarball("a");
  {
    auto store = must(Store::open(folder.path("cache")));
    added(*store, bytes);  // never flushed, as after a crash
  }
  auto store = must(Store::open(folder.path("cache")));
  CHECK(found(*store, bytes) == nullptr);
  StoredPackagePtr again = added(*store, bytes);
  CHECK(store->damaged_files(*again, Verify::sums).empty());
  CHECK(entries_in(folder.path("cache/store/v1/tmp")) == 0);
}

TEST_CASE("T-CACHE-04 what a stopped run left half-written is replaced") {
  TestFolder folder;
  std::string bytes = package_tarball("a");
  std::string path;
  {
    auto store = must(Store::open(folder.path("cache")));
    path = added(*store, bytes)->folder;
  }
  REQUIRE(::truncate((path + "/index.js").c_str(), 0) == 0);
  auto store = must(Store::open(folder.path("cache")));
  StoredPackagePtr again = added(*store, bytes);
  CHECK(again->folder == path);
  CHECK(must(read_file(path + "/index.js")) == "module.exports = 1\n");
  CHECK(store->damaged_files(*again, Verify::sums).empty());
}

TEST_CASE("T-CACHE-01 bytes of another digest are never stored") {
  TestFolder folder;
  auto store = must(Store::open(folder.path("cache")));
  std::string good = package_tarball("a");
  std::string evil = package_tarball("a", "evil");
  Result<StoredPackagePtr> refused =
      store->add_tarball(evil, sha512_of(good), "a@1.0.0", "https://registry.example/a.tgz");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code() == ErrorCode::integrity_mismatch);
  std::string text = refused.error().text();
  CHECK(text.find(sha512_of(good).text()) != std::string::npos);
  CHECK(text.find(sha512_of(evil).text()) != std::string::npos);
  CHECK(text.find("https://registry.example/a.tgz") != std::string::npos);
  CHECK(text.find("a@1.0.0") != std::string::npos);
  CHECK(found(*store, evil) == nullptr);
  CHECK(found(*store, good) == nullptr);
  CHECK(entries_in(folder.path("cache/store/v1/packages")) == 0);
}

TEST_CASE("an archive that is refused leaves nothing") {
  TestFolder folder;
  auto store = must(Store::open(folder.path("cache")));
  for (const std::string& bytes :
       {tarball(tar_file("package/a", "x") + tar_file("package/../../evil", "x")),
        std::string("<html>"), gzipped(tar_file("package/a", "x") + tar_end())}) {
    CHECK_FALSE(store->add_tarball(bytes, sha512_of(bytes), "a@1.0.0", "u").has_value());
  }
  CHECK(entries_in(folder.path("cache/store/v1/tmp")) == 0);
  CHECK(entries_in(folder.path("cache/store/v1/packages")) == 0);
}

TEST_CASE("T-CACHE-09 other bytes of the same name and version are another package") {
  TestFolder folder;
  auto store = must(Store::open(folder.path("cache")));
  const std::string one = package_tarball("a", "of one registry");
  const std::string other = package_tarball("a", "of another registry");
  const StoredPackagePtr first = added(*store, one);
  const StoredPackagePtr second = added(*store, other);
  CHECK(first->manifest_name == second->manifest_name);
  CHECK(first->folder != second->folder);
  CHECK(must(read_file(found(*store, one)->folder + "/index.js")) == "of one registry");
  CHECK(must(read_file(found(*store, other)->folder + "/index.js")) == "of another registry");
}

TEST_CASE("a package known by a weaker digest is found by it, and by no other") {
  TestFolder folder;
  std::string bytes = package_tarball("a");
  Integrity sha1 = Integrity::of(DigestAlgorithm::sha1, digest_of(DigestAlgorithm::sha1, bytes));
  {
    auto store = must(Store::open(folder.path("cache")));
    CHECK(must(store->find_by(*sha1.strongest())) == nullptr);
    must(store->add_tarball(bytes, sha1, "a@1.0.0", "u"));
    CHECK(must(store->find_by(*sha1.strongest())) != nullptr);
    must(store->flush());
  }
  auto store = must(Store::open(folder.path("cache")));
  StoredPackagePtr package = must(store->find_by(*sha1.strongest()));
  REQUIRE(package != nullptr);
  CHECK(package->digest == address_of(bytes));
  CHECK(must(store->find_by(*sha512_of(bytes).strongest())) != nullptr);
  Integrity other = Integrity::of(DigestAlgorithm::sha1, digest_of(DigestAlgorithm::sha1, "x"));
  CHECK(must(store->find_by(*other.strongest())) == nullptr);
  CHECK(must(store->find_by(*IntegrityHash::parse("sha1-notawholedigest"))) == nullptr);
}

TEST_CASE("a tarball in a file is stored like one in memory") {
  TestFolder folder;
  std::string bytes = package_tarball("a", std::string(1 << 20, 'x'));
  must(write_file_atomic(folder.path("a.tgz"), bytes, Durable::no));
  Integrity sha1 = Integrity::of(DigestAlgorithm::sha1, digest_of(DigestAlgorithm::sha1, bytes));
  auto store = must(Store::open(folder.path("cache")));
  CHECK_FALSE(
      store->add_tarball_file(folder.path("a.tgz"), sha512_of("x"), "a@1.0.0", "u").has_value());
  StoredPackagePtr package =
      must(store->add_tarball_file(folder.path("a.tgz"), sha1, "a@1.0.0", "u"));
  CHECK(package->digest == address_of(bytes));
  CHECK(found(*store, bytes) == package);
  CHECK(must(store->find_by(*sha1.strongest())) == package);
  CHECK_FALSE(store->add_tarball_file(folder.path("none.tgz"), sha1, "a@1.0.0", "u").has_value());
}

TEST_CASE("scripts that npm would run at installation are noted, T-SCR-02 binding.gyp too") {
  TestFolder folder;
  auto store = must(Store::open(folder.path("cache")));
  auto has_script = [&](const std::string& manifest, const std::string& entries) {
    return added(*store, gzipped(tar_manifest(manifest) + entries + tar_end()))->has_install_script;
  };
  CHECK(has_script(R"({"name":"a","scripts":{"postinstall":"node x"}})", ""));
  CHECK(has_script(R"({"name":"b","scripts":{"preinstall":"x","test":"y"}})", ""));
  CHECK(has_script(R"({"name":"c"})", tar_file("package/binding.gyp", "{}")));
  CHECK_FALSE(has_script(R"({"name":"d","scripts":{"test":"y","install":""}})",
                         tar_file("package/lib/binding.gyp", "{}")));
  CHECK_FALSE(has_script(R"({"name":"e","scripts":"install"})", ""));
}

TEST_CASE("a manifest that is no JSON gives a package without a name") {
  TestFolder folder;
  auto store = must(Store::open(folder.path("cache")));
  StoredPackagePtr package =
      added(*store, gzipped(tar_manifest(R"({"name":"a","version":)") + tar_end()));
  CHECK(package->manifest_name.empty());
}

TEST_CASE("T-CACHE-01 a damaged package is quarantined, stored again and whole") {
  TestFolder folder;
  auto store = must(Store::open(folder.path("cache")));
  std::string bytes = package_tarball("a");
  StoredPackagePtr package = added(*store, bytes);
  must(store->flush());
  std::string file = package->folder + "/index.js";
  {
    Fd fd(io::open(file.c_str(), O_WRONLY));
    REQUIRE(::write(fd.get(), "X", 1) == 1);
  }
  CHECK(store->damaged_files(*package, Verify::fence) == std::vector<std::string>{"index.js"});
  must(store->quarantine(package->digest));
  CHECK(found(*store, bytes) == nullptr);
  CHECK_FALSE(directory_exists(package->folder));
  must(store->quarantine(package->digest));  // once more is harmless
  StoredPackagePtr again = added(*store, bytes);
  CHECK(store->damaged_files(*again, Verify::sums).empty());
  must(store->flush());
  CHECK(found(*must(Store::open(folder.path("cache"))), bytes) != nullptr);
}

TEST_CASE("files of another boot are proved by their sums, and that is remembered") {
  TestFolder folder;
  std::string bytes = package_tarball("a");
  {
    auto store = must(Store::open(folder.path("cache")));
    StoredPackage other_boot = *added(*store, bytes);
    other_boot.boot_id = "another boot";
    // A flipped byte whose stamp was put back: in another boot a fence must not believe it.
    std::string file = other_boot.folder + "/index.js";
    struct stat info {};
    REQUIRE(::stat(file.c_str(), &info) == 0);
    Fd fd(io::open(file.c_str(), O_WRONLY));
    REQUIRE(::write(fd.get(), "M", 1) == 1);
    REQUIRE(io::set_times(fd.get(), info.st_mtim) == 0);
    CHECK(store->damaged_files(other_boot, Verify::fence) == std::vector<std::string>{"index.js"});
    REQUIRE(::pwrite(fd.get(), "m", 1, 0) == 1);
    CHECK(store->damaged_files(other_boot, Verify::fence).empty());
    must(store->flush());
  }
  auto store = must(Store::open(folder.path("cache")));
  CHECK(found(*store, bytes)->boot_id == boot_id());
}

TEST_CASE("a copied cache is proved once and trusted again afterwards") {
  TestFolder folder;
  std::string bytes = package_tarball("a");
  {
    auto store = must(Store::open(folder.path("cache")));
    added(*store, bytes);
    must(store->flush());
  }
  std::string command = "cp -r '" + folder.path("cache") + "' '" + folder.path("copy") +
                        "' && chmod 700 '" + folder.path("copy") + "'";
  REQUIRE(std::system(command.c_str()) == 0);
  auto store = must(Store::open(folder.path("copy")));
  StoredPackagePtr package = found(*store, bytes);
  REQUIRE(package != nullptr);
  CHECK(package->folder.starts_with(folder.path("copy")));
  CHECK(store->damaged_files(*package, Verify::fence).empty());
  StoredPackagePtr restamped = found(*store, bytes);
  CHECK(restamped->files[1].inode != package->files[1].inode);
  struct stat info {};
  REQUIRE(::stat((package->folder + "/index.js").c_str(), &info) == 0);
  CHECK(info.st_mtim.tv_sec == restamped->files[1].mtime_ns / 1'000'000'000);
}

TEST_CASE("the same package stored by many threads and two stores at once is one package") {
  TestFolder folder;
  std::vector<std::string> archives;
  for (int i = 0; i < 8; ++i) archives.push_back(package_tarball("p" + std::to_string(i)));
  auto first = must(Store::open(folder.path("cache")));
  auto second = must(Store::open(folder.path("cache")));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      Store& store = t % 2 == 0 ? *first : *second;
      for (const std::string& bytes : archives) {
        if (!store.add_tarball(bytes, sha512_of(bytes), "p", "u")) std::abort();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  must(first->flush());
  must(second->flush());
  auto third = must(Store::open(folder.path("cache")));
  for (const std::string& bytes : archives) {
    StoredPackagePtr package = found(*third, bytes);
    REQUIRE(package != nullptr);
    CHECK(third->damaged_files(*package, Verify::fence).empty());
  }
}

TEST_CASE("T-CACHE-06 a store in a folder of somebody else is refused") {
  TestFolder folder;
  must(Store::open(folder.path("cache")));
  REQUIRE(::chmod(folder.path("cache").c_str(), 0777) == 0);
  Result<std::unique_ptr<Store>> refused = Store::open(folder.path("cache"));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code() == ErrorCode::cache_refused);
  StoreOptions trusting;
  trusting.trust_owner = true;
  CHECK(Store::open(folder.path("cache"), trusting).has_value());
}

TEST_CASE("what another process has published is found by its list, before its row is committed") {
  TestFolder folder;
  auto first = must(Store::open(folder.path("cache")));
  auto second = must(Store::open(folder.path("cache")));
  const std::string bytes = package_tarball("a");
  CHECK(first->claim(address_of(bytes)));
  CHECK_FALSE(second->claim(address_of(bytes)));
  CHECK(second->find_published(address_of(bytes)) == nullptr);
  added(*first, bytes);
  CHECK(found(*second, bytes) == nullptr);
  const StoredPackagePtr published = second->find_published(address_of(bytes));
  REQUIRE(published != nullptr);
  CHECK(published->boot_id.empty());
  must(first->flush());
  must(second->flush());
  CHECK(found(*must(Store::open(folder.path("cache"))), bytes)->boot_id == boot_id());
  first->release_claim(address_of(bytes));
  CHECK(second->claim(address_of(bytes)));
}

TEST_CASE("only other inodes are recorded without a look at the sums, when those were just taken") {
  TestFolder folder;
  const std::string bytes = package_tarball("a");
  auto store = must(Store::open(folder.path("cache")));
  StoredPackage moved = *added(*store, bytes);
  moved.files[1].inode += 1000;
  moved.boot_id = "another boot";
  store->mark_proved(moved);
  const StoredPackagePtr proved = found(*store, bytes);
  CHECK(proved->boot_id == boot_id());
  CHECK(proved->files[1].inode != moved.files[1].inode);
  // An edit after the sums were taken has another time.
  Fd fd(io::open((moved.folder + "/index.js").c_str(), O_WRONLY));
  REQUIRE(::write(fd.get(), "X", 1) == 1);
  StoredPackage edited = *proved;
  edited.boot_id = "another boot";
  store->mark_proved(edited);
  CHECK(store->damaged_files(*found(*store, bytes), Verify::fence) ==
        std::vector<std::string>{"index.js"});
}

namespace {

// A cache made elsewhere, with these archives, as an image of it would be: other inodes, read-only.
void make_layer(const TestFolder& folder, const std::vector<std::string>& archives) {
  {
    auto store = must(Store::open(folder.path("made")));
    for (const std::string& bytes : archives) added(*store, bytes);
    must(store->flush());
  }
  const std::string command = "cp -a '" + folder.path("made") + "' '" + folder.path("layer") +
                              "' && chmod -R a-w '" + folder.path("layer") + "'";
  REQUIRE(std::system(command.c_str()) == 0);
}

void make_writable(const std::string& path) {
  CHECK(std::system(("chmod -R u+w '" + path + "'").c_str()) == 0);
}

std::string fingerprint(const std::string& folder) {
  const std::string command =
      "cd '" + folder + "' && find . -printf '%p %i %s %m %T@ %C@\\n' | sort | md5sum";
  char out[64] = {};
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  CHECK(std::fgets(out, sizeof out, pipe) != nullptr);
  ::pclose(pipe);
  return out;
}

}  // namespace

TEST_CASE(
    "T-CACHE-11 packages of a read-only layer are found, proved, remembered; it stays as is") {
  TestFolder folder;
  const std::string bytes = package_tarball("a");
  make_layer(folder, {bytes});
  const std::string before = fingerprint(folder.path("layer"));
  StoreOptions options;
  options.layer = folder.path("layer");
  {
    auto store = must(Store::open(folder.path("cache"), options));
    const StoredPackagePtr package = found(*store, bytes);
    REQUIRE(package != nullptr);
    CHECK(package->of_layer);
    CHECK(package->folder.starts_with(folder.path("layer")));
    CHECK(package->boot_id.empty());  // so that it is proved
    CHECK(store->damaged_files(*package, Verify::fence).empty());
    store->mark_proved(*package);
    must(store->flush());
  }
  {
    auto store = must(Store::open(folder.path("cache"), options));
    const StoredPackagePtr package = found(*store, bytes);
    REQUIRE(package != nullptr);
    CHECK(package->of_layer);
    CHECK(package->boot_id == boot_id());
    CHECK(store->damaged_files(*package, Verify::fence).empty());
  }
  CHECK(fingerprint(folder.path("layer")) == before);
  // Without the layer, or with another, what was noted about it is no package of ours.
  CHECK(found(*must(Store::open(folder.path("cache"))), bytes) == nullptr);
  options.layer = folder.path("absent");
  CHECK(found(*must(Store::open(folder.path("cache"), options)), bytes) == nullptr);
  make_writable(folder.path("layer"));
}

TEST_CASE("T-CACHE-11 a flipped byte in a read-only layer is found, and the package stored anew") {
  TestFolder folder;
  const std::string bytes = package_tarball("a");
  make_layer(folder, {bytes});
  StoreOptions options;
  options.layer = folder.path("layer");
  auto store = must(Store::open(folder.path("cache"), options));
  const StoredPackagePtr package = found(*store, bytes);
  REQUIRE(package != nullptr);
  const std::string file = package->folder + "/index.js";
  struct stat info {};
  REQUIRE(::stat(file.c_str(), &info) == 0);
  REQUIRE(::chmod(file.c_str(), 0644) == 0);
  {
    Fd fd(io::open(file.c_str(), O_WRONLY));
    REQUIRE(::write(fd.get(), "M", 1) == 1);
    REQUIRE(io::set_times(fd.get(), info.st_mtim) == 0);
  }
  const std::string before = fingerprint(folder.path("layer"));
  CHECK(store->damaged_files(*package, Verify::fence) == std::vector<std::string>{"index.js"});
  must(store->quarantine(package->digest));
  CHECK(found(*store, bytes) == nullptr);
  const StoredPackagePtr again = added(*store, bytes);
  CHECK_FALSE(again->of_layer);
  CHECK(again->folder.starts_with(folder.path("cache")));
  must(store->flush());
  CHECK_FALSE(found(*must(Store::open(folder.path("cache"), options)), bytes)->of_layer);
  CHECK(fingerprint(folder.path("layer")) == before);
  make_writable(folder.path("layer"));
}

TEST_CASE("a durable store syncs before it commits") {
  TestFolder folder;
  StoreOptions options;
  options.durable = true;
  std::string bytes = package_tarball("a");
  auto store = must(Store::open(folder.path("cache"), options));
  added(*store, bytes);
  must(store->flush());
  CHECK(found(*store, bytes) != nullptr);
}
