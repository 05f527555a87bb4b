// SPDX-License-Identifier: MIT
#include "cli/near_versions.h"

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::cli;

namespace {

PackageMetadata of(std::initializer_list<const char*> versions) {
  PackageMetadataBuilder builder("x");
  for (const char* version : versions) {
    VersionFacts facts;
    facts.version = version;
    builder.add_version(std::move(facts));
  }
  builder.add_tag("latest", *versions.begin());
  builder.add_tag("next", *versions.begin());
  return make_package_metadata(std::move(builder));
}

}  // namespace

TEST_CASE("two releases on each side of what was asked for are offered") {
  PackageMetadata metadata =
      of({"1.0.0", "1.1.0", "1.2.0", "2.0.0-beta.1", "2.0.0", "2.1.0", "3.0.0"});
  CHECK(near_versions(metadata, "^1.5.0") == "1.1.0, 1.2.0, 2.0.0, 2.1.0");
  CHECK(near_versions(metadata, "99") == "2.1.0, 3.0.0");
  CHECK(near_versions(metadata, "0.1.0") == "1.0.0, 1.1.0");
}

TEST_CASE("for a tag the newest releases and the tags are offered") {
  CHECK(near_versions(of({"1.0.0", "1.1.0", "1.2.0"}), "nxt") == "1.1.0, 1.2.0; tags: next");
  CHECK(near_versions(of({"1.0.0"}), "something") == "1.0.0; tags: latest, next");
}

TEST_CASE("prereleases are offered only when there is nothing else") {
  CHECK(near_versions(of({"1.0.0-rc.1", "1.0.0-rc.2"}), "^2.0.0") == "1.0.0-rc.1, 1.0.0-rc.2");
}
