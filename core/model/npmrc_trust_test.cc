#include <string>

#include <doctest/doctest.h>

#include "core/model/npmrc.h"

using namespace hod;

TEST_CASE("T-CFG-02: a project sets only what is on the white list") {
  for (const char* key :
       {"registry", "@scope:registry", "//r.example/:_authToken", "save-exact", "omit", "layout",
        "verify-store", "link-ahead", "engine-strict", "minimum-release-age", "_authToken"}) {
    CAPTURE(std::string(key));
    CHECK(project_may_set(key));
  }
  for (const char* key : {"userconfig",
                          "globalconfig",
                          "prefix",
                          "git",
                          "cafile",
                          "ca",
                          "cert",
                          "key",
                          "script-shell",
                          "shell",
                          "node-options",
                          "cache",
                          "strict-ssl",
                          "proxy",
                          "https-proxy",
                          "noproxy",
                          "node-gyp",
                          "init-module",
                          "editor",
                          "viewer",
                          "browser",
                          "user-agent",
                          "local-address",
                          "logs-dir",
                          "otp",
                          "password",
                          "//r.example/:certfile",
                          "//r.example/:keyfile",
                          "//r.example/:tokenHelper",
                          "dangerously-allow-all-scripts",
                          "allow-scripts",
                          "no-such-key",
                          "",
                          ":registry",
                          "@:registry"}) {
    CAPTURE(std::string(key));
    CHECK_FALSE(project_may_set(key));
  }
}

TEST_CASE(
    "T-NET-04: in addresses and credentials of a project no variable is expanded, nor in what it "
    "may not set") {
  for (const char* key : {"registry", "@s:registry", "//r.example/:_authToken", "_auth", "username",
                          "replace-registry-host", "proxy", "cafile", "no-such-key"}) {
    CAPTURE(std::string(key));
    CHECK_FALSE(project_may_expand(key));
  }
  CHECK(project_may_expand("tag"));
  CHECK(project_may_expand("save-prefix"));
}
