// SPDX-License-Identifier: MIT
// Packages that mean harm: refused or made harmless, nothing outside the project touched.
#include <doctest/doctest.h>

#include "tests/support/hod_scene.h"

using namespace hod;
using namespace hod::tests;

namespace {

constexpr const char* kManifest = R"({"name":"evil","version":"1.0.0"})";

TarEntry file(std::string path, std::string content = "x") {
  return {std::move(path), std::move(content), 0644, '0', ""};
}

HodRun install(HodScene& scene, const std::vector<TarEntry>& entries) {
  std::vector<TarEntry> all{file("package/package.json", kManifest)};
  all.insert(all.end(), entries.begin(), entries.end());
  scene.registry.add_archive(kManifest, gzip_of(tar_of(all)));
  scene.write("package.json", R"({"dependencies":{"evil":"1"}})");
  return scene.hod({"install"});
}

}  // namespace

TEST_CASE("T-TAR-01 T-TAR-02 an archive that writes outside its folder is refused") {
  for (const char* path : {"package/../../escaped", "/escaped", "package/a/../../../escaped",
                           "package\\..\\..\\escaped"}) {
    CAPTURE(std::string(path));
    HodScene scene;
    HodRun run = install(scene, {file(path)});
    CAPTURE(run.err);
    CHECK(run.exit_code == 5);
    CHECK(run.err.find("[ARCHIVE_HOSTILE]") != std::string::npos);
    CHECK(run.err.find("evil@1.0.0") != std::string::npos);
    CHECK_FALSE(scene.exists("node_modules/evil"));
    CHECK_FALSE(scene.exists("hod.lock"));
    CHECK(scene.run({"find", scene.root(), "-name", "escaped"}).out.empty());
  }
}

TEST_CASE("T-TAR-03 T-TAR-04 T-TAR-05 links and devices are left out, the rest is installed") {
  HodScene scene;
  scene.write("secret", "precious");
  HodRun run = install(scene, {{"package/link", "", 0777, '2', scene / "secret"},
                               {"package/hard", "", 0644, '1', scene / "secret"},
                               {"package/fifo", "", 0644, '6', ""},
                               {"package/device", "", 0644, '3', ""},
                               file("package/index.js", "module.exports = 'ok'")});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(scene.node("console.log(require('evil'))") == "ok\n");
  for (const char* name : {"link", "hard", "fifo", "device"}) {
    CAPTURE(name);
    CHECK_FALSE(scene.exists(std::string("node_modules/evil/") + name));
  }
  CHECK(scene.read("secret") == "precious");
}

TEST_CASE("T-LINK-05 T-RES-01 an archive of another name or version is refused") {
  for (const char* inside :
       {R"({"name":"other","version":"1.0.0"})", R"({"name":"evil","version":"2.0.0"})", R"({})"}) {
    CAPTURE(inside);
    HodScene scene;
    scene.registry.add_archive(kManifest, gzip_of(tar_of({file("package/package.json", inside)})));
    scene.write("package.json", R"({"dependencies":{"evil":"1"}})");
    HodRun run = scene.hod({"install"});
    CAPTURE(run.err);
    CHECK(run.exit_code == 5);
    CHECK(run.err.find("[ARCHIVE_HOSTILE]") != std::string::npos);
    CHECK_FALSE(scene.exists("node_modules/evil"));
  }
}

TEST_CASE("an archive that is none, or cut, is refused") {
  for (int kind = 0; kind < 3; ++kind) {
    CAPTURE(kind);
    HodScene scene;
    std::string whole = gzip_of(tar_of(
        {file("package/package.json", kManifest), file("package/a", std::string(5000, 'a'))}));
    std::string bytes = kind == 0   ? "no archive at all"
                        : kind == 1 ? whole.substr(0, whole.size() / 2)
                                    : gzip_of("garbage");
    scene.registry.add_archive(kManifest, bytes);
    scene.write("package.json", R"({"dependencies":{"evil":"1"}})");
    HodRun run = scene.hod({"install"});
    CAPTURE(run.err);
    CHECK(run.exit_code == 5);
    CHECK(run.err.find("[ARCHIVE_INVALID]") != std::string::npos);
  }
}

TEST_CASE("wrong integrity: refused with both digests and the address") {
  HodScene scene;
  scene.registry.get("plain", "1.0.0").integrity = scene.registry.get("plain", "2.0.0").integrity;
  scene.write("package.json", R"({"dependencies":{"plain":"1.0.0"}})");
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 5);
  CHECK(run.err.find("[INTEGRITY_MISMATCH]") != std::string::npos);
  CHECK(run.err.find("plain-1.0.0.tgz") != std::string::npos);
  CHECK(run.err.find("expected sha512-") != std::string::npos);
}

