// SPDX-License-Identifier: MIT
#include "resolver/repair.h"

#include <doctest/doctest.h>

#include "resolver/test_world.h"

using namespace hod;
using namespace hod::resolver;

namespace {

std::string ways_out(World& world) {
  world.solve();
  std::string out;
  if (!world.conflict) return "no conflict";
  for (const Repair& repair : world.conflict->repairs) out += repair.command + "\n";
  return out;
}

}  // namespace

TEST_CASE("ways out are solved, smallest first, and none is told twice") {
  World world(
      "project: host ^1.0.0; plug ^2\nhost 1.0.0:\nhost 2.0.0:\nplug 1.0.0: peer host ^1\n"
      "plug 2.0.0: peer host ^2\nplug 2.1.0: peer host ^2");
  CHECK(ways_out(world) ==
        "hod add plug@1\nhod add host@2\nhod pkg set overrides.plug.host=^1.0.0\n");
}

TEST_CASE("what does not help is no way out") {
  World world(
      "project: host ^1; one *; two *\nhost 1.0.0:\nhost 2.0.0:\nhost 3.0.0:\n"
      "one 1.0.0: peer host ^2\ntwo 1.0.0: peer host ^3");
  CHECK(ways_out(world).find("hod add host") == std::string::npos);
}

TEST_CASE("an override that is in the way can be taken away") {
  World world("project: a *\na 1.0.0: s ^1\ns 1.0.0:\noverride s = 9.9.9");
  CHECK(ways_out(world).find("hod add") == std::string::npos);
}
