// SPDX-License-Identifier: MIT
#include "resolver/warnings.h"

#include <doctest/doctest.h>

#include "resolver/test_world.h"

using namespace hod;
using namespace hod::resolver;

namespace {

// "text <- path", one a line.
std::string told(World& world) {
  std::string out;
  for (const Warning& warning : world.solve().warnings) {
    out += warning.text + " <-";
    for (const std::string& step : warning.path) out += " " + step;
    out += "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("a deprecated package that is used is told once, with the way to it") {
  World world("project: a *; b *\na 1.0.0: old *\nb 1.0.0: old *\nold 1.0.0 [deprecated]:");
  const std::string text = told(world);
  CHECK(text.find("old@1.0.0 is deprecated") == 0);
  CHECK(text.find("<- . a@1.0.0 old@1.0.0\n") != std::string::npos);
  CHECK(text.find('\n') == text.size() - 1);
}

TEST_CASE("a peer that is right only by an override is told") {
  World world(
      "project: host *; plug *\nhost 1.0.0:\nplug 1.0.0: peer host ^2\noverride host = 1.0.0");
  CHECK(told(world) ==
        "plug@1.0.0 wants host ^2 beside it; an override gives it host@1.0.0 <- . plug@1.0.0\n");
}

TEST_CASE("a version that its age holds back is told with the one that is taken") {
  World world("project: a *\na 1.0.0 [time 100]:\na 1.1.0 [time 900]:");
  world.policy.before = 500;
  CHECK(told(world) == "a@1.1.0 was published too recently; a@1.0.0 is taken <- .\n");
}

TEST_CASE("an optional dependency that cannot be had is told, and nothing of a sound project") {
  World dropped("project: a *\na 1.0.0: opt none *");
  CHECK(told(dropped) ==
        "the optional dependency none * of a@1.0.0 cannot be had and is left out <- . a@1.0.0\n");
  World sound("project: a *\na 1.0.0: b ^1\nb 1.0.0:");
  CHECK(told(sound).empty());
}
