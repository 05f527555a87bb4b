// SPDX-License-Identifier: MIT
#include "core/base/error_codes.h"

namespace hod {

namespace {
struct Row {
  std::string_view name;
  int exit;
};
constexpr Row kRows[] = {
#define HOD_ERROR_ROW(enumerator, name, exit) {name, exit},
    HOD_ERROR_CODES(HOD_ERROR_ROW)
#undef HOD_ERROR_ROW
};
}  // namespace

std::string_view error_name(ErrorCode code) { return kRows[static_cast<std::size_t>(code)].name; }

int exit_code(ErrorCode code) { return kRows[static_cast<std::size_t>(code)].exit; }

std::vector<ErrorCode> all_error_codes() {
  std::vector<ErrorCode> codes;
  for (std::size_t i = 0; i < std::size(kRows); ++i) codes.push_back(static_cast<ErrorCode>(i));
  return codes;
}

}  // namespace hod
