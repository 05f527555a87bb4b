// SPDX-License-Identifier: MIT
// What a record gives back is tested in package_metadata_test.cc; here, how it is made.
#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/model/package_metadata.h"

namespace hod {

namespace {

VersionFacts release(std::string version, std::string range = "^1") {
  VersionFacts facts;
  facts.version = std::move(version);
  facts.dependencies = {{"dep", std::move(range), DependencyKind::production},
                        {"host", "*", DependencyKind::peer}};
  facts.tarball = "https://registry.example/p/-/p-" + facts.version + ".tgz";
  facts.node_engine = ">=18";
  return facts;
}

std::vector<std::byte> record_of(const std::vector<VersionFacts>& versions) {
  PackageMetadataBuilder builder("p");
  for (const VersionFacts& facts : versions) builder.add_version(facts);
  builder.add_tag("latest", versions.front().version);
  return std::move(builder).build();
}

}  // namespace

TEST_CASE("the same facts in any order give the same bytes") {
  std::vector<VersionFacts> versions = {release("1.0.0"), release("1.1.0"), release("2.0.0", "^2"),
                                        release("2.0.0-rc.1", "^2")};
  const auto record = [&versions] {
    PackageMetadataBuilder builder("p");
    for (const VersionFacts& facts : versions) builder.add_version(facts);
    return std::move(builder).build();
  };
  const std::vector<std::byte> first = record();
  const auto by_text = [](const VersionFacts& a, const VersionFacts& b) {
    return a.version < b.version;
  };
  std::sort(versions.begin(), versions.end(), by_text);
  do {
    CHECK(record() == first);
  } while (std::next_permutation(versions.begin(), versions.end(), by_text));
}

TEST_CASE("versions are in the order of their precedence, whatever order they came in") {
  PackageMetadataBuilder builder("p");
  for (const char* version : {"10.0.0", "2.0.0", "2.0.0-rc.1", "1.9.0"}) {
    builder.add_version(release(version));
  }
  const PackageMetadata metadata = make_package_metadata(std::move(builder));
  REQUIRE(metadata.version_count() == 4);
  CHECK(metadata.version_text(0) == "1.9.0");
  CHECK(metadata.version_text(1) == "2.0.0-rc.1");
  CHECK(metadata.version_text(2) == "2.0.0");
  CHECK(metadata.version_text(3) == "10.0.0");
}

TEST_CASE("what is no version is dropped, and of one version's facts the last ones count") {
  PackageMetadataBuilder builder("p");
  builder.add_version(release("1.0.0", "^1"));
  builder.add_version(release("not-a-version"));
  builder.add_version(release(""));
  builder.add_version(release("1.0.0", "^7"));
  const PackageMetadata metadata = make_package_metadata(std::move(builder));
  REQUIRE(metadata.version_count() == 1);
  CHECK(metadata.facts(0) == release("1.0.0", "^7"));
}

TEST_CASE("a package without versions, and one without a name, are records too") {
  const PackageMetadata empty = make_package_metadata(PackageMetadataBuilder("p"));
  CHECK(empty.version_count() == 0);
  CHECK_FALSE(empty.tag("latest"));
  const PackageMetadata nameless = make_package_metadata(PackageMetadataBuilder(""));
  CHECK(nameless.name().empty());
}

TEST_CASE("versions that say the same take little more room than one") {
  std::vector<VersionFacts> same;
  std::vector<VersionFacts> different;
  for (int i = 0; i < 100; ++i) {
    const std::string version = "1." + std::to_string(i) + ".0";
    same.push_back(release(version));
    different.push_back(release(version, "^" + std::to_string(i) + ".0.0"));
  }
  const std::size_t one = record_of({same[0]}).size();
  CHECK(record_of(same).size() < one + 100 * 200);
  CHECK(record_of(same).size() + 100 * 16 < record_of(different).size());
}

}  // namespace hod
