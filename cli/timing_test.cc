// SPDX-License-Identifier: MIT
#include "cli/timing.h"

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::cli;

TEST_CASE("a phase that ran has a row, with what was counted for it") {
  Timing timing;
  { PhaseScope scope(timing, Phase::link); }
  timing.add_operations(Phase::link, 12);
  timing.add_bytes(Phase::link, 3000);
  Json document = timing.document();
  REQUIRE(document.find("phases")->elements().size() == 1);
  const Json& row = document.find("phases")->elements().front();
  CHECK(*row.find_string("phase") == "link");
  CHECK(row.find("operations")->as_number() == 12);
  CHECK(row.find("bytes")->as_number() == 3000);
  CHECK(row.find("peakBytes")->as_number() > 0);
  CHECK(timing.text().find("link") != std::string::npos);
  CHECK(timing.text().find("fetch") == std::string::npos);
}

TEST_CASE("a phase may run several times, and stopping one that does not run is fine") {
  Timing timing;
  timing.stop(Phase::fetch);
  timing.start(Phase::fetch);
  timing.start(Phase::fetch);
  timing.stop(Phase::fetch);
  timing.start(Phase::fetch);
  timing.stop(Phase::fetch);
  CHECK(timing.document().find("phases")->elements().size() == 1);
}

TEST_CASE("what was counted for the phases is summed up") {
  Timing timing;
  for (Phase phase : {Phase::fetch, Phase::link}) {
    PhaseScope scope(timing, phase);
    timing.add_operations(phase, 10);
    timing.add_bytes(phase, 1000);
  }
  Json document = timing.document();
  CHECK(document.find("operations")->as_number() == 20);
  CHECK(document.find("bytes")->as_number() == 2000);
  CHECK(document.find("wallMs") != nullptr);
  CHECK(document.find("cpuMs") != nullptr);
}
