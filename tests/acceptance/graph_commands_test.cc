// SPDX-License-Identifier: MIT
// The commands on the graph: update, outdated, why, why-not, dedupe; and the release age.
#include <chrono>
#include <ctime>

#include <doctest/doctest.h>

#include "core/base/file.h"
#include "tests/support/hod_scene.h"

using namespace hod;
using namespace hod::tests;

namespace {

Json document_of(const HodRun& run) { return must(Json::parse(run.out, "stdout")); }

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// plain 1.0.0 was locked when there was no newer one.
void lock_old_plain(HodScene& scene, const char* manifest) {
  FixturePackage middle = scene.registry.get("plain", "1.1.0");
  FixturePackage newest = scene.registry.get("plain", "2.0.0");
  scene.registry.remove("plain", "1.1.0");
  scene.registry.remove("plain", "2.0.0");
  scene.write("package.json", manifest);
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  scene.registry.add_archive(middle.manifest.dump(), middle.tarball);
  scene.registry.add_archive(newest.manifest.dump(), newest.tarball);
}

std::string hours_ago(int hours) {
  auto then = std::chrono::system_clock::now() - std::chrono::hours{hours};
  std::time_t seconds = std::chrono::system_clock::to_time_t(then);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000Z", &parts);
  return text;
}

void publish(HodScene& scene, const std::string& name, const std::string& version, int hours) {
  scene.registry.add(R"({"name":")" + name + R"(","version":")" + version + R"("})").published =
      hours_ago(hours);
}

}  // namespace

