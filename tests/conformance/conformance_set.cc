// SPDX-License-Identifier: MIT
// What all sets share: reading a row, judging a value.
#include "tests/conformance/conformance_set.h"

#include <algorithm>

namespace hod::conformance {

namespace {

const Json& null_value() {
  static const Json null;
  return null;
}

}  // namespace

std::string_view Row::op() const {
  const std::string* op = data.find_string("op");
  return op ? std::string_view(*op) : std::string_view();
}

const Json& Row::arg(std::size_t index) const {
  const Json* args = data.find("args");
  return args && index < args->elements().size() ? args->elements()[index] : null_value();
}

const Json& Row::option(std::string_view name) const {
  const Json* options = data.find("options");
  const Json* option = options ? options->find(name) : nullptr;
  return option ? *option : null_value();
}

bool same_value(const Json& a, const Json& b) {
  if (a.kind() != b.kind()) return false;
  if (a.is_array()) {
    return std::equal(a.elements().begin(), a.elements().end(), b.elements().begin(),
                      b.elements().end(), same_value);
  }
  if (!a.is_object()) return a == b;
  if (a.members().size() != b.members().size()) return false;
  return std::all_of(a.members().begin(), a.members().end(), [&](const Json::Member& member) {
    const Json* other = b.find(member.first);
    return other && same_value(member.second, *other);
  });
}

Outcome judge(const Row& row, const std::optional<Json>& actual) {
  const Json* throws = row.data.find("throws");
  const Json* expected = row.data.find("expected");
  const bool should_throw = throws && (throws->is_string() || throws->as_boolean());
  const bool passed =
      should_throw ? !actual : actual && same_value(*actual, expected ? *expected : null_value());
  return {passed ? Outcome::Kind::passed : Outcome::Kind::failed,
          actual ? actual->dump() : "throws"};
}

Outcome judge_optional(const Row& row, const std::optional<Json>& actual) {
  Outcome outcome = judge(row, actual);
  if (outcome.kind == Outcome::Kind::failed) outcome.kind = Outcome::Kind::skipped;
  return outcome;
}

Outcome not_run(std::string why) { return {Outcome::Kind::skipped, std::move(why)}; }

}  // namespace hod::conformance