TEST_CASE("T-LINK-01 T-LINK-02 a bin that leaves its package or its folder makes no link") {
  HodScene scene;
  scene.registry.add(
      R"({"name":"evil","version":"1.0.0","bin":{"../../escaped":"a.js","fine":"a.js","out":"../../../secret"}})",
      {{"a.js", "#!/usr/bin/env node\nconsole.log('fine')"}});
  scene.write("secret", "precious", 0600);
  scene.write("package.json", R"({"dependencies":{"evil":"1"}})");
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(scene.run({"node_modules/.bin/fine"}).out == "fine\n");
  CHECK_FALSE(scene.exists("escaped"));
  CHECK(scene.run({"stat", "-c", "%a", "secret"}).out == "600\n");
}

TEST_CASE("T-SCR-02 a binding.gyp in the archive counts as a script and does not run") {
  HodScene scene;
  HodRun run = install(scene, {file("package/binding.gyp", "{}")});
  CHECK(run.exit_code == 0);
  CHECK(run.err.find("not run: evil 1.0.0") != std::string::npos);
}

TEST_CASE("T-CLI-01 text of a package cannot steer the terminal") {
  HodScene scene;
  scene.registry.add(
      "{\"name\":\"evil\",\"version\":\"1.0.0\",\"deprecated\":\"\\u001b[2Jgone\\u202e\"}");
  scene.write("package.json", R"({"dependencies":{"evil":"1"}})");
  HodRun run = scene.hod({"install"});
  CHECK(run.exit_code == 0);
  CHECK(run.err.find("gone") != std::string::npos);
  CHECK(run.err.find('\x1b') == std::string::npos);
  CHECK(run.err.find("\xE2\x80\xAE") == std::string::npos);
}

TEST_CASE("T-LINK-10 configuration dependencies are neither installed nor made folders of") {
  HodScene scene;
  const std::string wanted = R"({"plain":"1.0.0+sha512-AAAA","../../outside":"1.0.0"})";
  scene.write("package.json", R"({"dependencies":{"tool":"1"},"configDependencies":)" + wanted +
                                  R"(,"pnpm":{"configDependencies":)" + wanted + "}}");
  scene.write("pnpm-workspace.yaml",
              "configDependencies:\n  plain: 1.0.0+sha512-AAAA\n  ../../outside: 1.0.0\n");
  HodRun run = scene.hod({"install"});
  CAPTURE(run.err);
  CHECK(run.exit_code == 0);
  CHECK(scene.registry.requests_for("plain") == 0);
  CHECK(scene.registry.requests_for("outside") == 0);
  CHECK_FALSE(scene.exists("../outside"));
  CHECK_FALSE(scene.exists("../../outside"));
  for (const std::string& path : scene.tree()) CHECK(path.find("plain") == std::string::npos);
}

TEST_CASE("T-RES-08 a package below the direct dependencies cannot bring addresses and folders") {
  HodScene scene;
  scene.registry.add(
      R"({"name":"evil","version":"1.0.0","dependencies":{"x":"file:../../../../secret"}})");
  scene.registry.add(
      R"({"name":"evil2","version":"1.0.0","dependencies":{"x":"https://registry.example/x.tgz"}})");
  for (const char* name : {"evil", "evil2"}) {
    CAPTURE(name);
    scene.write("package.json", std::string(R"({"dependencies":{")") + name + R"(":"1"}})");
    HodRun run = scene.hod({"install"});
    CAPTURE(run.err);
    CHECK(run.exit_code == 9);
    CHECK(run.err.find("x") != std::string::npos);
    CHECK(run.err.find("evil") != std::string::npos);
    CHECK_FALSE(scene.exists("hod.lock"));
  }
}

TEST_CASE("T-NET-04 T-CFG-02 a hostile project's .npmrc gets no secret out") {
  HodScene scene;
  FixtureRegistry thief;
  scene.set("NODE_AUTH_TOKEN", "s3cret");
  std::string address = scene.registry.base().substr(5);
  scene.write_home(".npmrc",
                   "registry=" + scene.registry.base() + "\n" + address + ":_authToken=s3cret\n");
  scene.write(".npmrc",
              "registry=" + thief.base() + "${NODE_AUTH_TOKEN}/\n_authToken=${NODE_AUTH_TOKEN}\n");
  scene.write("package.json", R"({"dependencies":{"plain":"1"}})");
  static_cast<void>(scene.hod({"install"}));
  for (const FixtureRequest& request : thief.requests()) {
    CHECK(request.target.find("s3cret") == std::string::npos);
    for (const auto& [name, value] : request.headers)
      CHECK(value.find("s3cret") == std::string::npos);
  }
}
