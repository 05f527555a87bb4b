// SPDX-License-Identifier: MIT
#include "cli/foreign_lockfile.h"

#include <doctest/doctest.h>

#include "cli/test_folder.h"
#include "core/base/file.h"
#include "core/model/manifest.h"

using namespace hod;
using namespace hod::cli;

namespace {

Requirements nothing_wanted() {
  static const Manifest manifest = must(Manifest::parse(R"({"name":"x"})", "", Strict::yes));
  return must(Requirements::of_manifests({{".", &manifest}}));
}

constexpr const char* kNpm = R"({"lockfileVersion":3,"packages":{"":{"name":"x"}}})";

}  // namespace

TEST_CASE("the most telling foreign lockfile of a folder is the one that is read") {
  TestFolder folder;
  CHECK_FALSE(foreign_lockfile_in(folder.path()));
  CHECK_FALSE(must(read_foreign_lockfile(folder.path(), nothing_wanted())));
  folder.write("yarn.lock", "# yarn lockfile v1\n");
  CHECK(foreign_lockfile_in(folder.path()) == "yarn.lock");
  folder.write("package-lock.json", kNpm);
  CHECK(must(read_foreign_lockfile(folder.path(), nothing_wanted()))->name == "package-lock.json");
}

TEST_CASE("a binary lockfile is told with the way to a text, if there is no other") {
  TestFolder folder;
  folder.write("bun.lockb", "bytes");
  const auto read = read_foreign_lockfile(folder.path(), nothing_wanted());
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code() == ErrorCode::lockfile_invalid);
  CHECK(read.error().hints().front().find("--save-text-lockfile") != std::string::npos);
  folder.write("package-lock.json", kNpm);
  CHECK(read_foreign_lockfile(folder.path(), nothing_wanted()).has_value());
}
