// SPDX-License-Identifier: MIT
#include "lockfile/foreign_lock.h"

#include "lockfile/foreign_scene_test.h"

using namespace hod;
using namespace hod::lockfile;
using namespace hod::lockfile::scene;

namespace {

const Project kApp = project_of({{".", R"({"name": "app", "dependencies": {"a": "^1"}})"}});

// The same project in each format, as small as it gets.
std::string sample(ForeignFormat format) {
  switch (format) {
    case ForeignFormat::npm:
      return R"({"lockfileVersion": 3, "packages": {"": {"dependencies": {"a": "^1"}},
                "node_modules/a": {"version": "1.0.0", "integrity": "#"}}})";
    case ForeignFormat::pnpm:
      return "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a: {specifier: "
             "^1, version: 1.0.0}\n"
             "packages:\n  a@1.0.0: {resolution: {integrity: \"#\"}}\nsnapshots:\n  a@1.0.0: {}\n";
    case ForeignFormat::yarn:
      return "a@^1:\n  version \"1.0.0\"\n  integrity \"#\"\n";
    case ForeignFormat::bun:
      return R"({"lockfileVersion": 1, "workspaces": {"": {"dependencies": {"a": "^1"}}},
                "packages": {"a": ["a@1.0.0", "", {}, "#"]}})";
  }
  return "";
}

}  // namespace

TEST_CASE("every known file name has a format that reads its text") {
  for (const ForeignFile& file : foreign_files()) {
    CAPTURE(std::string(file.name));
    CHECK(read_text(file.format, sample(file.format), kApp) ==
          "importer .\n  name app\n  prod a ^1 1.0.0\npackage a@1.0.0\n");
  }
}

TEST_CASE("the same project gives the same graph, whoever locked it") {
  const ResolutionGraph graph =
      must_read(ForeignFormat::npm, sample(ForeignFormat::npm), kApp).graph;
  for (const ForeignFile& file : foreign_files()) {
    CHECK(must_read(file.format, sample(file.format), kApp).graph == graph);
  }
}

TEST_CASE("T-LOCK-07: damaged lockfiles are errors or graphs, whatever the damage") {
  unsigned state = 1;
  const auto random = [&state] { return state = state * 1664525 + 1013904223, state >> 8; };
  for (const ForeignFile& file : foreign_files()) {
    const std::string text = with_integrity(sample(file.format));
    for (int round = 0; round < 2000; ++round) {
      std::string damaged = text;
      for (unsigned k = 1 + random() % 3; k > 0; --k) {
        const std::size_t at = random() % damaged.size();
        switch (random() % 3) {
          case 0:
            damaged[at] = static_cast<char>(random());
            break;
          case 1:
            damaged.erase(at, 1 + random() % 20);
            break;
          default:
            damaged.insert(at, damaged.substr(random() % damaged.size(), random() % 30));
        }
        if (damaged.empty()) damaged = text;
      }
      const auto lock = read_foreign_lock(file.format, damaged, "lockfile", kApp.requirements);
      if (!lock) continue;
      CAPTURE(damaged);
      // Berry alone has no integrities, and these samples are not berry.
      const std::string own = write_hod_lock(lock->graph);
      const auto again = read_hod_lock(own, "hod.lock");
      if (!again) FAIL(again.error().text());
      REQUIRE(write_hod_lock(*again) == own);
    }
  }
}
