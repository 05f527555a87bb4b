// SPDX-License-Identifier: MIT
// What a stage of the install pipeline gives back: a value, or every failure it met (several
// packages may fail at once, and all are named; the first one decides the exit code).
#pragma once

#include <utility>
#include <vector>

#include "core/base/result.h"

namespace hod::cli {

using Errors = std::vector<Error>;  // never empty where it stands for a failure

template <class T>
class [[nodiscard]] StageResult : public tl::expected<T, Errors> {
 public:
  using tl::expected<T, Errors>::expected;
};

inline tl::unexpected<Errors> failed(Errors errors) {
  return tl::unexpected<Errors>(std::move(errors));
}
inline tl::unexpected<Errors> failed(Error error) {
  Errors errors;
  errors.push_back(std::move(error));
  return failed(std::move(errors));
}

}  // namespace hod::cli
