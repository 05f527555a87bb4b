// SPDX-License-Identifier: MIT
// Lockfiles of other package managers: installed from to the letter, kept as a preference, turned
// into hod.lock; and pnpm-workspace.yaml.
#include <doctest/doctest.h>

#include "tests/support/hod_scene.h"

using namespace hod;
using namespace hod::tests;

namespace {

constexpr const char* kManifest =
    R"({"name":"x","version":"1.0.0","dependencies":{"tool":"^1.0.0","needs-plain":"^1.0.0"}})";

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

struct Format {
  const char* file;
  std::string text;
};

// plain stands at 1.0.0 though there is 1.1.0, which ^1.0.0 would take.
std::vector<Format> formats(FixtureRegistry& registry) {
  const auto sum = [&](const char* name) { return registry.get(name, "1.0.0").integrity; };
  const std::string tool = sum("tool"), needs = sum("needs-plain"), plain = sum("plain");
  const std::string far = "https://elsewhere.example/";
  std::vector<Format> out;
  out.push_back(
      {"package-lock.json",
       R"({"name":"x","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{)"
       R"("":{"name":"x","version":"1.0.0","dependencies":{"tool":"^1.0.0","needs-plain":"^1.0.0"}},)"
       R"("node_modules/tool":{"version":"1.0.0","resolved":")" +
           far + R"(tool/-/tool-1.0.0.tgz","integrity":")" + tool +
           R"(","bin":{"tool":"cli.js"}},"node_modules/needs-plain":{"version":"1.0.0",)"
           R"("resolved":")" +
           far + R"(needs-plain/-/needs-plain-1.0.0.tgz","integrity":")" + needs +
           R"(","dependencies":{"plain":"^1.0.0"}},"node_modules/plain":{"version":"1.0.0",)"
           R"("resolved":")" +
           far + R"(plain/-/plain-1.0.0.tgz","integrity":")" + plain + "\"}}}\n"});
  out.push_back(
      {"pnpm-lock.yaml",
       "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n"
       "      needs-plain:\n        specifier: ^1.0.0\n        version: 1.0.0\n"
       "      tool:\n        specifier: ^1.0.0\n        version: 1.0.0\n\npackages:\n\n"
       "  needs-plain@1.0.0:\n    resolution: {integrity: " +
           needs + "}\n\n  plain@1.0.0:\n    resolution: {integrity: " + plain +
           "}\n\n  tool@1.0.0:\n    resolution: {integrity: " + tool +
           "}\n    hasBin: true\n\nsnapshots:\n\n  needs-plain@1.0.0:\n    dependencies:\n"
           "      plain: 1.0.0\n\n  plain@1.0.0: {}\n\n  tool@1.0.0: {}\n"});
  const auto entry = [&](const char* name, const std::string& integrity, const char* rest) {
    return std::string("\n") + name + "@^1.0.0:\n  version \"1.0.0\"\n  resolved \"" + far + name +
           "/-/" + name + "-1.0.0.tgz#0000000000000000000000000000000000000000\"\n  integrity " +
           integrity + "\n" + rest;
  };
  out.push_back(
      {"yarn.lock", "# yarn lockfile v1\n\n" +
                        entry("needs-plain", needs, "  dependencies:\n    plain \"^1.0.0\"\n") +
                        entry("plain", plain, "") + entry("tool", tool, "")});
  out.push_back(
      {"bun.lock",
       R"({"lockfileVersion":1,"workspaces":{"":{"name":"x","dependencies":{"needs-plain":"^1.0.0","tool":"^1.0.0",},},},)"
       R"("packages":{"needs-plain":["needs-plain@1.0.0","",{"dependencies":{"plain":"^1.0.0"}},")" +
           needs + R"("],"plain":["plain@1.0.0","",{},")" + plain +
           R"("],"tool":["tool@1.0.0","",{"bin":{"tool":"cli.js"}},")" + tool + "\"],}}\n"});
  return out;
}

const char* kVersions = "console.log(require('plain'))";

