// SPDX-License-Identifier: MIT
// Everything that can be wrong from outside: a clear error with where and what to do, its exit
// code, nothing lost.
#include <doctest/doctest.h>
#include <unistd.h>

#include "tests/support/hod_scene.h"

using namespace hod;
using namespace hod::tests;

namespace {

bool says(const HodRun& run, std::string_view text) {
  return run.err.find(text) != std::string::npos;
}

FixtureReply status(int code) {
  FixtureReply reply;
  reply.status = code;
  reply.body = R"({"error":"no"})";
  return reply;
}

}  // namespace

TEST_CASE("no package.json") {
  HodScene scene;
  HodRun run = scene.hod({"install"});
  CHECK(run.exit_code == 1);
  CHECK(says(run, "[MANIFEST_MISSING]"));
  CHECK(says(run, scene.project()));
  CHECK(says(run, "hint:"));
}

TEST_CASE("a malformed package.json is told with line and column") {
  HodScene scene;
  scene.write("package.json",
              "{\n  \"name\": \"app\",\n  \"dependencies\": {\"plain\": \"1\",}\n}\n");
  HodRun run = scene.hod({"install"});
  CHECK(run.exit_code == 1);
  CHECK(says(run, "[JSON_INVALID]"));
  CHECK(says(run, "package.json:3:"));
  CHECK_FALSE(scene.exists("hod.lock"));
}

TEST_CASE("an unreadable package.json is told as such") {
  if (geteuid() == 0) {
    HodScene scene;
    REQUIRE(scene.run({"mkdir", "package.json"}).exit_code == 0);
    HodRun run = scene.hod({"install"});
    CHECK(run.exit_code != 0);
    return;
  }
  HodScene scene;
  scene.write("package.json", "{}", 0000);
  HodRun run = scene.hod({"install"});
  CHECK(run.exit_code == 13);
  CHECK(says(run, "[PERMISSION_DENIED]"));
}

TEST_CASE("wrong types in any field are told with the field and its place") {
  struct Row {
    const char* manifest;
    const char* field;
  };
  for (const Row& row :
       {Row{"[]", "object"}, Row{R"({"name":1})", "name"}, Row{R"({"version":[]})", "version"},
        Row{R"({"dependencies":[]})", "dependencies"},
        Row{R"({"dependencies":{"plain":1}})", "plain"},
        Row{R"({"devDependencies":"x"})", "devDependencies"},
        Row{R"({"optionalDependencies":3})", "optionalDependencies"},
        Row{R"({"peerDependencies":{"a":null}})", "peerDependencies"},
        Row{R"({"workspaces":"x"})", "workspaces"}, Row{R"({"workspaces":[1]})", "workspaces"},
        Row{R"({"scripts":[]})", "scripts"}, Row{R"({"scripts":{"a":1}})", "scripts"},
        Row{R"({"overrides":[]})", "overrides"}, Row{R"({"os":1})", "os"},
        Row{R"({"bin":7})", "bin"}, Row{R"({"engines":"x"})", "engines"}}) {
    CAPTURE(std::string(row.manifest));
    HodScene scene;
    scene.write("package.json", row.manifest);
    HodRun run = scene.hod({"install"});
    CAPTURE(run.err);
    CHECK(run.exit_code == 1);
    CHECK(says(run, "[MANIFEST_INVALID]"));
    CHECK(says(run, row.field));
    CHECK(says(run, "package.json:1:"));
    CHECK_FALSE(scene.exists("hod.lock"));
  }
}

TEST_CASE("an unknown specifier or a name that cannot be is told with the dependency") {
  struct Row {
    const char* dependency;
    const char* specifier;
  };
  for (const Row& row :
       {Row{"plain", "strange:thing"}, Row{"plain", "workspace:*"}, Row{"../escape", "1.0.0"},
        Row{"plain", "npm:../escape@1"}, Row{"node_modules", "1"}}) {
    CAPTURE(std::string(row.dependency));
    CAPTURE(std::string(row.specifier));
    HodScene scene;
    scene.write("package.json", std::string(R"({"dependencies":{")") + row.dependency + R"(":")" +
                                    row.specifier + R"("}})");
    HodRun run = scene.hod({"install"});
    CAPTURE(run.err);
    CHECK(run.exit_code != 0);
    CHECK(says(run, "package.json"));
    CHECK(says(run, row.dependency));
    CHECK_FALSE(scene.exists("node_modules/plain"));
    CHECK_FALSE(scene.exists("hod.lock"));
  }
}

