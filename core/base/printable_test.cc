#include "core/base/printable.h"

#include <doctest/doctest.h>

using namespace hod;

TEST_CASE("T-CLI-01 text from outside cannot steer the terminal") {
  struct Row {
    const char* in;
    const char* out;
  };
  for (const Row& row :
       {Row{"plain \xC3\xA9 text", "plain \xC3\xA9 text"},
        Row{"a\x1B[31mred", "a\xEF\xBF\xBD[31mred"},
        Row{"a\xC2\x9B"
            "1m",
            "a\xEF\xBF\xBD"
            "1m"},
        Row{"x\xE2\x80\xAEy", "x\xEF\xBF\xBDy"}, Row{"bad\xFFutf", "bad\xEF\xBF\xBDutf"},
        Row{"a\r\nb",
            "a\xEF\xBF\xBD\xEF\xBF\xBD"
            "b"}}) {
    CHECK(printable(row.in) == row.out);
  }
  CHECK(printable_lines("a\nb\x07") == "a\nb\xEF\xBF\xBD");
}
