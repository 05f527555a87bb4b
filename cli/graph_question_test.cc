// SPDX-License-Identifier: MIT
#include "cli/graph_question.h"

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::cli;

namespace {

PackageMetadata three_versions(bool with_times) {
  PackageMetadataBuilder builder("aged");
  builder.set_modified(3000);
  builder.set_has_publish_times(with_times);
  for (const auto& [version, time] : std::map<std::string, std::int64_t>{
           {"1.0.0", 1000}, {"1.1.0", 2000}, {"2.0.0-rc.1", 3000}}) {
    VersionFacts facts;
    facts.version = version;
    facts.published = with_times ? time : 0;
    builder.add_version(std::move(facts));
  }
  builder.add_tag("latest", "1.1.0");
  return make_package_metadata(std::move(builder));
}

std::string picked(const PackageMetadata& metadata, const char* range, const AgeGate* gate) {
  auto index = pick(metadata, must(Range::parse(range)), gate);
  return index ? std::string(metadata.version_text(*index)) : "none";
}

}  // namespace

TEST_CASE(
    "what an install would take: the tag latest, else the highest release that is old enough") {
  PackageMetadata metadata = three_versions(true);
  CHECK(picked(metadata, "*", nullptr) == "1.1.0");
  CHECK(picked(metadata, "1.0.x", nullptr) == "1.0.0");
  CHECK(picked(metadata, ">=2.0.0-0", nullptr) == "2.0.0-rc.1");
  CHECK(picked(metadata, "^3", nullptr) == "none");
  AgeGate gate{1500, {}, 5000};
  CHECK(picked(metadata, "*", &gate) == "1.0.0");
  gate.exempt = {"aged"};
  CHECK(picked(metadata, "*", &gate) == "1.1.0");
}

TEST_CASE("T-RES-10: without publish times, the document's own time decides") {
  PackageMetadata metadata = three_versions(false);
  CHECK((AgeGate{2999, {}, 5000}.holds_back(metadata, 0)));
  CHECK_FALSE((AgeGate{3000, {}, 5000}.holds_back(metadata, 0)));
  CHECK_FALSE((AgeGate{0, {}, 5000}.holds_back(metadata, 0)));
  CHECK((AgeGate{2999, {}, 5000}.wait(metadata, 0)) == "");
  CHECK((AgeGate{1000, {}, 5000}.wait(three_versions(true), 1)) == "17 min");
}

TEST_CASE("ages are told in the unit that fits") {
  CHECK(readable_age(5) == "1 min");
  CHECK(readable_age(720) == "12 min");
  CHECK(readable_age(6 * 3600) == "6 h");
  CHECK(readable_age(4 * 86400) == "4 d");
  CHECK(readable_age(3 * 365 * 86400) == "3 y");
}
