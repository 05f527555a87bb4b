// SPDX-License-Identifier: MIT
#include "resolver/source_location.h"

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::resolver;

TEST_CASE("git addresses carry what selects the commit") {
  const auto location = [](const char* text) {
    return source_of(must(Specifier::parse(text)), ".").location;
  };
  CHECK(location("git+https://git.example/a.git#main").ends_with("#main"));
  CHECK(location("git+https://git.example/a.git#semver:^1") ==
        "git+https://git.example/a.git#semver:^1");
  CHECK(source_of(must(Specifier::parse("file:../x")), "packages/a").location == "packages/x");
  CHECK(source_of(must(Specifier::parse("link:./x")), ".").kind == PackageSource::Kind::link);
}
