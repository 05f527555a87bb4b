// SPDX-License-Identifier: MIT
#include "cache/patch_parse.h"

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::cache;

namespace {

// "modify lib/x", "rename a b +x", … of each change; or the error's text.
std::string summary(std::string_view text) {
  const auto changes = parse_patch(text, "p.patch");
  if (!changes) return changes.error().where() + " " + std::string(changes.error().what());
  std::string out;
  for (const FileChange& change : *changes) {
    constexpr const char* kKinds[] = {"modify", "create", "remove", "rename", "copy"};
    out += kKinds[static_cast<std::size_t>(change.kind)];
    out += " " + change.old_path;
    if (change.new_path != change.old_path) out += " " + change.new_path;
    if (change.executable) out += *change.executable ? " +x" : " -x";
    for (const PatchHunk& hunk : change.hunks) out += " @" + std::to_string(hunk.lines.size());
    out += "\n";
  }
  return out;
}

const std::string kHunk = "@@ -1,2 +1,2 @@ function x() {\n a\n-b\n+c\n";

std::string change_of(const std::string& before, const std::string& after) {
  return "--- " + before + "\n+++ " + after + "\n" + kHunk;
}

void check_refused(const std::string& text, const char* part) {
  CAPTURE(text);
  const auto changes = parse_patch(text, "p.patch");
  REQUIRE_FALSE(changes);
  CHECK(changes.error().code() == ErrorCode::patch_invalid);
  CAPTURE(changes.error().what());
  CHECK(std::string(changes.error().what()).find(part) != std::string::npos);
}

}  // namespace

TEST_CASE("git's extended headers: changed, new, deleted, renamed, copied files and modes") {
  CHECK(summary("diff --git a/lib/x.js b/lib/x.js\nindex 12..34 100644\n" +
                change_of("a/lib/x.js", "b/lib/x.js")) == "modify lib/x.js @3\n");
  CHECK(summary("diff --git a/n b/n\nnew file mode 100755\nindex 0..1\n--- /dev/null\n+++ b/n\n"
                "@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n") == "create n +x @1\n");
  CHECK(summary("diff --git a/empty b/empty\nnew file mode 100644\nindex 0..e69de29\n") ==
        "create empty -x\n");
  CHECK(summary("diff --git a/d b/d\ndeleted file mode 100644\n--- a/d\n+++ /dev/null\n"
                "@@ -1 +0,0 @@\n-x\n") == "remove d -x @1\n");
  CHECK(summary("diff --git a/x b/y z\nsimilarity index 100%\nrename from x\nrename to y z\n") ==
        "rename x y z\n");
  CHECK(summary("diff --git a/x b/y\ncopy from x\ncopy to y\n" + change_of("a/x", "b/y")) ==
        "copy x y @3\n");
  CHECK(summary("diff --git a/bin b/bin\nold mode 100644\nnew mode 100755\n") == "modify bin +x\n");
}

TEST_CASE("plain diffs, several files, prose around them and times behind names") {
  CHECK(summary("A mail\nSubject: [PATCH] x\n---\n 1 file changed\n\n" +
                change_of("a/x\t2020-01-01", "b/x\t2020-01-02") + change_of("a/y", "b/y") +
                "-- \n2.39.5\n\n") == "modify x @3\nmodify y @3\n");
  CHECK(summary("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n@@ -9 +9 @@\n-c\n+d\n") ==
        "modify x @2 @2\n");
}

TEST_CASE("quoted names are git's: octal bytes and escapes") {
  CHECK(summary(change_of("\"a/\\303\\244 \\\"q\\\".js\"", "\"b/\\303\\244 \\\"q\\\".js\"")) ==
        "modify \xC3\xA4 \"q\".js @3\n");
  CHECK(summary("diff --git \"a/t\\tx\" \"b/t\\tx\"\nnew file mode 100644\n") ==
        "create t\tx -x\n");
  check_refused(change_of("\"a/x", "b/x"), "quoted");
  check_refused(change_of("\"a/\\9\"", "b/x"), "quoted");
}

TEST_CASE("a removed line that looks like a header is a removed line") {
  CHECK(summary("--- a/x\n+++ b/x\n@@ -1,2 +1,1 @@\n--- a/y\n a\n") == "modify x @2\n");
}