TEST_CASE("update moves within the ranges and leaves package.json alone") {
  HodScene scene;
  const char* manifest = R"({"dependencies":{"plain":"^1.0.0","tool":"1"}})";
  lock_old_plain(scene, manifest);
  std::string before = scene.read("hod.lock");
  CHECK(scene.hod({"install"}).exit_code == 0);
  CHECK(scene.read("hod.lock") == before);

  HodRun dry = scene.hod({"update", "--dry-run"});
  CHECK(dry.exit_code == 0);
  CHECK(has(dry.err, "~ plain 1.0.0 -> 1.1.0"));
  CHECK(has(dry.err, "nothing was changed"));
  CHECK(scene.read("hod.lock") == before);

  HodRun run = scene.hod({"update"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(has(run.err, "~ plain 1.0.0 -> 1.1.0"));
  CHECK(scene.read("package.json") == manifest);
  CHECK(scene.node("console.log(require('plain'))") == "plain@1.1.0\n");
  CHECK(scene.hod({"ci"}).exit_code == 0);
}

TEST_CASE("update of one package moves that one, also a dependency of a dependency") {
  HodScene scene;
  lock_old_plain(scene, R"({"dependencies":{"needs-plain":"1"}})");
  HodRun other = scene.hod({"update", "needs-plain", "--dry-run", "--json"});
  CHECK(document_of(other).find("result")->find("changes")->elements().empty());
  HodRun run = scene.hod({"up", "plain", "--json"});
  CHECK(run.exit_code == 0);
  Json document = document_of(run);
  const Json& changes = *document.find("result")->find("changes");
  REQUIRE(changes.elements().size() == 1);
  CHECK(changes.elements()[0].dump() == R"({"name":"plain","before":"1.0.0","after":"1.1.0"})");
  CHECK(scene.hod({"update", "no-such"}).exit_code == 2);
  CHECK(has(scene.hod({"update", "plian"}).err, "did you mean `plain`?"));
  CHECK(has(scene.hod({"update", "plain@2"}).err, "takes names, not versions"));
}

TEST_CASE("update --latest goes beyond the ranges and writes them in their own manner") {
  struct Row {
    const char* before;
    const char* after;
  };
  for (const Row& row : {Row{"^1.0.0", "^2.0.0"}, Row{"~1.0.0", "~2.0.0"}, Row{"1.0.0", "2.0.0"},
                         Row{"npm:plain@^1.0.0", "npm:plain@^2.0.0"}, Row{">=1", ">=1"}}) {
    HodScene scene;
    std::string manifest = std::string(R"({"devDependencies":{"plain":")") + row.before + "\"}}";
    lock_old_plain(scene, manifest.c_str());
    HodRun dry = scene.hod({"update", "-L", "--dry-run"});
    CHECK(scene.read("package.json") == manifest);
    CHECK(has(dry.err, "~ plain 1.0.0 -> 2.0.0"));
    HodRun run = scene.hod({"update", "-L"});
    CAPTURE(row.before);
    CAPTURE(run.err);
    CHECK(run.exit_code == 0);
    CHECK(must(Json::parse(scene.read("package.json"), "")).dump() ==
          std::string(R"({"devDependencies":{"plain":")") + row.after + "\"}}");
    CHECK(scene.hod({"ci"}).exit_code == 0);
  }
}

TEST_CASE("update --latest takes the newest versions that work together") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"host":"^1.0.0","plug":"^1.0.0"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  HodRun both = scene.hod({"update", "--latest", "--dry-run"});
  CHECK(has(both.err, "~ host 1.0.0 -> 2.0.0"));
  CHECK(has(both.err, "~ plug 1.0.0 -> 2.0.0"));
  HodRun one = scene.hod({"update", "--latest", "host"});
  CAPTURE(one.err);
  CHECK(one.exit_code == 0);
  CHECK(has(one.err, "0 added"));  // plug 1 holds it
}

TEST_CASE("in a workspace, update and outdated are about the projects that are named") {
  HodScene scene;
  scene.write("packages/web/package.json", R"({"name":"web","dependencies":{"plain":"^1.0.0"}})");
  scene.write("packages/api/package.json", R"({"name":"api","dependencies":{"tool":"^1.0.0"}})");
  lock_old_plain(scene, R"({"name":"root","workspaces":["packages/*"]})");
  scene.registry.add(R"({"name":"tool","version":"1.1.0"})");
  HodRun both = scene.hod({"outdated"});
  CHECK(has(both.out, " web "));
  CHECK(has(both.out, " api"));
  HodRun one = scene.hod({"outdated", "-F", "api"});
  CHECK_FALSE(has(one.out, "web"));
  HodRun run = scene.hod({"update", "-F", "web"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(has(run.err, "~ plain 1.0.0 -> 1.1.0"));
  CHECK_FALSE(has(run.err, "tool"));
  REQUIRE(scene.hod({"update", "--latest", "-F", "web"}).exit_code == 0);
  CHECK(has(scene.read("packages/web/package.json"), "^2.0.0"));
  CHECK(has(scene.read("packages/api/package.json"), "^1.0.0"));
}

TEST_CASE("outdated tells what is newer, in range and beyond") {
  HodScene scene;
  lock_old_plain(scene, R"({"dependencies":{"plain":"^1.0.0"},"devDependencies":{"tool":"1"}})");
  HodRun run = scene.hod({"outdated"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(run.out ==
        "package  now    in range  latest  age  where              note\n"
        "plain    1.0.0  1.1.0     2.0.0        your package.json  major\n");
  CHECK(has(run.err, "1 of 2 direct dependencies"));
  CHECK(scene.hod({"outdated", "--exit-code"}).exit_code == 21);
  CHECK(scene.hod({"outdated", "tool", "--exit-code"}).exit_code == 0);
  Json document = document_of(scene.hod({"outdated", "--json"}));
  const Json& packages = *document.find("result")->find("packages");
  REQUIRE(packages.elements().size() == 1);
  CHECK(*packages.elements()[0].find_string("inRange") == "1.1.0");
}

TEST_CASE("outdated names the peers that stand against a major version") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"host":"^1.0.0","plug":"^1.0.0"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  CHECK(has(scene.hod({"outdated"}).out, "major: 1 peer blocks it: see hod why-not host@2.0.0"));
}

TEST_CASE("why tells who asks, by which way, and who decides") {
  HodScene scene;
  scene.write("package.json",
              R"({"name":"app","dependencies":{"needs-plain":"1","needs-old-plain":"1"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  HodRun run = scene.hod({"why", "plain"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(run.out ==
        "plain 1.0.0   node_modules/.hod/plain@1.0.0/node_modules/plain   1 copy\n"
        "  needs-old-plain 1.0.0  wants 1.0.0   <- your package.json \"needs-old-plain\": 1   "
        "decides\n"
        "  needs-plain 1.0.0      wants ^1.0.0  <- your package.json \"needs-plain\": 1\n"
        "  not 1.1.0: needs-old-plain 1.0.0 refuses it. Newest that all accept: 1.0.0\n");
  Json document = document_of(scene.hod({"explain", "plain", "--json"}));
  CHECK(document.find("result")->elements()[0].find("wantedBy")->elements().size() == 2);
  CHECK(scene.hod({"why", "plain@2"}).exit_code == 1);
  CHECK(has(scene.hod({"why", "plian"}).err, "did you mean `plain`?"));
  CHECK(scene.hod({"why", "plain", "--offline"}).out == run.out);
}

TEST_CASE("why names overrides, and what the lockfile keeps") {
  HodScene scene;
  scene.write("package.json",
              R"({"dependencies":{"needs-new-plain":"1"},"overrides":{"plain":"1.1.0"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  HodRun run = scene.hod({"why", "plain"});
  CHECK(has(run.out, "override overrides.plain: 1.1.0"));

  HodScene kept;
  lock_old_plain(kept, R"({"dependencies":{"plain":"^1.0.0"}})");
  REQUIRE(kept.hod({"outdated"}).exit_code == 0);  // the cache knows 1.1.0 now
  CHECK(has(kept.hod({"why", "plain"}).out,
            "not 1.1.0: hod.lock keeps 1.0.0; `hod update plain` moves it"));
}

TEST_CASE("why-not tells what would change, and changes nothing") {
  HodScene scene;
  lock_old_plain(scene, R"({"dependencies":{"plain":"^1.0.0"}})");
  std::string before = scene.read("hod.lock");
  HodRun run = scene.hod({"why-not", "plain@2"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(run.out ==
        "plain@2.0.0 can be used; what would change:\n"
        "  package.json: plain ^1.0.0 -> 2.0.0\n"
        "  ~ plain 1.0.0 -> 2.0.0\n"
        "to have it: hod add plain@2.0.0\n");
  CHECK(scene.read("hod.lock") == before);
  CHECK(has(scene.hod({"why-not", "plain@1.0.0"}).out, "is what is used"));
  CHECK(scene.hod({"why-not", "plain@9"}).exit_code == 4);
  CHECK(scene.hod({"why-not", "plain"}).exit_code == 2);
}

TEST_CASE("why-not proves that a version cannot be, with ways out") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"host":"^1.0.0","plug":"^1.0.0"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  HodRun run = scene.hod({"why-not", "host@2"});
  CHECK(run.exit_code == 3);
  CHECK(has(run.out, "host@2.0.0 cannot be used"));
  CHECK(has(run.out, "plug"));
  CHECK(has(run.out, "hod add plug@2"));
  Json document = document_of(scene.hod({"why-not", "host@2", "--json"}));
  CHECK(document.find("result")->find("possible")->as_boolean() == false);
  CHECK_FALSE(document.find("result")->find("reasons")->elements().empty());
}

TEST_CASE("why-not of what only others ask for: all of them would have to take it") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"needs-plain":"1","needs-old-plain":"1"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  HodRun run = scene.hod({"why-not", "plain@1.1.0"});
  CHECK(run.exit_code == 3);
  CHECK(has(run.out, " needs plain 1.0.0, which 1.1.0 is not"));
}

TEST_CASE("dedupe brings versions together and moves nothing else") {
  HodScene scene;
  lock_old_plain(scene, R"({"dependencies":{"needs-plain":"1"}})");
  // A second version comes in beside the locked one.
  scene.registry.add(R"({"name":"wants-1-1","version":"1.0.0","dependencies":{"plain":"~1.1.0"}})");
  scene.registry.add(R"({"name":"still","version":"1.0.0"})");
  std::string manifest = R"({"dependencies":{"needs-plain":"1","still":"1","wants-1-1":"1"}})";
  scene.write("package.json", manifest);
  REQUIRE(scene.hod({"update", "wants-1-1"}).exit_code == 0);
  scene.registry.add(R"({"name":"still","version":"1.0.1"})");
  std::string before = scene.read("hod.lock");
  REQUIRE(has(before, "plain@1.0.0"));
  REQUIRE(has(before, "plain@1.1.0"));
  HodRun check = scene.hod({"dedupe", "--check"});
  CHECK(check.exit_code == 1);
  CHECK(has(check.err, "- plain 1.0.0"));
  CHECK(scene.read("hod.lock") == before);
  HodRun run = scene.hod({"dedupe"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK_FALSE(has(run.err, "still"));
  CHECK(scene.hod({"dedupe", "--check"}).exit_code == 0);
  CHECK(scene.node("console.log(require('still/package.json').version)") == "1.0.0\n");
  CHECK(scene.hod({"ci"}).exit_code == 0);
}

TEST_CASE("--resolution=fewest takes one version where one does for all") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":">=1.0.0","needs-old-plain":"1"}})");
  HodRun fewest = scene.hod({"install", "--resolution=fewest"});
  CAPTURE(fewest.err);
  CHECK(fewest.exit_code == 0);
  CHECK(scene.node("console.log(require('plain'))") == "plain@1.0.0\n");
  CHECK(scene.hod({"install", "--resolution=most"}).exit_code == 2);
}

TEST_CASE("T-RES-10: the minimum release age holds young versions back, and says so") {
  HodScene scene;
  publish(scene, "aged", "1.0.0", 200);
  publish(scene, "aged", "1.1.0", 6);
  scene.write("package.json", R"({"dependencies":{"aged":"^1.0.0"}})");
  HodRun run = scene.hod({"install", "--minimum-release-age=1d"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(has(scene.read("hod.lock"), "aged@1.0.0"));
  CHECK(has(run.err, "1.1.0"));
  HodRun outdated = scene.hod({"outdated", "--minimum-release-age=1d"});
  CHECK(has(outdated.out, "waits 18 h (release age)"));
  CHECK(has(outdated.out, " 6 h "));

  // This registry is not the one that hod was built for: no age unless asked for.
  REQUIRE(scene.hod({"update"}).exit_code == 0);
  CHECK(has(scene.read("hod.lock"), "aged@1.1.0"));
  // What the lockfile has is kept.
  publish(scene, "other", "1.0.0", 200);
  REQUIRE(scene.hod({"add", "other", "--minimum-release-age=1d"}).exit_code == 0);
  CHECK(has(scene.read("hod.lock"), "aged@1.1.0"));
}

TEST_CASE("the release age has exceptions by name, and --before a date") {
  HodScene scene;
  publish(scene, "aged", "1.0.0", 200);
  publish(scene, "aged", "1.1.0", 6);
  scene.write("package.json", R"({"dependencies":{"aged":"^1.0.0"}})");
  scene.set("HOD_MINIMUM_RELEASE_AGE", "1d");
  scene.set("HOD_MINIMUM_RELEASE_AGE_EXCLUDE", "aged");
  REQUIRE(scene.hod({"install", "--lockfile-only"}).exit_code == 0);
  CHECK(has(scene.read("hod.lock"), "aged@1.1.0"));

  HodScene dated;
  publish(dated, "aged", "1.0.0", 200);
  publish(dated, "aged", "1.1.0", 100);
  dated.write("package.json", R"({"dependencies":{"aged":"^1.0.0"}})");
  REQUIRE(dated.hod({"install", "--lockfile-only", "--before", hours_ago(150)}).exit_code == 0);
  CHECK(has(dated.read("hod.lock"), "aged@1.0.0"));
}

TEST_CASE("a dry run lists twenty changes at most, --json all of them") {
  HodScene scene;
  std::string dependencies;
  for (int i = 0; i < 25; ++i) {
    std::string name = "many-" + std::to_string(i);
    scene.registry.add(R"({"name":")" + name + R"(","version":"1.0.0"})");
    dependencies += (i == 0 ? "\"" : ",\"") + name + "\":\"1\"";
  }
  scene.write("package.json", "{\"dependencies\":{" + dependencies + "}}");
  HodRun run = scene.hod({"install", "--dry-run"});
  CHECK(has(run.err, "… and 5 more"));
  CHECK(has(run.err, "25 changes to hod.lock"));
  Json document = document_of(scene.hod({"install", "--dry-run", "--json"}));
  CHECK(document.find("result")->find("changes")->elements().size() == 25);
}

TEST_CASE("the commands on the graph say what they take") {
  HodScene scene;
  for (const char* command : {"update", "outdated", "why", "why-not", "dedupe"}) {
    HodRun run = scene.hod({command, "--help"});
    CHECK(run.exit_code == 0);
    CHECK(has(run.out, command));
    CHECK(has(run.out, "--json"));
  }
  scene.write("package.json", "{}");
  for (const char* command : {"outdated", "why x", "why-not x@1"}) {
    std::string words = command;
    std::size_t blank = words.find(' ');
    std::vector<std::string> arguments{words.substr(0, blank)};
    if (blank != std::string::npos) arguments.push_back(words.substr(blank + 1));
    HodRun run = scene.hod(arguments);
    CHECK(run.exit_code == 8);
    CHECK(has(run.err, "there is no lockfile"));
  }
}

TEST_CASE("offline, documents without publish times do until better ones can be had") {
  HodScene scene;
  scene.write("package.json", R"({"name":"x","dependencies":{"plain":"^1.0.0"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  must(remove_tree(scene / "hod.lock"));
  must(remove_tree(scene / "node_modules"));
  HodRun run = scene.hod({"install", "--offline", "--minimum-release-age=1d"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(has(run.err,
            "offline: the cache does not know when versions of `plain` were published; "
            "the minimum release age is not applied to them"));
  CHECK(scene.node("console.log(require('plain'))") == "plain@1.1.0\n");
}

TEST_CASE("--flat takes one version of each package, also where hod.lock has several") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":"2","needs-plain":"1"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  const HodRun refused = scene.hod({"install", "--flat"});
  CHECK(refused.exit_code == 3);
  CHECK(has(refused.err, "plain"));
  scene.write("package.json", R"({"dependencies":{"plain":">=1","needs-plain":"1"}})");
  HodRun flat = scene.hod({"install", "--flat"});
  CAPTURE(flat.err);
  CHECK(flat.exit_code == 0);
  CHECK(scene.node("console.log(require('plain'))") == "plain@1.1.0\n");
}
