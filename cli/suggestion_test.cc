// SPDX-License-Identifier: MIT
#include "cli/suggestion.h"

#include <doctest/doctest.h>

using namespace hod::cli;

TEST_CASE("near words are offered, nearest first, far ones not at all") {
  std::vector<std::string> names = {"express", "expresso", "lodash", "exprses", "koa"};
  CHECK(nearest_words("exprss", names) ==
        std::vector<std::string>{"express", "exprses", "expresso"});
  CHECK(nearest_words("ladosh", names) == std::vector<std::string>{"lodash"});
  CHECK(nearest_words("zzz", names).empty());
  CHECK(nearest_words("", names).empty());
  CHECK(nearest_words("exprss", names, 1).size() == 1);
}
