// SPDX-License-Identifier: MIT
// What the commands print: help, version, config, list, --json, --timing, --silent.
#include <doctest/doctest.h>

#include "core/base/json.h"
#include "tests/support/hod_scene.h"

using namespace hod;
using namespace hod::tests;

TEST_CASE("help and version need no project") {
  HodScene scene;
  CHECK(scene.hod({"--version"}).out.find("0.") == 0);
  CHECK(scene.hod({}).out.find("usage: hod") != std::string::npos);
  for (const char* command :
       {"install", "ci", "add", "remove", "run", "exec", "list", "config", "pkg"}) {
    CAPTURE(command);
    HodRun run = scene.hod({command, "--help"});
    CHECK(run.exit_code == 0);
    CHECK(run.out.find(std::string("usage: hod ") + command) != std::string::npos);
    CHECK(scene.hod({"help", command}).out == run.out);
  }
}

TEST_CASE("unknown options are wrong usage, with a suggestion") {
  HodScene scene;
  scene.write("package.json", "{}");
  HodRun run = scene.hod({"install", "--frozen-lokfile"});
  CHECK(run.exit_code == 2);
  CHECK(run.err.find("did you mean `--frozen-lockfile`?") != std::string::npos);
  CHECK_FALSE(scene.exists("node_modules"));
}

TEST_CASE("config get tells a setting and its source") {
  HodScene scene;
  HodRun run = scene.hod({"config", "get", "registry"});
  CHECK(run.out == scene.registry.base() + "\n");
  CHECK(run.err.find(".npmrc:1") != std::string::npos);
  scene.set("npm_config_registry", "https://registry.example/");
  CHECK(scene.hod({"config", "get", "registry"}).out == "https://registry.example/\n");
  CHECK(scene.hod({"config", "list"}).out.find("registry = https://registry.example/") !=
        std::string::npos);
  CHECK(scene.hod({"config", "get", "registry", "--registry=http://127.0.0.1:1/"}).out ==
        "http://127.0.0.1:1/\n");
}

TEST_CASE("T-NET-07 config list shows no secrets") {
  HodScene scene;
  scene.write_home(".npmrc",
                   "registry=https://registry.example/\n//registry.example/:_authToken=s3cret\n");
  HodRun run = scene.hod({"config", "list"});
  CHECK(run.exit_code == 0);
  CHECK(run.out.find("s3cret") == std::string::npos);
}

TEST_CASE("list shows direct dependencies, deeper ones on demand, and ways to a name") {
  HodScene scene;
  scene.write("package.json",
              R"({"dependencies":{"needs-plain":"1"},"devDependencies":{"tool":"1"}})");
  REQUIRE(scene.hod({"install"}).exit_code == 0);
  CHECK(scene.hod({"list"}).out == "needs-plain 1.0.0\ntool 1.0.0  dev\n");
  CHECK(scene.hod({"ls", "--prod", "--depth=1"}).out == "needs-plain 1.0.0\n  plain 1.1.0\n");
  CHECK(scene.hod({"list", "plain"}).out == "needs-plain 1.0.0\n  plain 1.1.0\n");
  CHECK(scene.hod({"list", "absent"}).exit_code == 1);
  Json document = must(Json::parse(scene.hod({"list", "--json"}).out, "stdout"));
  const Json& project = document.find("result")->elements().front();
  CHECK(*project.find("dependencies")->elements().front().find_string("version") == "1.0.0");
}

TEST_CASE("--json prints one document on stdout, whatever happens") {
  HodScene scene;
  scene.write("package.json",
              R"({"dependencies":{"plain":"1"},"scripts":{"postinstall":"echo noise"}})");
  struct Row {
    std::vector<std::string> words;
    int code;
  };
  for (const Row& row :
       {Row{{"install", "--json"}, 0}, Row{{"install", "--json"}, 0}, Row{{"ci", "--json"}, 0},
        Row{{"add", "--json", "no-such-package"}, 4}, Row{{"install", "--json", "--nonsense"}, 2},
        Row{{"config", "get", "registry", "--json"}, 0}, Row{{"run", "--json", "absent"}, 1}}) {
    HodRun run = scene.hod(row.words);
    CAPTURE(run.out);
    CAPTURE(run.err);
    auto document = Json::parse(run.out, "stdout");
    REQUIRE(document);
    CHECK(run.exit_code == row.code);
    CHECK(document->find("version")->as_number() == 1);
    CHECK(document->find("exit")->as_number() == row.code);
    CHECK(document->find("errors")->elements().empty() == (row.code == 0));
  }
}

