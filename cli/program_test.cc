// SPDX-License-Identifier: MIT
#include "cli/program.h"

#include <doctest/doctest.h>

#include "cli/test_folder.h"
#include "core/base/json.h"

using namespace hod;
using namespace hod::cli;

namespace {

struct Ran {
  int code = 0;
  std::string out, err;
};

Ran run(const TestFolder& folder, std::vector<std::string> words, bool terminal = false) {
  Ran ran;
  ProgramInput input;
  input.words = std::move(words);
  input.environment.set("HOME", folder / "home");
  input.environment.set("HOD_CACHE_DIR", folder / "cache");
  input.environment.set("PATH", "/usr/bin:/bin");
  input.folder = folder.path();
  input.stderr_is_terminal = terminal;
  ran.code = run_program(input, {[&](std::string_view text) { ran.out += text; },
                                 [&](std::string_view text) { ran.err += text; },
                                 [] { return std::chrono::steady_clock::now(); }});
  return ran;
}

}  // namespace

TEST_CASE("version and help are answered on stdout, without a project") {
  TestFolder folder;
  CHECK(run(folder, {"--version"}).out.find('.') != std::string::npos);
  CHECK(run(folder, {"help", "ci"}).out == run(folder, {"ci", "--help"}).out);
  CHECK(run(folder, {"list", "--version"}).code == 0);
}

TEST_CASE("an error has its exit code, its code in brackets, and colour on a terminal only") {
  TestFolder folder;
  Ran plain = run(folder, {"install"});
  CHECK(plain.code == exit_code(ErrorCode::manifest_missing));
  CHECK(plain.err.find("[MANIFEST_MISSING]") != std::string::npos);
  CHECK(plain.err.find('\x1b') == std::string::npos);
  CHECK(run(folder, {"install"}, true).err.find("\x1b[31merror:") != std::string::npos);
  CHECK(run(folder, {"install", "--color=never"}, true).err.find('\x1b') == std::string::npos);
}

TEST_CASE("errors before there is a command are a document too, when one is asked for") {
  TestFolder folder;
  Ran ran = run(folder, {"install", "--nonsense", "--json"});
  CHECK(ran.code == 2);
  CHECK(must(Json::parse(ran.out, "")).find("errors")->elements().size() == 1);
  CHECK(run(folder, {"-C", "nowhere", "list"}).code == 2);
}

TEST_CASE("scripts run in the folder of -C, and timing is told on stderr") {
  TestFolder folder;
  folder.write("app/package.json", R"({"scripts":{"make":"touch made"}})");
  Ran ran = run(folder, {"-C", "app", "--timing=json", "make"});
  CHECK(ran.code == 0);
  CHECK(file_exists(folder / "app/made"));
  CHECK(ran.err.find("\"cpuMs\"") != std::string::npos);
}
