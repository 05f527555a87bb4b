#include "fetcher/origin_health.h"

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::fetcher;
using namespace std::chrono_literals;

namespace {

const Origin kOrigin = must(Url::parse("https://registry.example/")).origin;
const Origin kOther = must(Url::parse("https://other.example/")).origin;

Error broken() { return Error(ErrorCode::network_failed, "no connection"); }

OriginHealth::Time at(std::chrono::milliseconds time) { return OriginHealth::Time(1h + time); }

}  // namespace

TEST_CASE("an origin that never answered is down after one failure, for a while") {
  OriginHealth health;
  CHECK(health.down(kOrigin, at(0s)) == nullptr);
  CHECK(health.failed(kOrigin, at(0s), broken(), at(3s)));
  REQUIRE(health.down(kOrigin, at(3s)) != nullptr);
  CHECK(health.down(kOrigin, at(3s))->what() == "no connection");
  CHECK(health.down(kOther, at(3s)) == nullptr);
  CHECK(health.down(kOrigin, at(14s)) == nullptr);
}

TEST_CASE("a failure while others are answered says nothing about the origin") {
  OriginHealth health;
  health.answered(kOrigin, at(2s));
  CHECK_FALSE(health.failed(kOrigin, at(1s), broken(), at(3s)));
  CHECK_FALSE(health.failed(kOrigin, at(1s), broken(), at(3s)));
  CHECK(health.down(kOrigin, at(3s)) == nullptr);
}

TEST_CASE("an origin that answered before is down after two failures, until it answers") {
  OriginHealth health;
  health.answered(kOrigin, at(1s));
  CHECK_FALSE(health.failed(kOrigin, at(2s), broken(), at(4s)));
  CHECK(health.failed(kOrigin, at(2s), broken(), at(4s)));
  CHECK(health.down(kOrigin, at(5s)) != nullptr);
  health.answered(kOrigin, at(5s));
  CHECK(health.down(kOrigin, at(5s)) == nullptr);
}
