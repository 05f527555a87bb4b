// SPDX-License-Identifier: MIT
#include "cache/patch_apply.h"

#include <chrono>

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::cache;

namespace {

// The outcome, or "line: why".
std::string applied(const std::string& text, const std::string& hunks) {
  const auto changes = parse_patch("--- a/x\n+++ b/x\n" + hunks, "p");
  if (!changes) return "patch: " + std::string(changes.error().what());
  const PatchedText out = apply_hunks(text, changes->front().hunks);
  if (out.failed) return std::to_string(out.failed->text_line) + ": " + out.failed->why;
  return out.text;
}

std::string numbers(int from, int to, const char* end = "\n") {
  std::string text;
  for (int i = from; i <= to; ++i) text += std::to_string(i) + end;
  return text;
}

const std::string kMissing = "3: its lines are not in the file";

}  // namespace

TEST_CASE("a hunk replaces its lines, and only those") {
  CHECK(applied(numbers(1, 9), "@@ -4,3 +4,4 @@\n 4\n-5\n+five\n+and a half\n 6\n") ==
        numbers(1, 4) + "five\nand a half\n" + numbers(6, 9));
  CHECK(applied(numbers(1, 3), "@@ -1,3 +1,3 @@\n-1\n+one\n 2\n 3\n") == "one\n2\n3\n");
  CHECK(applied("", "@@ -0,0 +1,2 @@\n+a\n+b\n") == "a\nb\n");
  CHECK(applied("a\nb\n", "@@ -1,2 +0,0 @@\n-a\n-b\n") == "");
}

TEST_CASE("a hunk may stand on other lines than it says, and those behind it with it") {
  const std::string hunks = "@@ -4,3 +4,3 @@\n 4\n-5\n+five\n 6\n@@ -8,2 +8,1 @@\n-8\n 9\n";
  CHECK(applied(numbers(1, 9), hunks) == numbers(1, 4) + "five\n6\n7\n9\n");
  CHECK(applied("new\nlines\n" + numbers(1, 9), hunks) ==
        "new\nlines\n" + numbers(1, 4) + "five\n6\n7\n9\n");
  CHECK(applied(numbers(3, 9), hunks) == "3\n4\nfive\n6\n7\n9\n");
  // The nearest of several places.
  CHECK(applied("x\na\nb\nx\na\nb\nx\na\nb\n", "@@ -5,2 +5,2 @@\n-a\n+c\n b\n") ==
        "x\na\nb\nx\nc\nb\nx\na\nb\n");
}

TEST_CASE("context must be there to the letter") {
  CHECK(applied(numbers(1, 9), "@@ -4,3 +4,3 @@\n 4\n-5\n+five\n 7\n") == kMissing);
  CHECK(applied("a\n b\n", "@@ -1,2 +1,2 @@\n a\n-b\n+c\n") == kMissing);
  CHECK(applied("a \nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n+c\n") == kMissing);
  CHECK(applied("", "@@ -1 +1 @@\n-a\n+b\n") == kMissing);
  CHECK(applied("a\nb\n", "@@ -1,0 +2 @@\n+c\n") == "3: it has no line of the file to stand at");
  // The second hunk would have to stand before the first.
  CHECK(applied(numbers(1, 9), "@@ -7,2 +7,2 @@\n 7\n-8\n+x\n@@ -2,3 +2,3 @@\n 2\n-3\n+y\n 4\n") ==
        kMissing);
}

TEST_CASE("a hunk of the first line or without lines behind it stays at the edge, as in git") {
  CHECK(applied("0\n1\n2\n", "@@ -1,2 +1,2 @@\n-1\n+one\n 2\n") == kMissing);
  CHECK(applied("1\n2\n3\n", "@@ -1,2 +1,3 @@\n 1\n 2\n+end\n") == kMissing);
  CHECK(applied("0\n1\n2\n", "@@ -2,2 +2,3 @@\n 1\n 2\n+end\n") == "0\n1\n2\nend\n");
}

TEST_CASE("no newline at the end of the file") {
  const std::string mark = "\\ No newline at end of file\n";
  CHECK(applied("a\nb", "@@ -1,2 +1,2 @@\n a\n-b\n" + mark + "+c\n" + mark) == "a\nc");
  CHECK(applied("a\nb", "@@ -1,2 +1,2 @@\n a\n-b\n" + mark + "+b\n") == "a\nb\n");
  CHECK(applied("a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n+b\n" + mark) == "a\nb");
  CHECK(applied("a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n" + mark + "+c\n") == kMissing);
  CHECK(applied("a\nb", "@@ -1,2 +1,2 @@\n a\n-b\n+c\n") == kMissing);
  CHECK(applied("a\nb\nc\n", "@@ -1,2 +1,2 @@\n-a\n+x\n" + mark + " b\n")
            .find("behind one that has no line end") != std::string::npos);
}

TEST_CASE("files with CRLF keep it, whatever line ends the patch has") {
  const std::string hunk = "@@ -1,3 +1,4 @@\n 1\n-2\n+two\n+more\n 3\n";
  CHECK(applied(numbers(1, 3, "\r\n"), hunk) == "1\r\ntwo\r\nmore\r\n3\r\n");
  CHECK(applied("1\r\n2\n3\r\n", hunk) == "1\r\ntwo\nmore\n3\r\n");
  CHECK(applied("1\r\n2\r", "@@ -1,2 +1,2 @@\n 1\n-2\n\\ No newline\n+3\n") == "1\r\n3\r\n");
  std::string windows;
  for (const char c : hunk) windows += c == '\n' ? "\r\n" : std::string(1, c);
  CHECK(applied(numbers(1, 3), windows) == "1\ntwo\nmore\n3\n");
  CHECK(applied(numbers(1, 3, "\r\n"), windows) == "1\r\ntwo\r\nmore\r\n3\r\n");
}

TEST_CASE("a search that would never end ends") {
  std::string text, hunk;
  for (int i = 0; i < 40'000; ++i) text += "x\n";
  for (int i = 0; i < 20'000; ++i) hunk += " x\n";
  const auto start = std::chrono::steady_clock::now();
  CHECK(applied(text, "@@ -5,20002 +5,20002 @@\n" + hunk + "-y\n+z\n x\n") ==
        "3: it takes too long to find its place");
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}
