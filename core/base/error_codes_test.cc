// SPDX-License-Identifier: MIT
#include "core/base/error_codes.h"

#include <set>
#include <string>

#include <doctest/doctest.h>

namespace hod {

TEST_CASE("each error code has a name of its own, in capitals") {
  std::set<std::string_view> names;
  for (const ErrorCode code : all_error_codes()) {
    const std::string_view name = error_name(code);
    CAPTURE(std::string(name));
    CHECK_FALSE(name.empty());
    CHECK(name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
          std::string_view::npos);
    CHECK(names.insert(name).second);
  }
}

TEST_CASE("exit codes are those that the documentation has, and no error ends with success") {
  const std::set<int> known = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 130};
  for (const ErrorCode code : all_error_codes()) {
    CAPTURE(std::string(error_name(code)));
    CHECK(known.contains(exit_code(code)));
  }
}

TEST_CASE("names and exit codes of the rows stay with their codes") {
  struct Row {
    ErrorCode code;
    std::string_view name;
    int exit;
  };
  for (const Row& row : {Row{ErrorCode::internal, "INTERNAL", 1}, Row{ErrorCode::usage, "USAGE", 2},
                         Row{ErrorCode::package_not_found, "PACKAGE_NOT_FOUND", 4},
                         Row{ErrorCode::integrity_mismatch, "INTEGRITY_MISMATCH", 5},
                         Row{ErrorCode::network_failed, "NETWORK_FAILED", 6}}) {
    CHECK(error_name(row.code) == row.name);
    CHECK(exit_code(row.code) == row.exit);
  }
}

}  // namespace hod