TEST_CASE("--timing tells each phase, --silent nothing") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"needs-plain":"1"}})");
  HodRun run = scene.hod({"install", "--timing"});
  for (const char* word : {"resolve", "fetch", "link", "total", "peak"})
    CHECK(run.err.find(word) != std::string::npos);
  HodRun silent = scene.hod({"install", "--silent"});
  CHECK(silent.out.empty());
  CHECK(silent.err.empty());
  HodRun as_json = scene.hod({"install", "--silent", "--timing=json"});
  CHECK(must(Json::parse(as_json.err, "stderr")).find("cpuMs")->as_number() > 0);
}

TEST_CASE("without a terminal nothing moves a cursor or has a colour") {
  HodScene scene;
  scene.write("package.json", R"({"dependencies":{"needs-plain":"1","no-such-package":"1"}})");
  CHECK(scene.hod({"install"}).err.find('\x1b') == std::string::npos);
}

TEST_CASE("pkg shows and changes package.json, and nothing else of it") {
  HodScene scene;
  scene.write("package.json", "{\r\n\t\"name\": \"x\",\r\n\t\"files\": [\"lib\"]\r\n}\r\n");
  CHECK(scene.hod({"pkg", "get", "name"}).out == "\"x\"\n");
  CHECK(scene.hod({"pkg", "get", "none"}).out == "{}\n");
  CHECK(scene.hod({"pkg", "get", "name", "files[0]"}).out ==
        "{\n  \"name\": \"x\",\n  \"files[0]\": \"lib\"\n}\n");
  CHECK(
      scene.hod({"pkg", "set", "scripts.t=a=b", "files[]=bin", "overrides[a.b].c=^1"}).exit_code ==
      0);
  CHECK(scene.read("package.json") ==
        "{\r\n\t\"name\": \"x\",\r\n\t\"files\": [\"lib\", \"bin\"],\r\n\t\"scripts\": {\r\n"
        "\t\t\"t\": \"a=b\"\r\n\t},\r\n\t\"overrides\": {\r\n\t\t\"a.b\": {\r\n"
        "\t\t\t\"c\": \"^1\"\r\n\t\t}\r\n\t}\r\n}\r\n");
  HodRun json = scene.hod({"pkg", "set", "--json", "private=true"});
  CHECK(must(Json::parse(json.out, "")).find("result")->find("written")->elements().size() == 1);
  CHECK(scene.hod({"pkg", "delete", "scripts", "files", "overrides"}).exit_code == 0);
  CHECK(scene.read("package.json") == "{\r\n\t\"name\": \"x\",\r\n\t\"private\": true\r\n}\r\n");
}

TEST_CASE("pkg refuses what cannot be meant, and writes nothing then") {
  HodScene scene;
  const std::string before = R"({"name":"x","dependencies":{}})";
  scene.write("package.json", before);
  for (const std::vector<std::string>& words : {std::vector<std::string>{"fix"},
                                                {"set"},
                                                {"set", "name"},
                                                {"set", "=1"},
                                                {"set", "version=1.0.0", "name.x=1"},
                                                {"delete"},
                                                {"get", "a[]"},
                                                {"set", "__proto__=1"}}) {
    std::vector<std::string> command{"pkg"};
    command.insert(command.end(), words.begin(), words.end());
    CAPTURE(command.back());
    CHECK(scene.hod(command).exit_code == 2);
  }
  CHECK(scene.hod({"pkg", "set", "--json", "private=yes"}).exit_code == 1);
  CHECK(scene.hod({"pkg", "set", "dependencies=none"}).exit_code == 1);
  CHECK(scene.read("package.json") == before);
  // A manifest that cannot be installed from can be mended.
  scene.write("package.json", R"({"name":"x","dependencies":[]})");
  CHECK(scene.hod({"pkg", "delete", "dependencies"}).exit_code == 0);
  CHECK(scene.read("package.json") == R"({"name":"x"})");
}

TEST_CASE("pkg works on the projects of a workspace that are named") {
  HodScene scene;
  scene.write("package.json", R"({"name":"root","workspaces":["packages/*"]})");
  scene.write("packages/a/package.json", R"({"name":"a"})");
  scene.write("packages/b/package.json", R"({"name":"b","license":"MIT"})");
  CHECK(scene.hod({"pkg", "set", "license=ISC", "-r"}).exit_code == 0);
  CHECK(scene.hod({"pkg", "get", "license", "-r", "-w"}).out ==
        "{\n  \"root\": {},\n  \"a\": \"ISC\",\n  \"b\": \"ISC\"\n}\n");
  CHECK(scene.hod({"-C", "packages/a", "pkg", "get", "name"}).out == "\"a\"\n");
}
