// SPDX-License-Identifier: MIT
#include "cli/link_ahead.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "cli/afterwards.h"
#include "cli/test_folder.h"
#include "core/base/file.h"

using namespace hod;
using namespace hod::cli;

TEST_CASE("trees are made ahead where one was made from the cache, and never in CI unasked") {
  cache::LinkReport whole;
  whole.whole_root = true;
  const cache::LinkReport part;
  CHECK(should_link_ahead(Afterwards::automatic, false, whole, 0));
  CHECK_FALSE(should_link_ahead(Afterwards::automatic, false, whole, 3));
  CHECK_FALSE(should_link_ahead(Afterwards::automatic, false, part, 0));
  CHECK_FALSE(should_link_ahead(Afterwards::automatic, true, whole, 0));
  CHECK(should_link_ahead(Afterwards::always, true, part, 3));
  CHECK_FALSE(should_link_ahead(Afterwards::never, false, whole, 0));
}

TEST_CASE("the maker is nobody's child, holds the lock until it ends, and its cost is told") {
  TestFolder folder;
  const std::string package = folder / "package";
  const std::string root = folder / "cache";
  must(make_directories(package));
  must(write_file_atomic(package + "/index.js", "", Durable::no, 0644));
  cache::StoredFile file;
  file.path = "index.js";
  const auto stamp = file_stamp(package + "/index.js");
  REQUIRE(stamp);
  file.mtime_ns = stamp->mtime_ns;
  file.inode = stamp->inode;
  file.xxh3 = 0x2d06800538d394c2;  // of nothing
  auto stored = std::make_shared<cache::StoredPackage>();
  stored->folder = package;
  stored->files.push_back(file);
  cache::SpareOrder order;
  order.cache_root = root;
  order.project_root = folder.path();
  order.shape.packages.push_back({"node_modules/a", 0, "a", false, {}});
  order.contents.push_back(stored);
  order.fewest_files = 0;
  link_ahead(std::move(order));
  CHECK(::waitpid(-1, nullptr, WNOHANG) <= 0);
  const Fd lock(::open((cache::spare_folder(root) + "/lock").c_str(), O_RDWR | O_CLOEXEC));
  REQUIRE(lock);
  REQUIRE(::flock(lock.get(), LOCK_EX) == 0);  // waits for the maker's end
  CHECK(cache::list_spares(root).size() == 1);
  CHECK(afterwards_text(root).find("1 spare tree") != std::string::npos);
  Json document = Json::object();
  add_afterwards(document, root);
  CHECK(document.dump().find("\"made\":1") != std::string::npos);
}