std::string plain_of(const HodScene& scene) {
  return scene.node(
      "console.log(require(require.resolve('plain',{paths:[require('fs').realpathSync("
      "'node_modules/needs-plain')]})))");
}

}  // namespace

TEST_CASE("a frozen install takes exactly what another manager's lockfile has") {
  for (std::size_t i = 0; i < 4; ++i) {
    HodScene scene;
    const Format format = formats(scene.registry)[i];
    CAPTURE(format.file);
    scene.write("package.json", kManifest);
    scene.write(format.file, format.text);
    for (const char* command : {"ci", "install"}) {
      scene.set("CI", "1");
      HodRun run = scene.hod({command});
      CAPTURE(run.err);
      CHECK(run.exit_code == 0);
      CHECK(plain_of(scene) == "plain@1.0.0\n");
      CHECK(scene.exists("node_modules/.bin/tool"));
      CHECK_FALSE(scene.exists("hod.lock"));
      CHECK(scene.read(format.file) == format.text);
    }
    // What npm, yarn and bun hoist stays hoisted.
    CHECK(scene.is_link("node_modules/tool") == (std::string(format.file) == "pnpm-lock.yaml"));
  }
}

TEST_CASE("import makes hod.lock of another manager's lockfile, and no version moves") {
  for (std::size_t i = 0; i < 4; ++i) {
    HodScene scene;
    const Format format = formats(scene.registry)[i];
    CAPTURE(format.file);
    scene.write("package.json", kManifest);
    scene.write(format.file, format.text);
    HodRun dry = scene.hod({"import", "--dry-run"});
    CHECK(dry.exit_code == 0);
    CHECK_FALSE(scene.exists("hod.lock"));
    HodRun run = scene.hod({"import"});
    CAPTURE(run.err);
    CHECK(run.exit_code == 0);
    CHECK(has(run.err, std::string("hod.lock made from ") + format.file +
                           ": 3 package versions, no version and no edge moved"));
    CHECK(scene.exists(format.file));
    CHECK_FALSE(has(scene.read("hod.lock"), "elsewhere.example"));
    const std::string lock = scene.read("hod.lock");
    HodRun ci = scene.hod({"ci"});
    CAPTURE(ci.err);
    CHECK(ci.exit_code == 0);
    CHECK(plain_of(scene) == "plain@1.0.0\n");
    CHECK(scene.exists("node_modules/.bin/tool"));
    CHECK(scene.hod({"install"}).exit_code == 0);
    CHECK(scene.read("hod.lock") == lock);
    CHECK(scene.hod({"import"}).exit_code == 2);  // there is a hod.lock already
  }
}

TEST_CASE("the first install keeps what another manager's lockfile has") {
  for (std::size_t i = 0; i < 4; ++i) {
    HodScene scene;
    const Format format = formats(scene.registry)[i];
    CAPTURE(format.file);
    scene.write("package.json", kManifest);
    scene.write(format.file, format.text);
    HodRun run = scene.hod({"install"});
    CAPTURE(run.err);
    CHECK(run.exit_code == 0);
    CHECK(has(run.err, std::string("versions are kept as ") + format.file + " has them"));
    CHECK(scene.exists("hod.lock"));
    CHECK(plain_of(scene) == "plain@1.0.0\n");
    CHECK(scene.hod({"add", "plain@2"}).exit_code == 0);
    CHECK(scene.node(kVersions) == "plain@2.0.0\n");
  }
}