TEST_CASE("a missing package: who asked for it, and near names") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"needs-plain":"1"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  HodRun run = scene.hod({"add", "palin"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 4);
  CHECK(says(run, "[PACKAGE_NOT_FOUND]"));
  CHECK(says(run, "`palin`"));
  CHECK(says(run, "did you mean `plain`?"));
}

TEST_CASE("a missing version: the nearest ones are offered") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":"^1.5.0"}})");
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 4);
  CHECK(says(run, "[VERSION_NOT_FOUND]"));
  CHECK(says(run, "1.1.0"));
  CHECK(says(run, "2.0.0"));
  scene.write("package.json", R"({"dependencies":{"plain":"no-such-tag"}})");
  HodRun tag = scene.hod({"install"});
  CHECK(tag.exit_code == 4);
  CHECK(says(tag, "no-such-tag"));
}

TEST_CASE("a conflict of peers is explained with who asked for what, as a warning or as an error") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plug":"2","host":"1"}})");
  HodRun strict = scene.hod({"install", "--strict-peer-deps"});
  CAPTURE(strict.err);
  CHECK(strict.exit_code == 3);
  CHECK(says(strict, "[RESOLUTION_IMPOSSIBLE]"));
  CHECK(says(strict, "plug"));
  CHECK(says(strict, "host"));
  CHECK_FALSE(scene.exists("hod.lock"));
  HodRun plain = scene.hod({"install"});
  CAPTURE(plain.err);
  CHECK(plain.exit_code == 0);
  CHECK(says(plain, "plug@2.0.0 wants host ^2.0.0"));
}

TEST_CASE("answers of a registry that refuses or fails have their own codes") {
  struct Row {
    int status;
    int exit_code;
    const char* code;
  };
  for (const Row& row : {Row{401, 7, "[UNAUTHORIZED]"}, Row{403, 7, "[FORBIDDEN]"},
                         Row{404, 4, "_NOT_FOUND]"}, Row{500, 6, "[REGISTRY_ANSWER]"}}) {
    for (const char* part : {"/plain", "plain-1.0.0.tgz"}) {
      CAPTURE(row.status);
      CAPTURE(std::string(part));
      HodScene scene;
      scene.set("npm_config_fetch_retries", "0");
      scene.registry.answer(part, status(row.status));
      scene.write("package.json", R"({"dependencies":{"plain":"1.0.0"}})");
      HodRun run = scene.hod({"install"});
      CAPTURE(run.err);
      CHECK(run.exit_code == row.exit_code);
      CHECK(says(run, row.code));
      CHECK(says(run, "plain"));
      CHECK_FALSE(scene.exists("hod.lock"));
      CHECK_FALSE(scene.exists("node_modules/plain"));
    }
  }
}

TEST_CASE("several failures are all told") {
  HodScene scene;
  scene.set("npm_config_fetch_retries", "0");
  scene.registry.answer("plain-1.0.0.tgz", status(500));
  scene.registry.answer("tool-1.0.0.tgz", status(403));
  scene.write("package.json", R"({"dependencies":{"plain":"1.0.0","tool":"1","host":"1"}})");
  HodRun run = scene.hod({"install"});
  CHECK(run.exit_code == 6);
  CHECK(says(run, "plain@1.0.0"));
  CHECK(says(run, "tool@1.0.0"));
  // What did arrive is kept: the rerun asks only for the rest.
  std::size_t asked = scene.registry.requests_for("host-1.0.0.tgz");
  CHECK(scene.hod({"install"}).exit_code == 6);
  CHECK(scene.registry.requests_for("host-1.0.0.tgz") == asked);
}

TEST_CASE("nobody listens at the registry's address") {
  HodScene scene;
  scene.set("npm_config_fetch_retries", "0");
  scene.set("npm_config_registry", "http://127.0.0.1:" + std::to_string(unused_port()) + "/");
  scene.write("package.json", R"({"dependencies":{"plain":"1"}})");
  HodRun run = scene.hod({"install"});
  CHECK(run.exit_code == 6);
  CHECK(says(run, "[NETWORK_FAILED]"));
  CHECK(says(run, "127.0.0.1"));
}

TEST_CASE("--offline without what is needed") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":"1"}})");
  HodRun run = scene.hod({"install", "--offline"});
  CHECK(run.exit_code == 6);
  CHECK(says(run, "[OFFLINE_MISSING]"));
  CHECK(scene.registry.request_count() == 0);
}

