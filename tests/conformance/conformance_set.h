// One subject of conformance data ("semver", "ini" …): how a row of its files is run and judged.
//
// A data file is a JSON array of rows, or a single row (an object). A row has `op`, `args`, maybe
// `options`, and `expected` or `throws` (true, or the error's name); sets whose data looks
// different read what they need themselves.
//
// To add a set: write tests/conformance/<name>_set.cc with one function `Outcome
// run_<name>_row(const Row&)`, declare it in all_sets.h, and add a line to the table in all_sets.cc
// and to CMakeLists.txt.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/json.h"

namespace hod::conformance {

struct Row {
  const Json& data;
  const std::string& file;  // where it came from; what it names (archives) lies beside it

  // The parts of a usual row; absent ones are null.
  std::string_view op() const;
  const Json& arg(std::size_t index) const;
  const Json& option(std::string_view name) const;
  bool is_set(std::string_view option_name) const { return option(option_name).as_boolean(); }
};

struct Outcome {
  enum class Kind : std::uint8_t { passed, failed, skipped };
  Kind kind = Kind::failed;
  std::string got;  // what came out, for the report
};

// The usual verdict. `actual`: the value, or nothing where the real package would throw.
Outcome judge(const Row& row, const std::optional<Json>& actual);
// The same for rows a README calls optional: a difference counts as skipped.
Outcome judge_optional(const Row& row, const std::optional<Json>& actual);
// The row cannot be run here (an archive is missing, an operation hod does not have).
Outcome not_run(std::string why);

// Equal as values: the order of members does not count.
bool same_value(const Json& a, const Json& b);

using RunRow = Outcome (*)(const Row& row);
struct Set {
  std::string_view name;
  RunRow run;
  // Sets with options of their own: how many of the arguments, which begin with one, they take (0:
  // not theirs).
  std::size_t (*take_option)(std::span<char* const> arguments) = nullptr;
  void (*print_summary)() = nullptr;  // before the last line
};
std::span<const Set> all_sets();

}  // namespace hod::conformance
