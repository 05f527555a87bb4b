// SPDX-License-Identifier: MIT
#include "cli/well_known_names.h"

#include <doctest/doctest.h>

using hod::cli::well_known_near;

TEST_CASE("T-RES-11: one slip away from a well-known name is told with that name") {
  for (const char* slip : {"expres", "expresss", "exprses", "exqress"}) {
    CAPTURE(slip);
    CHECK(well_known_near(slip) == "express");
  }
  CHECK(well_known_near("lodahs") == "lodash");
  CHECK(well_known_near("@types/nod") == "@types/node");
}

TEST_CASE("well-known names, far ones and short ones are no slips") {
  for (const char* name : {"express", "react", "preact", "mysql2", "my-own-package", "exp", "jes",
                           "nuxt", "@company/express"}) {
    CAPTURE(name);
    CHECK(well_known_near(name) == "");
  }
}
