// SPDX-License-Identifier: MIT
#include "cache/store_list.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include "cache/hash.h"
#include "cache/test_folder.h"
#include "core/base/file.h"

using namespace hod;
using namespace hod::cache;

namespace {

StoredPackage package_of(const std::string& content) {
  StoredPackage package;
  package.digest.bytes = digest_of(DigestAlgorithm::sha512, content);
  package.manifest_name = "a";
  package.files.push_back({"index.js", false, 1, 2, 3, 4});
  return package;
}

}  // namespace

TEST_CASE("a list gives back what was written, as never proved") {
  TestFolder folder;
  const StoreLayout layout = must(StoreLayout::open(folder.path("cache"), CacheOwner::check));
  StoredPackage package = package_of("x");
  package.boot_id = "boot";
  CHECK(read_list(layout, package.digest) == nullptr);
  must(make_directories(layout.package(package.digest)));
  write_list(layout, package);
  const StoredPackagePtr read = read_list(layout, package.digest);
  REQUIRE(read != nullptr);
  CHECK(read->manifest_name == "a");
  CHECK(read->boot_id.empty());
  CHECK(read->folder == layout.package(package.digest));
  write_list(layout, package);  // over the old one
  CHECK(read_list(layout, package.digest) != nullptr);
}

TEST_CASE("T-CACHE-10 a cut list, one of another package and a link are no lists") {
  TestFolder folder;
  const StoreLayout layout = must(StoreLayout::open(folder.path("cache"), CacheOwner::check));
  const StoredPackage package = package_of("x");
  const StoredPackage other = package_of("y");
  must(make_directories(layout.package(package.digest)));
  must(make_directories(layout.package(other.digest)));
  write_list(layout, package);
  const std::string path = layout.list(package.digest);
  must(write_file_atomic(layout.list(other.digest), must(read_file(path)), Durable::no));
  CHECK(read_list(layout, other.digest) == nullptr);
  REQUIRE(::truncate(path.c_str(), 40) == 0);
  CHECK(read_list(layout, package.digest) == nullptr);
  must(write_file_atomic(folder.path("canary"), "untouched", Durable::no));
  must(remove_tree(path));
  REQUIRE(::symlink(folder.path("canary").c_str(), path.c_str()) == 0);
  write_list(layout, package);
  CHECK(must(read_file(folder.path("canary"))) == "untouched");
}
