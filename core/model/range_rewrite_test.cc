#include "core/model/range_rewrite.h"

#include <doctest/doctest.h>

using namespace hod;

TEST_CASE("build metadata is taken out wherever it stands") {
  CHECK(range_rewrite::without_builds("1.2.3+a.b >2+7") == "1.2.3 >2");
  CHECK(range_rewrite::without_builds("1+ +") == "1+ +");
}

TEST_CASE("hyphen ranges and blanks behind operators are rewritten, also in the middle of words") {
  struct Row {
    const char* text;
    const char* rewritten;
  };
  for (const Row& row :
       {Row{"1.2 - 3.4", ">=1.2.0 <3.5.0-0"}, Row{"1.2.3 - 2.0.0-b", ">=1.2.3 <=2.0.0-b"},
        Row{"* - 2", "<3.0.0-0"}, Row{"> 1 <= 2", ">1 <=2"}, Row{"~ 1 ^ 2", "~1 ^2"},
        Row{"~> 1", "~>1"}, Row{"> beta", "> beta"}, Row{"a> 1", "a>1"}, Row{"v = 1", "v = 1"},
        Row{"1.2.3-v = 1", "1.2.3-v =1"}}) {
    CAPTURE(row.text);
    CHECK(range_rewrite::rewritten(row.text, {}) == row.rewritten);
  }
  CHECK(range_rewrite::rewritten("1.2.3 - 2.3.4", {Loose::no, true}) == ">=1.2.3-0 <2.3.5-0");
}

TEST_CASE("the next number is printed as JavaScript does") {
  CHECK(range_rewrite::successor("41") == "42");
  CHECK(range_rewrite::successor("999999999999999999999") == "1e+21");
}
