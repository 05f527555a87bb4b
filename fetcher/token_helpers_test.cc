// SPDX-License-Identifier: MIT
#include "fetcher/token_helpers.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/base/file.h"

using namespace hod;
using namespace hod::fetcher;
using namespace std::chrono_literals;

namespace {

struct Scene {
  Scene() {
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    environment.set("PATH", "/usr/bin:/bin");
  }
  ~Scene() { static_cast<void>(remove_tree(folder)); }

  std::string helper(const std::string& name, const std::string& script) const {
    const std::string path = folder + "/" + name;
    must(write_file_atomic(path, "#!/bin/sh\n" + script, Durable::no));
    REQUIRE(::chmod(path.c_str(), 0755) == 0);
    return path;
  }
  // The Authorization header that comes of it, or "CODE what".
  std::string outcome(const std::string& program, std::chrono::milliseconds limit = 60s) const {
    std::vector<Credential> credentials(1);
    credentials[0].token_helper = program;
    const auto ran = run_token_helpers(credentials, environment, limit);
    if (ran) return credentials[0].authorization;
    return std::string(error_name(ran.error().code())) + " " + std::string(ran.error().what());
  }

  std::string folder = (std::filesystem::temp_directory_path() / "helpers-XXXXXX").string();
  Environment environment;
};

}  // namespace

TEST_CASE("T-CFG-04 a token helper gives the header, or the token of it") {
  Scene scene;
  CHECK(scene.outcome(scene.helper("a", "echo geheim\n")) == "Bearer geheim");
  CHECK(scene.outcome(scene.helper("b", "printf 'Basic dTpw\\r\\n\\n'")) == "Basic dTpw");
  CHECK(scene.outcome(scene.helper("c", "echo geheim; echo noise >&2")) == "Bearer geheim");
  CHECK(scene.outcome(scene.helper("d", "test -t 0 || test $# -gt 0 || echo ok")) == "Bearer ok");
}

TEST_CASE("T-CFG-04 a token helper is a program, not a line for a shell") {
  Scene scene;
  const std::string canary = scene.folder + "/canary";
  const std::string path = scene.helper("a", "echo geheim");
  CHECK(scene.outcome(path + "; touch " + canary).find("COMMAND_MISSING") == 0);
  CHECK(scene.outcome(path + " argument").find("COMMAND_MISSING") == 0);
  CHECK_FALSE(file_exists(canary));
}

TEST_CASE("T-CFG-04 a helper that fails, hangs or prints nonsense is an error without secrets") {
  Scene scene;
  CHECK(scene.outcome(scene.helper("a", "echo geheim; exit 3")).find("exit code 3") !=
        std::string::npos);
  CHECK(scene.outcome(scene.helper("b", "kill -9 $$")).find("signal 9") != std::string::npos);
  const auto start = std::chrono::steady_clock::now();
  CHECK(scene.outcome(scene.helper("c", "exec cat /dev/zero > /dev/null"), 200ms)
            .find("took too long") != std::string::npos);
  CHECK(std::chrono::steady_clock::now() - start < 30s);
  for (const char* script : {"true", "printf ' \\n'", "printf 'a\\nX-Evil: 1'", "printf 'a\\033b'",
                             "printf '\\303\\244'", "head -c 100000 /dev/zero | tr '\\0' a"}) {
    CAPTURE(script);
    const std::string said = scene.outcome(scene.helper("d", script));
    CHECK(said.find("UNAUTHORIZED") == 0);
    CHECK(said.find("printed no token") != std::string::npos);
  }
  CHECK(scene.outcome(scene.helper("a", "echo geheim; exit 3")).find("geheim") ==
        std::string::npos);
}

TEST_CASE("T-CFG-04 the limit is a minute, and each helper runs once") {
  CHECK(kTokenHelperLimit == 60s);
  Scene scene;
  const std::string log = scene.folder + "/log";
  std::vector<Credential> credentials(3);
  credentials[0].token_helper = credentials[1].token_helper =
      scene.helper("a", "echo run >> " + log + "\necho one");
  credentials[2].authorization = "Bearer own";
  must(run_token_helpers(credentials, scene.environment));
  CHECK(credentials[0].authorization == "Bearer one");
  CHECK(credentials[1].authorization == "Bearer one");
  CHECK(credentials[2].authorization == "Bearer own");
  CHECK(must(read_file(log)) == "run\n");
}
