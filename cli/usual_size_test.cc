// SPDX-License-Identifier: MIT
#include "cli/usual_size.h"

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::cli;

TEST_CASE("what is large is known by name, by platform, and before all by what was said") {
  GraphPackage package;
  package.name = "is-odd";
  CHECK(usual_size(package) == 0);
  package.platform.os = {"linux"};
  CHECK(usual_size(package) == 0);
  package.platform.cpu = {"x64"};
  const std::uint64_t of_platform = usual_size(package);
  CHECK(of_platform > 0);
  package.name = "typescript";
  CHECK(usual_size(package) > of_platform);
  package.unpacked_size = 7;
  CHECK(usual_size(package) == 7);
}
