// SPDX-License-Identifier: MIT
#include "cli/conflict_document.h"

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::cli;

TEST_CASE("a conflict's document holds its reasons, its conclusion and its ways out") {
  resolver::Conflict conflict;
  conflict.causes.push_back(
      {resolver::Cause::Kind::peer, "plug@2.0.0", "host", "^2.0.0", "a note"});
  conflict.sentences = {"1. plug 2.0.0 needs host ^2.0.0 beside it", "so that cannot be."};
  conflict.repairs.push_back({"hod add host@2", "takes host 2.0.0"});
  CHECK(conflict_document(conflict).dump() ==
        R"({"reasons":[{"kind":"peer","who":"plug@2.0.0","dependency":"host","range":"^2.0.0",)"
        R"("note":"a note","text":"1. plug 2.0.0 needs host ^2.0.0 beside it"}],)"
        R"("conclusion":"so that cannot be.",)"
        R"("waysOut":[{"command":"hod add host@2","explanation":"takes host 2.0.0"}]})");
  CHECK(conflict_document({}).dump() == R"({"reasons":[],"conclusion":"","waysOut":[]})");
}
