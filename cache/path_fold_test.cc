// SPDX-License-Identifier: MIT
#include "cache/path_fold.h"

#include <doctest/doctest.h>

using hod::cache::folded_path;

TEST_CASE("T-TAR-07 names that differ in case or Unicode spelling only fold to the same text") {
  struct Row {
    const char* a;
    const char* b;
    bool same;
  };
  for (const Row& row :
       {Row{"README.md", "readme.MD", true}, Row{"caf\u00e9", "cafe\u0301", true},
        Row{"CAF\u00c9", "cafe\u0301", true}, Row{"stra\u00dfe", "STRASSE", true},
        Row{"\u0416", "\u0436", true}, Row{"\u03a9", "\u03c9", true}, Row{"\u0401", "\u0451", true},
        Row{"\u00d7", "\u00f7", false}, Row{"a", "b", false}, Row{"a/b", "a-b", false},
        Row{"\U0001f600", "\U0001f601", false}}) {
    CAPTURE(row.a);
    CAPTURE(row.b);
    CHECK((folded_path(row.a) == folded_path(row.b)) == row.same);
    CHECK((folded_path(row.b) == folded_path(row.a)) == row.same);
  }
}