TEST_CASE("a registry that wants credentials gets those of the user's own file") {
  HodScene scene;
  scene.registry.require_authorization("Bearer s3cret");
  scene.write("package.json", R"({"dependencies":{"plain":"1"}})");
  HodRun refused = scene.hod({"install"});
  CHECK(refused.exit_code == 7);
  std::string address = scene.registry.base().substr(5);  // "//127.0.0.1:port/"
  scene.write_home(".npmrc",
                   "registry=" + scene.registry.base() + "\n" + address + ":_authToken=s3cret\n");
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(run.err.find("s3cret") == std::string::npos);
}

TEST_CASE("metadata that is no metadata is refused") {
  for (const char* body : {"<html>log in</html>", "{\"name\":\"other\"}", "[1,2"}) {
    CAPTURE(std::string(body));
    HodScene scene;
    scene.set("npm_config_fetch_retries", "0");
    FixtureReply reply;
    reply.body = body;
    scene.registry.answer("/plain", reply);
    scene.write("package.json", R"({"dependencies":{"plain":"1"}})");
    HodRun run = scene.hod({"install"});
    CAPTURE(run.err);
    CHECK(run.exit_code != 0);
    CHECK(says(run, "plain"));
    CHECK_FALSE(scene.exists("hod.lock"));
  }
}

TEST_CASE("T-LINK-06 a node_modules that is a symlink is refused, and what it leads to stays") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":"1"}})");
  scene.write("../elsewhere/precious", "kept");
  REQUIRE(symlink((scene.root() + "/elsewhere").c_str(), (scene / "node_modules").c_str()) == 0);
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 13);
  CHECK(says(run, "[TREE_REFUSED]"));
  CHECK(scene.read("../elsewhere/precious") == "kept");
  CHECK_FALSE(scene.exists("../elsewhere/plain"));
}

TEST_CASE("a platform that a required package excludes") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"needs-elsewhere":"1"}})");
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 11);
  CHECK(says(run, "[PLATFORM_UNSUPPORTED]"));
  CHECK(says(run, "for-elsewhere@1.0.0"));
}

TEST_CASE("engine-strict makes an unfit engine an error") {
  HodScene scene;
  scene.write("package.json", R"({"engines":{"node":">=999"}})");
  HodRun run = scene.hod({"install", "--engine-strict"});
  CHECK(run.exit_code == 11);
  CHECK(says(run, "[ENGINE_UNSUPPORTED]"));
}

TEST_CASE("a folder that cannot be written") {
  if (geteuid() == 0) return;  // root may write everywhere; the fault below covers it
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"plain":"1"}})");
  REQUIRE(scene.run({"chmod", "555", "."}).exit_code == 0);
  HodRun run = scene.hod({"install"});
  CHECK(run.exit_code == 13);
  CHECK(says(run, "[PERMISSION_DENIED]"));
  REQUIRE(scene.run({"chmod", "755", "."}).exit_code == 0);
}

TEST_CASE("a read-only project or a full disk: exit 13, old bytes stay, the rerun completes") {
  struct Row {
    const char* fault;
    const char* code;
  };
  for (const Row& row :
       {Row{"op=openat,path~node_modules,n=1:erofs", "[PERMISSION_DENIED]"},
        Row{"op=mkdirat,n=3:enospc", "[DISK_FULL]"}, Row{"op=write,n=2:enospc", "[DISK_FULL]"},
        Row{"op=rename,path~hod.lock,n=1:enospc", "[DISK_FULL]"}}) {
    CAPTURE(std::string(row.fault));
    HodScene scene;
    std::string manifest = R"({"dependencies":{"needs-plain":"1"}})";
    scene.write("package.json", manifest);
    scene.set("HOD_FAULT", row.fault);
    HodRun run = scene.hod({"install"});
    CAPTURE(run.err);
    if (run.exit_code != 0) {
      CHECK(run.exit_code == 13);
      CHECK(says(run, row.code));
    }
    CHECK(scene.read("package.json") == manifest);
    scene.unset("HOD_FAULT");
    HodRun again = scene.hod({"install"});
    CAPTURE(again.err);
    CHECK(again.exit_code == 0);
    CHECK(scene.node("console.log(require('needs-plain'))") == "needs-plain@1.0.0 > plain@1.1.0\n");
  }
}
