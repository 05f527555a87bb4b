#include "core/model/range_parse.h"

#include <doctest/doctest.h>

using namespace hod;

TEST_CASE("rows of blanks of any kind become one") {
  CHECK(range_parse::collapsed(" \t1.2\xC2\xA0\n 3 ") == "1.2 3");
}

TEST_CASE("alternatives keep their text, impossible ones go where others remain") {
  const auto alternatives = must(range_parse::parse_alternatives("<0.0.0-0 || 1.2.3+b ||2", {}));
  REQUIRE(alternatives.size() == 2);
  CHECK(alternatives[0].text == "1.2.3");
  CHECK(alternatives[1].comparators.size() == 2);
  CHECK(must(range_parse::parse_alternatives("<0.0.0-0 || <0.0.0-0", {})).size() == 1);
}
