// SPDX-License-Identifier: MIT
#include "cli/script_environment.h"

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::cli;

namespace {

ScriptScene scene() {
  ScriptScene out;
  out.environment.set("PATH", "/usr/bin");
  out.environment.set("HOME", "/home/lea");
  out.start_folder = "/home/lea/app/src";
  out.project_root = "/home/lea/app";
  out.command = "run-script";
  out.executable = "/usr/bin/hod";
  out.registry = "https://lea:secret@registry.example/";
  out.platform_os = "linux";
  out.platform_cpu = "x64";
  out.node = {"/usr/bin/node", "20.1.0"};
  return out;
}

Manifest manifest() {
  Manifest out;
  out.name = "app";
  out.version = "1.2.3";
  out.bins = {{"app-tool", "bin/tool.js"}};
  out.json = must(Json::parse(
      R"({"config":{"port":8080,"host":"a","deep":{"x":1}},"engines":{"node":">=18"}})", ""));
  return out;
}

}  // namespace

TEST_CASE("a script finds npm's environment") {
  Environment found =
      script_environment(scene(), manifest(), "/home/lea/app", "prebuild", "echo x");
  struct Row {
    const char* name;
    const char* value;
  };
  for (const Row& row :
       {Row{"HOME", "/home/lea"}, Row{"INIT_CWD", "/home/lea/app/src"},
        Row{"npm_lifecycle_event", "prebuild"}, Row{"npm_lifecycle_script", "echo x"},
        Row{"npm_command", "run-script"}, Row{"npm_execpath", "/usr/bin/hod"},
        Row{"NODE", "/usr/bin/node"}, Row{"npm_node_execpath", "/usr/bin/node"},
        Row{"npm_package_name", "app"}, Row{"npm_package_version", "1.2.3"},
        Row{"npm_package_json", "/home/lea/app/package.json"},
        Row{"npm_package_config_port", "8080"}, Row{"npm_package_config_host", "a"},
        Row{"npm_package_engines_node", ">=18"}, Row{"npm_package_bin_app_tool", "bin/tool.js"},
        Row{"npm_config_local_prefix", "/home/lea/app"}}) {
    CAPTURE(row.name);
    CHECK(found.get(row.name) == row.value);
  }
  CHECK_FALSE(found.get("npm_package_config_deep").has_value());
  CHECK(found.get("npm_config_user_agent")->find("npm/? node/v20.1.0 linux x64") !=
        std::string::npos);
}

TEST_CASE("T-SCR-05 credentials stay out of a script's environment") {
  ScriptScene with_secrets = scene();
  for (const char* name :
       {"npm_config__authToken", "NPM_CONFIG__AUTH", "npm_config_//registry.example/:_authToken",
        "npm_config_otp", "npm_config__password", "HOD_TOKEN", "npm_config_key"}) {
    with_secrets.environment.set(name, "s3cret");
  }
  with_secrets.environment.set("npm_config_loglevel", "warn");
  Environment found = script_environment(with_secrets, manifest(), "/home/lea/app", "x", "x");
  for (const auto& [name, value] : found.variables()) {
    CAPTURE(name);
    CHECK(value.find("s3cret") == std::string::npos);
  }
  CHECK(found.get("npm_config_loglevel") == "warn");
  CHECK(found.get("npm_config_registry")->find("secret") == std::string::npos);
}

TEST_CASE("PATH begins with every node_modules/.bin from the package upwards") {
  CHECK(script_path("/home/lea/app", "/usr/bin") ==
        "/home/lea/app/node_modules/.bin:/home/lea/node_modules/.bin:/home/node_modules/.bin:/"
        "node_modules/.bin:/usr/bin");
  CHECK(script_path("/a/node_modules/b", "/x") ==
        "/a/node_modules/b/node_modules/.bin:/a/node_modules/.bin:/node_modules/.bin:/x");
}
