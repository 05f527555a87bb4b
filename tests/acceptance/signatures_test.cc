// SPDX-License-Identifier: MIT
// A registry that signs what it has, and a mirror of it that changed something.
#include <doctest/doctest.h>

#include "core/base/encoding.h"
#include "tests/support/hod_scene.h"
#include "tests/support/signed_package.h"

using namespace hod;
using namespace hod::tests;

namespace {

struct Scene : HodScene {
  Scene() {
    write_home("keys.json", signing_keys());
    write_home(".npmrc",
               "registry=" + registry.base() + "\nsigning-keys=" + root() + "/home/keys.json\n");
    write("package.json", R"({"dependencies":{"signed":"1"}})");
  }
  FixturePackage& serve(const SignedArchive& archive, const std::string& signature) {
    FixturePackage& package = registry.add_archive(
        R"({"name":"signed","version":")" + std::string(archive.version) + "\"}",
        *from_base64(archive.archive));
    CHECK(package.integrity == archive.integrity);
    if (!signature.empty()) package.signatures = {{kSigningKeyId, signature}};
    return package;
  }
};

std::string said(const HodRun& run, int exit_code, const char* part) {
  if (run.exit_code == exit_code && run.err.find(part) != std::string::npos) return "as wanted";
  return "exit " + std::to_string(run.exit_code) + "\n" + run.err;
}

}  // namespace

TEST_CASE("T-NET-16 a signed package is installed, and its lockfile asks nobody again") {
  Scene scene;
  scene.serve(kSignedOld, kSignedOld.signature);
  scene.serve(kSignedNew, kSignedNew.signature);
  CHECK(said(scene.hod({"install"}), 0, "1 package (1 added") == "as wanted");
  CHECK(scene.node("console.log(require('signed'))") == "signed@1.1.0\n");
  CHECK(scene.hod({"ci"}).exit_code == 0);
}

TEST_CASE("T-NET-16 a mirror that exchanges archive and digest is found out") {
  for (const bool strips : {false, true}) {
    CAPTURE(strips);
    Scene scene;
    scene.serve(kSignedOld, kSignedOld.signature);
    scene.serve(kSignedOther, strips ? "" : kSignedNew.signature);
    CHECK(said(scene.hod({"install"}), 5, strips ? "[SIGNATURE_MISSING]" : "[SIGNATURE_WRONG]") ==
          "as wanted");
    CHECK_FALSE(scene.exists("hod.lock"));
    CHECK_FALSE(scene.exists("node_modules/signed"));
    // From what the cache knows, too.
    CHECK(said(scene.hod({"install", "--offline"}), 5, "[SIGNATURE_") == "as wanted");
    // The project cannot say otherwise, the user can.
    scene.write(".npmrc", "verify-signatures=never\n");
    CHECK(said(scene.hod({"install"}), 5, "[SIGNATURE_") == "as wanted");
    scene.set("npm_config_verify_signatures", "never");
    CHECK(scene.hod({"install"}).exit_code == 0);
  }
}

TEST_CASE("T-NET-16 verify-signatures=always refuses what nobody signed") {
  Scene scene;
  scene.write("package.json", R"({"dependencies":{"plain":"1"}})");
  scene.set("npm_config_verify_signatures", "always");
  CHECK(said(scene.hod({"install"}), 5, "[SIGNATURE_MISSING]") == "as wanted");
  scene.unset("npm_config_verify_signatures");
  CHECK(scene.hod({"install"}).exit_code == 0);
}
