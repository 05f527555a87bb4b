// SPDX-License-Identifier: MIT
// Set `validate-npm-package-name`: the two verdicts on a name. The texts beside them are ours.
#include "core/model/package_name.h"
#include "tests/conformance/all_sets.h"

namespace hod::conformance {

namespace {

Json verdict_json(const Json& fresh, const Json& old) {
  Json verdict = Json::object();
  verdict.set("validForNewPackages", fresh);
  verdict.set("validForOldPackages", old);
  return verdict;
}

}  // namespace

Outcome run_validate_npm_package_name_row(const Row& row) {
  const Json* expected = row.data.find("expected");
  const Json* fresh = expected ? expected->find("validForNewPackages") : nullptr;
  const Json* old = expected ? expected->find("validForOldPackages") : nullptr;
  if (!fresh || !old) return {Outcome::Kind::failed, "the row expects no verdict"};

  // What is no text is no name.
  const NameVerdict verdict =
      row.arg(0).is_string() ? validate_package_name(row.arg(0).as_string()) : NameVerdict();
  const Json actual =
      verdict_json(Json::boolean(verdict.valid_for_new), Json::boolean(verdict.valid_for_old));
  const bool passed = same_value(actual, verdict_json(*fresh, *old));
  return {passed ? Outcome::Kind::passed : Outcome::Kind::failed, actual.dump()};
}

}  // namespace hod::conformance
