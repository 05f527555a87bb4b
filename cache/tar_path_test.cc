// SPDX-License-Identifier: MIT
#include "cache/tar_path.h"

#include <random>

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::cache;

namespace {
// The path, or the error's name in angle brackets.
std::string decided(std::string_view raw) {
  Result<std::string> path = path_in_package(raw, {});
  return path ? *path : "<" + std::string(error_name(path.error().code())) + ">";
}
const std::string kHostile = "<ARCHIVE_HOSTILE>";
}  // namespace

TEST_CASE("exactly one leading component is dropped, whatever it is called") {
  CHECK(decided("package/a.js") == "a.js");
  CHECK(decided("package/lib/a.js") == "lib/a.js");
  CHECK(decided("odd-1.0.0/a.js") == "a.js");
  CHECK(decided("./package/a.js") == "package/a.js");
  CHECK(decided("../a.js") == "a.js");
  CHECK(decided("package") == "");
  CHECK(decided("package/") == "");
  CHECK(decided("package/.") == "");
  CHECK(decided("a.js") == "");
}

TEST_CASE("dots and empty components vanish") {
  CHECK(decided("package/./a.js") == "a.js");
  CHECK(decided("package//a.js") == "a.js");
  CHECK(decided("package/b//./c.js") == "b/c.js");
  CHECK(decided("package/d/") == "d");
}

TEST_CASE("T-TAR-01 what would leave the package is hostile") {
  for (const char* raw :
       {"package/../../evil", "package/..", "package/a/../../b", "package/a/..", "/tmp/evil",
        "//server/share/x", "/", "C:/x", "c:x", "package/C:/x", "package/c:x", "package//c:/x",
        "\\\\server\\share", "\\x", "package/\\x"}) {
    CAPTURE(raw);
    CHECK(decided(raw) == kHostile);
  }
  CHECK(decided(std::string_view("package/a\0b", 11)) == kHostile);
  CHECK(decided("package/...") == "...");
  CHECK(decided("package/a..") == "a..");
  CHECK(decided("package/docs/c:x") == "docs/c:x");
}

TEST_CASE("T-TAR-02 a backslash separates where it could do harm and is a character where not") {
  CHECK(decided("package/..\\..\\evil") == kHostile);
  CHECK(decided("package/a\\..\\..\\..\\evil") == kHostile);
  CHECK(decided("..\\..\\evil") == kHostile);
  CHECK(decided("package\\..\\..\\evil") == kHostile);
  CHECK(decided("package/a\\b.js") == "a\\b.js");
  CHECK(decided("package\\a.js") == "");
}

TEST_CASE("T-TAR-10 depth and length have limits") {
  std::string deep = "package";
  for (int i = 0; i < 64; ++i) deep += "/d";
  CHECK(decided(deep) == deep.substr(8));
  CHECK(decided(deep + "/d") == kHostile);
  std::string path;
  while (path.size() < 1024) path += std::string(99, 'x') + "/";
  path.resize(1024, 'y');
  CHECK(decided("package/" + path) == path);
  CHECK(decided("package/" + path + "y") == kHostile);
  CHECK(decided("package/" + std::string(255, 'x')) == std::string(255, 'x'));
  CHECK(decided("package/" + std::string(256, 'x')) == "<ARCHIVE_INVALID>");
}

TEST_CASE("T-TAR-12 names at the root that belong to hod are hostile, node_modules is not") {
  CHECK(decided("package/.hod/state") == kHostile);
  CHECK(decided("package/.hodrc") == kHostile);
  CHECK(decided("package/lib/.hodrc") == "lib/.hodrc");
  CHECK(decided("package/node_modules/b/index.js") == "node_modules/b/index.js");
  CHECK(decided("package/node_modules/.bin/x") == "node_modules/.bin/x");
}

TEST_CASE("invalid UTF-8 becomes replacement characters, other bytes stay") {
  CHECK(decided("package/caf\xe9.js") == "caf\xef\xbf\xbd.js");
  CHECK(decided("package/caf\xc3\xa9.js") == "caf\xc3\xa9.js");
  CHECK(decided("package/a\nb") == "a\nb");
}

TEST_CASE(
    "T-TAR-01 no text of any kind gives a path that leaves, and deciding twice changes nothing") {
  std::mt19937 random(1);
  const std::string_view parts[] = {
      "..", ".", "/", "//", "\\", "a", "C:", "package/", "\xff", ".hod", "x.js", "...", "~"};
  for (int round = 0; round < 50'000; ++round) {
    std::string raw;
    for (std::size_t i = random() % 9; i > 0; --i) raw += parts[random() % std::size(parts)];
    Result<std::string> path = path_in_package(raw, {});
    if (!path || path->empty()) continue;
    std::string whole = "/" + *path + "/";
    bool safe = path->front() != '/' && whole.find("/../") == std::string::npos &&
                whole.find("/./") == std::string::npos && whole.find("//") == std::string::npos &&
                path->find('\0') == std::string::npos;
    Result<std::string> again = path_in_package("package/" + *path, {});
    if (!safe || !again || *again != *path) {
      CAPTURE(raw);
      CAPTURE(*path);
      FAIL("an unsafe path was let through");
    }
  }
}