TEST_CASE("T-LINK-07 paths that are not plainly inside the package are refused") {
  for (const char* path :
       {"b/../../x", "b/../x", "b/a/../../x", "/etc/passwd", "b//etc/passwd", "b/./x", "b/",
        "b/a//x", "b/..\\..\\x", "b/a/..", "x", "b/C:/x", "b/.hod/state", "b/.hodx"}) {
    CAPTURE(path);
    const std::string text(path);
    check_refused(change_of(text, text), "");
    check_refused("--- /dev/null\n+++ " + text + "\n@@ -0,0 +1 @@\n+x\n", "");
    check_refused("--- " + text + "\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n", "");
  }
  check_refused("--- /dev/null\n+++ ../../x\n@@ -0,0 +1 @@\n+x\n", "`../x`");
  check_refused(change_of("\"a/\\056\\056/x\"", "\"b/\\056\\056/x\""), "`../x`");
  check_refused(change_of("\"a/x\\000y\"", "\"b/x\\000y\""), "no path inside");
}

TEST_CASE("T-LINK-07 renames and copies from or to outside are refused") {
  for (const char* words : {"rename", "copy"}) {
    for (const char* path : {"../x", "/etc/passwd", "a/../../x", ".hod/x", "", "./x"}) {
      CAPTURE(path);
      const std::string word(words);
      check_refused("diff --git a/x b/x\n" + word + " from x\n" + word + " to " + path + "\n", "");
      check_refused("diff --git a/x b/x\n" + word + " from " + path + "\n" + word + " to x\n", "");
    }
  }
  check_refused("diff --git a/x b/y\nrename from x\nrename to y\n" + change_of("a/x", "b/../y"),
                "contradict");
  check_refused(change_of("a/x", "b/y"), "without `rename from`");
}

TEST_CASE("T-LINK-07 symbolic links, submodules, devices and binary changes are refused") {
  check_refused(
      "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n"
      "@@ -0,0 +1 @@\n+/etc\n\\ No newline at end of file\n",
      "symbolic link");
  check_refused("diff --git a/l b/l\nold mode 100644\nnew mode 120000\n", "symbolic link");
  check_refused("diff --git a/l b/l\nindex 1..2 120000\n" + change_of("a/l", "b/l"), "symbolic");
  check_refused("diff --git a/l b/l\ndeleted file mode 120000\n", "symbolic link");
  check_refused("diff --git a/m b/m\nnew file mode 160000\n", "160000");
  check_refused("diff --git a/m b/m\nnew file mode 104755\n", "104755");
  check_refused("diff --git a/b b/b\nindex 1..2 100644\nGIT binary patch\nliteral 1\n", "binary");
  check_refused("diff --git a/b b/b\nindex 1..2\nBinary files a/b and b/b differ\n", "binary");
}

TEST_CASE("what cannot be understood is an error with its line") {
  check_refused("", "no change");
  check_refused("nothing to see\n", "no change");
  check_refused("--- a/x\n", "`+++` is missing");
  check_refused(kHunk, "a hunk without");
  for (const char* head :
       {"@@ -1 +1\n", "@@ -a +1 @@\n", "@@ -1, +1 @@\n", "@@ -99999999999999999999999 +1 @@\n"}) {
    check_refused("--- a/x\n+++ b/x\n" + std::string(head) + "-a\n+b\n", "the head of a hunk");
  }
  check_refused("--- a/x\n+++ b/x\n@@ -1,2 +1,1 @@\n-a\n", "ends within");
  check_refused("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n+c\n", "belongs to no hunk");
  check_refused("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n-b\n", "more lines than");
  check_refused("--- a/x\n+++ b/x\n@@ -1 +1 @@\n\\ No newline\n", "belongs to no hunk");
  check_refused("diff --git a/x b/y\nindex 1..2\n", "name no file");
  check_refused("--- /dev/null\n+++ /dev/null\n@@ -0,0 +1 @@\n+x\n", "makes and removes");
  CHECK(summary("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n?b\n").find("p.patch:5 ") == 0);
}

TEST_CASE("line ends of the patch file count neither for its hash nor for what it does") {
  const std::string plain = change_of("a/x", "b/x");
  std::string windows;
  for (const char c : plain) windows += c == '\n' ? "\r\n" : std::string(1, c);
  CHECK(patch_hash(plain) == patch_hash(windows));
  CHECK(patch_hash(plain) != patch_hash(plain + "\n"));
  CHECK(summary(plain) == summary(windows));
  CHECK(patch_hash("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