TEST_CASE(
    "T-LOCK-01: an archive is asked of the project's registry and held to the lockfile's sum") {
  HodScene scene;
  std::string text = formats(scene.registry)[0].text;
  scene.write("package.json", kManifest);
  const std::string sum = scene.registry.get("plain", "1.0.0").integrity;
  text.replace(text.find(sum), sum.size(), scene.registry.get("plain", "2.0.0").integrity);
  scene.write("package-lock.json", text);
  HodRun run = scene.hod({"ci"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 5);
  CHECK_FALSE(scene.exists("node_modules/plain"));
}

TEST_CASE(
    "T-LOCK-05: a foreign lockfile that does not fit the manifest is refused when it is law") {
  HodScene scene;
  const Format format = formats(scene.registry)[0];
  scene.write("package.json", R"({"name":"x","dependencies":{"tool":"^1.0.0","plain":"2"}})");
  scene.write(format.file, format.text);
  HodRun run = scene.hod({"ci"});
  CHECK(run.exit_code == 8);
  CHECK(has(run.err, "package-lock.json does not match the manifests"));
  CHECK(scene.hod({"import"}).exit_code == 8);
  CHECK_FALSE(scene.exists("hod.lock"));
  CHECK(scene.hod({"install"}).exit_code == 0);
  CHECK(scene.hod({"ci"}).exit_code == 0);
}

TEST_CASE("a version that is gone from the registry is named, and no other one is taken") {
  HodScene scene;
  const Format format = formats(scene.registry)[2];  // yarn: the registry has to be asked
  scene.write("package.json", kManifest);
  scene.write(format.file, format.text);
  scene.registry.remove("plain", "1.0.0");
  HodRun run = scene.hod({"import"});
  CHECK(run.exit_code == 4);
  CHECK(has(run.err, "`plain@1.0.0` is in the lockfile, but not in the registry any more"));
}

TEST_CASE("T-LOCK-08: a foreign lockfile with conflict markers stops the install with its place") {
  HodScene scene;
  scene.write("package.json", kManifest);
  scene.write("package-lock.json", "{\"lockfileVersion\":3,\n<<<<<<< HEAD\n");
  for (const char* command : {"install", "ci", "import"}) {
    HodRun run = scene.hod({command});
    CHECK(run.exit_code != 0);
    CHECK(has(run.err, "package-lock.json"));
  }
  scene.write("package.json", R"({"name":"x"})");
  HodScene none;
  none.write("package.json", R"({"name":"x"})");
  CHECK(none.hod({"import"}).exit_code == 8);
}

TEST_CASE("pnpm-workspace.yaml says who is a member, what catalogs hold and what is overridden") {
  HodScene scene;
  scene.write("package.json", R"({"name":"root"})");
  scene.write("pnpm-workspace.yaml",
              "packages:\n  - packages/*\n  - '!packages/no'\ncatalog:\n  plain: ^1.0.0\n"
              "catalogs:\n  next:\n    plain: ^2.0.0\noverrides:\n  tool>plain: '-'\n");
  scene.write("packages/a/package.json", R"({"name":"a","dependencies":{"plain":"catalog:"}})");
  scene.write("packages/b/package.json",
              R"({"name":"b","dependencies":{"plain":"catalog:next","a":"workspace:*"}})");
  scene.write("packages/no/package.json", R"({"name":"no","dependencies":{"none":"1"}})");
  HodRun run = scene.hod({"-C", "packages/a", "install"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(scene.exists("hod.lock"));
  CHECK(has(scene.read("hod.lock"), "plain@1.1.0"));
  CHECK(has(scene.read("hod.lock"), "plain@2.0.0"));
  CHECK(scene.exists("packages/b/node_modules/a/package.json"));
  CHECK(has(scene.hod({"install"}).err, "up to date"));
  // A change of it is seen, and one that frozen installs cannot follow is refused.
  scene.write("pnpm-workspace.yaml",
              "packages: [packages/*, '!packages/no']\ncatalog: {plain: 1.0.0}\n"
              "catalogs: {next: {plain: ^2.0.0}}\n");
  CHECK(scene.hod({"ci"}).exit_code == 8);
  CHECK(scene.hod({"install"}).exit_code == 0);
  CHECK(has(scene.read("hod.lock"), "plain@1.0.0"));
  CHECK(scene.hod({"ci"}).exit_code == 0);
  scene.write("pnpm-workspace.yaml", "packages: [\n");
  HodRun broken = scene.hod({"install"});
  CHECK(broken.exit_code != 0);
  CHECK(has(broken.err, "pnpm-workspace.yaml"));
}
