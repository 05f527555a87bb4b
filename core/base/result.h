// Result<T>: a value or an Error. hod's own code throws nothing; the one wrapper file of a library
// that throws turns its exceptions into Results. Never call .value() (it throws).
#pragma once

#include <utility>

#include <tl/expected.hpp>

#include "core/base/assert.h"
#include "core/base/error.h"

namespace hod {

// tl::expected itself is not [[nodiscard]]; this is, so that a forgotten error is a warning.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

// For places where a failure is a fault of our own, and for tests.
template <class T>
T must(Result<T> result) {
  HOD_ASSERT(result.has_value());
  return std::move(*result);
}
inline void must(Result<void> result) { HOD_ASSERT(result.has_value()); }

inline tl::unexpected<Error> failure(Error error) {
  return tl::unexpected<Error>(std::move(error));
}
inline tl::unexpected<Error> failure(ErrorCode code, std::string what) {
  return tl::unexpected<Error>(Error(code, std::move(what)));
}

}  // namespace hod

#define HOD_CONCAT_(a, b) a##b
#define HOD_CONCAT(a, b) HOD_CONCAT_(a, b)

// HOD_TRY(auto text, read_file(path)): the value, or return the error from this function.
// Two statements, and not a GNU statement expression: works everywhere and g++ 12 stays calm.
#define HOD_TRY(target, expression) HOD_TRY_(HOD_CONCAT(result_, __COUNTER__), target, expression)
#define HOD_TRY_(result, target, expression)                       \
  auto result = (expression);                                      \
  if (!result) return ::tl::unexpected(std::move(result).error()); \
  target = std::move(*result)

// The same for Result<void>.
#define HOD_CHECK(expression) HOD_CHECK_(HOD_CONCAT(result_, __COUNTER__), expression)
#define HOD_CHECK_(result, expression) \
  if (auto result = (expression); !result) return ::tl::unexpected(std::move(result).error())
